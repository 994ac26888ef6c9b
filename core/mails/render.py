"""Records to words: the Jinja2 templates of mails; HTML is escaped, text is as it is."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    pass_environment,
    select_autoescape,
)
from jinja2.filters import do_wordwrap

from core.domain.logos import LOGO_CID
from core.domain.units import kept_together
from core.mails.clean_text import one_line
from core.runtime.web_settings import OrganizationSettings

MOST_LINES: Final = 85
"""In the HTML of a list: Gmail cuts off at 102 KB, and a line is a good one. The text has all of them."""
_OWN: Final = "core.mails"
"""The package with the frame of every mail, and its pieces."""


@dataclass(frozen=True)
class Letterhead:
    """Name and logo of the organization in a mail."""

    name: str = ""
    """The organization's; "" where nobody has said."""
    has_logo: bool = False
    """Its logo is sent along."""


def letterhead(organization: OrganizationSettings) -> Letterhead:
    """Return what the settings say of it."""
    return Letterhead(organization.organization_name, has_logo=bool(organization.organization_logo))


@dataclass(frozen=True)
class Words:
    """A mail's two bodies."""

    text: str
    html: str


def render(
    template: str,
    *,
    letterhead: Letterhead,
    subject: str,
    preview: str = "",
    package: str = _OWN,
    **values: Any,
) -> Words:
    """Render the mail of that name: templates/NAME.txt.j2 and templates/NAME.html.j2 of a package."""
    values |= {"subject": subject, "preview": preview or subject, "most": MOST_LINES}
    values |= {"letterhead": letterhead, "logo": f"cid:{LOGO_CID}"}
    made = _environment(package)
    text = made.get_template(f"{template}.txt.j2").render(values)
    html = kept_together(made.get_template(f"{template}.html.j2").render(values))
    foot = f"\n\n{letterhead.name}\n" if letterhead.name else "\n"
    return Words(text.strip() + foot, html)


@pass_environment
def _wrapped(environment: Environment, text: str, width: int) -> str:
    """Return a text in lines of at most so many characters, a number and its unit in the same one."""
    return do_wordwrap(environment, kept_together(text), width).replace("\N{NO-BREAK SPACE}", " ")


@cache
def _environment(package: str) -> Environment:
    made = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in dict.fromkeys((package, _OWN))]),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters["short"] = one_line
    made.filters["wordwrap"] = _wrapped
    return made

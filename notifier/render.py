"""Records to words: the Jinja2 templates; HTML is escaped, text is as it is."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifier.channels.channel import LOGO_CID

MOST_LINES: Final = 85
"""In the HTML of a mail: Gmail cuts off at 102 KB, and a line is a good one. The text has all of them."""


@dataclass(frozen=True)
class Letterhead:
    """Name and logo of the organization in a mail."""

    name: str = ""
    """The organization's; "" where nobody has said."""
    has_logo: bool = False
    """Its logo is sent along."""


@dataclass(frozen=True)
class Words:
    """A mail's two bodies."""

    text: str
    html: str


def render(template: str, *, letterhead: Letterhead, subject: str, preview: str = "", **values: Any) -> Words:
    """Render the mail of that name: templates/NAME.txt.j2 and templates/NAME.html.j2."""
    values |= {"subject": subject, "preview": preview or subject, "most": MOST_LINES}
    values |= {"letterhead": letterhead, "logo": f"cid:{LOGO_CID}"}
    text = _environment().get_template(f"{template}.txt.j2").render(values)
    html = _environment().get_template(f"{template}.html.j2").render(values)
    foot = f"\n\n{letterhead.name}\n" if letterhead.name else "\n"
    return Words(text.strip() + foot, html)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifier"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )

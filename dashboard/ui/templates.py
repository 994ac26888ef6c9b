"""Records to HTML: the Jinja2 templates of pages, each in the folder `templates` beside what it draws.

Whatever a template prints is cleaned, cut to text.LONGEST and escaped; only what another template or a macro
has made is HTML already. A longer text says how long it may be: `{{ text | up_to(1000) }}`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.filters import do_mark_safe

from core.domain.units import day, day_and_time, kept_together, month, number
from core.domain.wording import word
from dashboard.ui.issue_parts import category, kind_look, priority_look, status_look
from dashboard.ui.text import clean
from dashboard.ui.wording import StateStyle, fixer_label, health_look, state_look

_DASHBOARD: Final = Path(__file__).parents[1]
_LONGEST_ADDRESS: Final = 2000
_UNBROKEN: Final = re.compile(r"[^\s-]{19}")
"""A browser breaks lines at blanks and hyphens."""


def render(template: str, **values: Any) -> str:
    """Return the HTML of a template with these values, each of them text.

    `fleet/table` is features/fleet/templates/table.html.j2; `ui/...` and `web/...` are in dashboard/ui and
    dashboard/web.
    """
    made = environment()
    compiled = made.get_template(f"{template}.html.j2")
    # `compiled.render` copies the globals each time, which costs more than most of our templates.
    context = compiled.new_context({**_pieces(), **values}, shared=True)
    try:
        return made.concat(compiled.root_render_func(context))
    except Exception:
        made.handle_exception()  # raises it again, with the template's line


@cache
def environment() -> Environment:
    """Return every template of the dashboard, each compiled once."""
    made = Environment(
        loader=PrefixLoader({name: FileSystemLoader(folder) for name, folder in template_folders().items()}),
        autoescape=True,
        finalize=_as_text,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    made.filters |= _FILTERS
    made.tests["unbroken"] = _is_unbroken
    return made


@cache
def _pieces() -> Mapping[str, Any]:
    """Return the macros of ui/pieces, which every template knows."""
    pieces = environment().get_template("ui/pieces.html.j2").module
    return {name: macro for name, macro in vars(pieces).items() if not name.startswith("_")}


def template_folders() -> dict[str, Path]:
    """Return the folders of templates by the first part of their names: `ui`, `web` and the features."""
    found = [_DASHBOARD / "ui", _DASHBOARD / "web", *sorted((_DASHBOARD / "features").iterdir())]
    return {folder.name: folder / "templates" for folder in found if (folder / "templates").is_dir()}


class _Cleaned(str):
    """A text that is clean and as long as it may be; it is escaped as any other."""

    __slots__ = ()


def _as_text(value: Any) -> Any:
    """Return a printed value as text: texts are cleaned, numbers keep their units, HTML stays as it is."""
    kind = type(value)
    if kind is str:
        return kept_together(clean(value))
    return value if kind in _PRINTED_AS_IS or hasattr(value, "__html__") else clean(value)


_PRINTED_AS_IS: Final = frozenset({_Cleaned, int, float, type(do_mark_safe(""))})


def _up_to(text: object, longest: int) -> str:
    return _Cleaned(kept_together(clean(text, longest)))


def _address(path: object) -> str:
    """Return an address for an attribute that leads somewhere."""
    return _Cleaned(clean(path, _LONGEST_ADDRESS))


def _is_unbroken(value: object) -> bool:
    """Return whether it has a word that makes a column of a table wider than others can spare."""
    return isinstance(value, str) and _UNBROKEN.search(value) is not None


def _lines(text: object, longest: int) -> Sequence[str]:
    return [_Cleaned(kept_together(line)) for line in clean(text, longest).splitlines()]


def _badge(look: StateStyle) -> str:
    """Return a look as a badge."""
    return _drawn_once("ui/badge", look)


def _bar(percent: int | None, level_state: str, ink: str) -> str:
    """Return a level as a bar."""
    return _drawn_once("ui/bar", percent, level_state, ink)


def _percent(value: object) -> str:
    return kept_together(f"{value} %")


def _time(at: datetime | None, form: str) -> str:
    """Return a time as the browser shows it (assets/times.js).

    `ago`: how long ago it was; `for`: how long that lasts; `at`: day and time of day; `clock`: the time of
    day, with the day where that is not today.
    """
    exact = f"{day_and_time(at, UTC)} UTC" if at is not None else ""
    return _drawn_once("ui/time", at, form, exact)


@lru_cache(maxsize=10_000)
def _drawn_once(template: str, *values: object) -> str:
    """Cache a piece that tables have hundreds of, most of them drawn before: of 20 us that leaves 1."""
    return do_mark_safe(render(template, values=values))


_FILTERS: Final[dict[str, Any]] = {
    "address": _address,
    "ago": partial(_time, form="ago"),
    "badge": _badge,
    "bar": _bar,
    "category": category,
    "clock": partial(_time, form="clock"),
    "day": day,
    "fixer_label": fixer_label,
    "for": partial(_time, form="for"),
    "health_look": health_look,
    "iso": datetime.isoformat,
    "kind_look": kind_look,
    "lines": _lines,
    "moment": partial(_time, form="at"),
    "month": month,
    "number": number,
    "percent": _percent,
    "priority_look": priority_look,
    "state_look": state_look,
    "status_look": status_look,
    "up_to": _up_to,
    "words": partial(word, {}),
}

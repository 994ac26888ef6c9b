"""The list of printers as one HTML table, which a phone shows as cards (look.css)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

from core.domain.units import lasting
from dashboard.features.fleet.listed import ListedDetails, since
from dashboard.features.fleet.queries import Listed
from dashboard.features.printer.levels import bar
from dashboard.ui.badges import badge, relative, state_badge
from dashboard.ui.text import in_html, sentences
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import fixer_label, health_look, health_of, state_look

_HEAD: Final = "".join(
    f'<th scope="col">{title}</th>'
    for title in ("Printer", "State", "What is wrong", "Lowest supply", "Last reading")
)
_NOTHING_KNOWN: Final = ListedDetails()


def fleet_table(rows: Sequence[Listed], details: Mapping[str, ListedDetails], now: datetime) -> str:
    """The rows as they are given."""
    body = "".join(_row(row, details.get(row.printer_id, _NOTHING_KNOWN), now) for row in rows)
    caption = '<caption class="unseen">Printers, with their state and what is wrong</caption>'
    return f'<table class="fleet">{caption}<thead><tr>{_HEAD}</tr></thead><tbody>{body}</tbody></table>'


def printer_path(printer_id: str) -> str:
    """The address of a printer's page."""
    return f"/printer?id={quote(printer_id, safe='')}"


def _row(row: Listed, details: ListedDetails, now: datetime) -> str:
    row = _as_read(row, details)
    lines = (f'<div class="quiet small">{in_html(line)}</div>' for line in (row.location, row.model) if line)
    link = f'<a href="{printer_path(row.printer_id)}">{in_html(row.name)}</a>'
    return (
        f'<tr><td class="who">{link}{"".join(lines)}</td>'
        f'<td class="state">{_state(row)}</td>'
        f"{_cell('why', _why(row, details, now))}"
        f"{_cell('supply', _supply(row, details))}"
        f'<td class="when small quiet">{_when(details, now)}</td></tr>'
    )


def _when(details: ListedDetails, now: datetime) -> str:
    """When it was last read; of a printer that does not answer, when it last did."""
    if details.reachable or details.taken_at is None:
        return relative(details.taken_at, now)
    return (
        "never answered" if details.answered_at is None else f"answered {relative(details.answered_at, now)}"
    )


def _as_read(row: Listed, details: ListedDetails) -> Listed:
    """With the state of the reading that its flags are of: the list may be seconds older than its details."""
    if row.state == "stale" or not details.state:
        return row
    return row._replace(state=details.state, health=health_of(details.severity, stale=False, read=True))


def _cell(name: str, content: str) -> str:
    return f'<td class="{name}{"" if content else " empty"}">{content}</td>'


def _state(row: Listed) -> str:
    """The state on the tone of how the printer is: a fault of one that prints all the same is seen, too."""
    health, state = health_look(row.health), state_look(row.state)
    if row.health in ("ok", "stale") or state.tone == "critical":
        return state_badge(row.state)
    return badge(health.label if row.health == "new" else state.label, health.tone, health.shape)


def _why(row: Listed, details: ListedDetails, now: datetime) -> str:
    gap = f'<div class="quiet small">{in_html(details.gap)}</div>' if details.gap else ""
    if not details.flags:
        return gap
    more = f' <span class="quiet small nowrap">+{details.flags - 1} more</span>' if details.flags > 1 else ""
    at = since(details)
    told = (
        "As last seen" if row.state == "stale" else "",
        fixer_label(details.fixer),
        f"for {lasting((now - at).total_seconds())}" if at else "",
    )
    below = f'<div class="quiet small">{in_html(sentences(told))}</div>'
    return f"<div>{in_html(details.message)}{more}</div>{below}{gap}"


def _supply(row: Listed, details: ListedDetails) -> str:
    if row.lowest_percent is None:
        return '<span class="quiet small">some left, not measured</span>' if details.some_left else ""
    drawn = bar(row.lowest_percent, "measured", ink_of(details.colorant))
    name = f'<div class="quiet small">{in_html(details.supply, 60)}</div>' if details.supply else ""
    return f'<span class="nowrap">{drawn}<span class="value">{row.lowest_percent} %</span></span>{name}'

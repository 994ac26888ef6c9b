"""The parts of the pages of places, as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from core.domain.places import parts_of, places_around
from core.domain.purchase_words import why
from dashboard.features.fleet.queries import Listed
from dashboard.features.places.queries import USAGE_DAYS, LivingIssue, PartToBring
from dashboard.features.places.tree import PlaceNode, TreeLine, place_path
from dashboard.features.reports.queries import Tally
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import HEALTH, TROUBLE, StateStyle

_SUPPLIES_SHOWN: Final = 12
"""Supplies that are named of each part."""


@dataclass(frozen=True)
class _PlaceRow:
    path: str
    name: str
    depth: int
    printers: int
    shares: tuple[tuple[StateStyle, float], ...]
    """How its printers are, in percent of them."""
    troubles: tuple[StateStyle, ...]


@dataclass(frozen=True)
class Figure:
    """A number at the top of a place's page."""

    title: str
    value: str
    note: str = ""
    tone: str = ""


def places_html(lines: Sequence[TreeLine], *, whole_names: bool = False) -> str:
    """Return places as a table, each line indented by its depth; or each by its whole name."""
    return _drawn(tuple(_line(line, whole_name=whole_names) for line in lines))


@lru_cache(maxsize=64)
def _drawn(lines: tuple[_PlaceRow, ...]) -> str:
    """Return the table, drawn once for all who see the same."""
    return render("places/lines", lines=lines)


def _line(line: TreeLine, *, whole_name: bool) -> _PlaceRow:
    place = line.place
    return _PlaceRow(
        path=place.path,
        name=place.location if whole_name else place.name,
        depth=line.depth,
        printers=place.printers,
        shares=tuple(
            (HEALTH[health], round(100 * number / place.printers, 1))
            for health in HEALTH
            if (number := place.by_health[health])
        ),
        troubles=troubles(place),
    )


def troubles(place: PlaceNode) -> tuple[StateStyle, ...]:
    """Return how many of its printers need attention, by their health: "Critical 2"."""
    counts = ((HEALTH[health], place.by_health[health]) for health in TROUBLE)
    return tuple(
        StateStyle(f"{look.label} {number:,}", look.tone, look.shape) for look, number in counts if number
    )


def crumbs_html(location: str) -> str:
    """Return the way from all places to this one; itself is no link."""
    around = [(parts_of(place)[-1], place_path(place)) for place in places_around(location)]
    return render("places/crumbs", around=around[:-1], here=around[-1][0] if around else "")


def figures_of(place: PlaceNode, issues: int, usage: Tally | None) -> list[Figure]:
    """Return the numbers of a place; `usage` is None where there is no history now."""
    trouble = next((HEALTH[health].tone for health in TROUBLE if place.by_health[health]), "")
    return [
        Figure("Printers", f"{place.printers:,}"),
        Figure("Need attention", f"{place.troubled:,}", tone=trouble),
        Figure("Open issues", f"{issues:,}"),
        *_history(usage),
    ]


def _history(usage: Tally | None) -> list[Figure]:
    days = f"last {USAGE_DAYS} days"
    if usage is None:
        return [Figure("Pages printed", "–", "The history cannot be read just now")]
    answered = usage.availability
    # Rounded down: what did not always answer is not 100 %.
    available = "–" if answered is None else f"{int(1000 * answered) / 10:.1f} %"
    unknown = "out of service" if usage.readings else "nothing was read yet"
    return [
        Figure("Pages printed", "–" if usage.pages is None else f"{usage.pages:,}", days),
        Figure("Availability", available, days if answered is not None else unknown),
    ]


def issues_html(
    issues: Sequence[LivingIssue],
    printers: Mapping[str, Listed],
    people: Mapping[str, str],
    *,
    with_links: bool,
) -> str:
    """Return the issues with their printers; links for those who may open them.

    `people`: full names by username.
    """
    named = [(issue, printers[issue.printer_id].name, who(issue.assignee, people)) for issue in issues]
    return render("places/issues", issues=named, with_links=with_links)


def bring_html(parts: Sequence[PartToBring]) -> str:
    """Return the parts to bring, each with the printers that it is for and why."""
    shown = [
        (part, ink_of(part.color), [(due, why(due)) for due in part.due[:_SUPPLIES_SHOWN]]) for part in parts
    ]
    return render("places/bring", parts=shown, most=_SUPPLIES_SHOWN)

"""Find what the palette was asked for: printers, places, issues, pages, and what can be done with them.

Everything is looked for in what is kept in memory for all pages; only the number of an issue, or of a
vendor's case, asks the database.
Whatever is found is what its viewer may see and open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Final, NamedTuple

from core.domain.permissions import Permission
from core.domain.places import parts_of
from core.domain.text import row_number
from core.domain.units import counted
from core.domain.wording import ISSUE_STATUSES, word
from core.storage.database import reading
from core.storage.issues import IssueRow, issue_row, issues_of_case
from dashboard.app_context import AppContext
from dashboard.features.fleet.queries import Fleet, Listed
from dashboard.features.fleet.table import printer_path
from dashboard.features.palette.acts import Act, acts_of, meant, titled
from dashboard.features.palette.ranking import EXACT, HOLDS, Typed, best
from dashboard.features.places.queries import LivingIssue
from dashboard.features.places.tree import PlaceNode, need_attention, place_tree
from dashboard.features.shared.cached import the_fleet
from dashboard.features.shared.manager_cached import open_issues
from dashboard.pages import PAGES
from dashboard.public_state import public_issue
from dashboard.ui.text import clean, sentences
from dashboard.ui.wording import HEALTH, StateStyle
from dashboard.viewer import Viewer

MOST: Final = 20
"""Results of one search."""
LONGEST: Final = 100
"""Letters of what is typed."""
_MOST_EACH: Final = 8
"""Of one kind, so that the others are seen."""
_MOST_ACTS: Final = 4
_LONGEST_TITLE: Final = 120
_NAME: Final = attrgetter("folded")


class FoundKind(StrEnum):
    """The kinds of results, in the order in which those that fit as well are shown."""

    ACT = "Do"
    PRINTER = "Printer"
    PLACE = "Place"
    ISSUE = "Issue"
    PAGE = "Page"


@dataclass(frozen=True)
class Found:
    """One result."""

    kind: FoundKind
    title: str
    path: str
    detail: str = ""
    look: StateStyle | None = None
    """How it is, where it is something that can be well or not."""
    button: str = ""
    """See Act."""


_Ranked = tuple[int, Found]


def find(app_context: AppContext, viewer: Viewer, text: str) -> list[Found]:
    """Return what was probably meant, the best first; of no words the pages."""
    typed = Typed.of(text[:LONGEST])
    if not typed.words:
        return [found for _, found in _pages(viewer, typed, MOST)]
    ranked: list[_Ranked] = []
    if viewer.may(Permission.SEE_PRINTERS):
        fleet = the_fleet(app_context)
        printers = _printers(fleet, typed, viewer)
        ranked += [(how, _printer(row, typed, viewer)) for how, row in printers]
        ranked += _places(fleet, typed)
        ranked += _acts(fleet, typed, viewer, printers)
    if viewer.may(Permission.WORK_ISSUES):
        ranked += _issues(app_context, typed, viewer)
    ranked += _pages(viewer, typed, _MOST_EACH)
    order = {kind: place for place, kind in enumerate(FoundKind)}
    ranked.sort(key=lambda each: (each[0], order[each[1].kind]))
    return [found for _, found in ranked[:MOST]]


def _printers(fleet: Fleet, typed: Typed, viewer: Viewer) -> list[tuple[int, Listed]]:
    """Return the printers that fit best; by address and serial number for who may see these."""
    sees = viewer.sees_addresses
    found = fleet.having(typed.whole, sees)

    def lines(row: Listed) -> str:
        return f"{row.public}\n{row.private}" if sees else row.public

    ranked = best(typed, found, name=_NAME, lines=lines, most=_MOST_EACH)
    own = fleet.by_id.get(typed.whole)
    if own is not None and (EXACT, own) not in ranked:  # of very many, only names were looked at
        ranked = [(EXACT, own), *ranked[: _MOST_EACH - 1]]
    return ranked


def _printer(row: Listed, typed: Typed, viewer: Viewer) -> Found:
    told = [row.location, row.model]
    if viewer.sees_addresses:
        # What was typed and stands in neither of them is an address or a serial number: it is said, too.
        private = row.private.split("\n")
        told += [
            line for line in private if any(each in line and each not in row.public for each in typed.words)
        ]
    return Found(
        FoundKind.PRINTER, row.name, printer_path(row.printer_id), sentences(told), HEALTH[row.health]
    )


class _Searched(NamedTuple):
    """Something of few: its order among those that fit as well, and its texts in lower case."""

    order: str
    lines: str
    found: Found


def _best_lines(typed: Typed, lines: Iterator[_Searched], most: int) -> list[_Ranked]:
    fitting = [each for each in lines if all(each_word in each.lines for each_word in typed.words)]
    ranked = best(typed, fitting, name=lambda line: line.order, lines=lambda line: line.lines, most=most)
    return [(how, line.found) for how, line in ranked]


def _places(fleet: Fleet, typed: Typed) -> list[_Ranked]:
    found = place_tree(fleet).having(typed.words)
    ranked = best(
        typed,
        found,
        name=lambda place: place.location.lower(),
        # Not as the beginning of a line: what lies in the library is not called "library".
        lines=lambda place: f"{place.name}\n {place.location}".lower(),
        most=_MOST_EACH,
    )
    return [(how, _place(place)) for how, place in ranked]


def _place(place: PlaceNode) -> Found:
    around = ", ".join(parts_of(place.location)[:-1])
    told = sentences((around, counted(place.printers, "printer"), need_attention(place.troubled)))
    return Found(FoundKind.PLACE, place.name, place.path, told)


def _acts(fleet: Fleet, typed: Typed, viewer: Viewer, printers: list[tuple[int, Listed]]) -> list[_Ranked]:
    """Return what can be done: what the first words name, and all there is where one printer is meant."""
    acts = acts_of(viewer)
    found: list[_Ranked] = []
    for act, rest in meant(acts, typed.words):
        if rest:
            named = _printers(fleet, Typed.of(rest), viewer)
            found += [(how, _act(act, row)) for how, row in named[:_MOST_ACTS]]
    is_sure = len(printers) == 1 or [how for how, _ in printers[:2]].count(EXACT) == 1
    if is_sure:
        found += [(HOLDS + 1, _act(act, printers[0][1])) for act in acts]
    return found


def _act(act: Act, row: Listed) -> Found:
    return Found(FoundKind.ACT, titled(act, row), act.path(row.printer_id), row.location, button=act.button)


def _issues(app_context: AppContext, typed: Typed, viewer: Viewer) -> list[_Ranked]:
    """Return the issues of a number, whatever their status, and those that are not ended by their words.

    The number is its own, or that of the vendor's case.
    """
    sees, by_id = viewer.sees_addresses, the_fleet(app_context).by_id
    ranked = _numbered(app_context, typed.whole, sees=sees)

    def lines() -> Iterator[_Searched]:
        for place, issue in enumerate(open_issues(app_context)):
            seen = issue if sees else issue.for_everybody()
            row = by_id.get(seen.printer_id)
            printer = row.name if row is not None else seen.printer_id
            texts = f"{seen.words}\n{seen.vendor_case}\n{printer}"
            yield _Searched(f"{place:07}", texts.lower(), _issue(seen, printer))

    by_words = _best_lines(typed, lines(), _MOST_EACH)
    known = {found.path for _, found in ranked}
    return [*ranked, *(each for each in by_words if each[1].path not in known)]


def _numbered(app_context: AppContext, text: str, *, sees: bool) -> list[_Ranked]:
    if not any(letter.isdigit() for letter in text):  # the number of a case may have letters, too
        return []
    own = row_number(text.removeprefix("#"))
    with reading(app_context.engine) as connection:
        row = issue_row(connection, own) if own is not None else None
        rows = [*([row] if row else []), *issues_of_case(connection, text, _MOST_EACH)]
    return [(EXACT, _row(row if sees else public_issue(row))) for row in dict.fromkeys(rows)]


def _row(row: IssueRow) -> Found:
    told = sentences((word(ISSUE_STATUSES, row.status), row.printer_id, _case(row.vendor_case)))
    title = f"{clean(row.title, _LONGEST_TITLE)} (no. {row.id})"
    return Found(FoundKind.ISSUE, title, f"/issue?id={row.id}", told)


def _case(number: str) -> str:
    return f"case {number}" if number else ""


def _issue(issue: LivingIssue, printer: str) -> Found:
    title = f"{clean(issue.words, _LONGEST_TITLE)} (no. {issue.issue_id})"
    told = sentences((word(ISSUE_STATUSES, issue.status), printer, _case(issue.vendor_case)))
    return Found(FoundKind.ISSUE, title, f"/issue?id={issue.issue_id}", told)


_ALSO: Final = {
    "fleet": "fleet list devices",
    "places": "locations buildings rooms",
    "report": "new issue",
    "round": "walk list today carry bring technician",
    "attention": "triage flags alerts snooze",
    "supplies": "order buy toner ink",
    "stock": "shelves store rooms count",
    "reports": "usage pages availability statistics jams stops paper",
    "system": "services health mail queue",
    "inventory": "add import printers",
    "calendar": "holidays closed days",
    "users": "accounts people roles",
    "account": "password sessions two-factor authentication second factor",
    "settings": "theme dark light logo name thresholds notifications",
    "audit": "log changes history",
}
"""What people call a page beside its title."""


def _pages(viewer: Viewer, typed: Typed, most: int) -> list[_Ranked]:
    return _best_lines(typed, _page_lines(viewer), most)


def _page_lines(viewer: Viewer) -> Iterator[_Searched]:
    for place, spec in enumerate(PAGES):
        listed = not spec.hidden or spec.path == "account"
        if listed and viewer.may(spec.permission):
            also = _ALSO.get(spec.path, "")
            found = Found(FoundKind.PAGE, spec.title, f"/{spec.path}", spec.section)
            yield _Searched(f"{place:02}", f"{spec.title}\n{also}".lower(), found)
    if viewer.may(Permission.SEE_PRINTERS):
        yield _Searched(
            "90", "wall view\nscreen tiles", Found(FoundKind.PAGE, "Wall view", "/wall", "For a screen")
        )
    if viewer.may(Permission.CHANGE_SETTINGS):
        theme = Found(FoundKind.ACT, "Change the theme", "/settings", "Light, dark or as the device is set")
        yield _Searched("91", "change the theme\nlight dark colors", theme)
    if viewer.is_anonymous:
        yield _Searched("92", "sign in\nlogin account", Found(FoundKind.PAGE, "Sign in", "/login"))

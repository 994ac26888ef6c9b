"""What the palette offers to do with a printer: each leads to the page on which those who may do it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from core.domain.permissions import Permission
from dashboard.features.fleet.queries import Listed
from dashboard.features.fleet.table import printer_path
from dashboard.viewer import Viewer

_FILLERS: Final = frozenset({"for", "of", "the", "a"})
_SHORTEST: Final = 3
"""Letters from which a word may mean an act: `re` begins too much."""


@dataclass(frozen=True)
class Act:
    """One thing that can be done with a printer."""

    title: str
    """With `{}` where the printer's name stands."""
    words: tuple[str, ...]
    """How people call it."""
    permission: Permission
    path: Callable[[str], str]
    """The page on which it is done, by the printer's id."""
    button: str = ""
    """The button of that page that is pressed on arrival; palette.js knows it."""


def _query(start: str) -> Callable[[str], str]:
    return lambda printer_id: f"{start}{quote(printer_id, safe='')}"


ACTS: Final = (
    Act(
        "New issue for {}",
        ("new", "issue", "report", "problem"),
        Permission.REPORT_PROBLEMS,
        _query("/report?printer="),
    ),
    Act(
        "Refresh {}",
        ("refresh", "read", "again"),
        Permission.REFRESH_PRINTERS,
        printer_path,
        button="refresh",
    ),
    Act(
        "Snooze or acknowledge {}",
        ("snooze", "acknowledge", "triage"),
        Permission.TRIAGE_ATTENTION,
        _query("/attention?words="),
    ),
    Act("Label for {}", ("label", "print", "qr"), Permission.PRINT_LABELS, _query("/label/")),
)


def acts_of(viewer: Viewer) -> list[Act]:
    """Return what this viewer may do."""
    return [act for act in ACTS if viewer.may(act.permission)]


def meant(acts: Sequence[Act], words: Sequence[str]) -> Iterator[tuple[Act, str]]:
    """Yield the acts that the first words name, each with the words for the printer that follow."""
    for act in acts:
        rest = list(words)
        while rest and _names(act, rest[0]):
            del rest[0]
        if len(rest) == len(words):
            continue
        while rest and rest[0] in _FILLERS:
            del rest[0]
        yield act, " ".join(rest)


def _names(act: Act, word: str) -> bool:
    return len(word) >= _SHORTEST and any(each.startswith(word) for each in act.words)


def titled(act: Act, printer: Listed) -> str:
    """Return the act with the printer's name."""
    return act.title.replace("{}", printer.name)

"""Decide the issue commands of a reading: one opened for a flag that persists, one told when a flag is gone.

And what becomes of those there are where another device has come, or supplies have been numbered anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.contract.messages import Attention, PrinterState
from processor.judgment.identity import DeviceChange
from processor.judgment.renumbering import Renumbered
from processor.rules.findings import FlagKey, key_of

AFTER_READINGS: Final = 2
"""Readings in a row with a critical flag before an issue is opened for it."""


@dataclass(frozen=True)
class FlagPersists:
    """A flag persists: it is to have an issue."""

    flag: Attention


@dataclass(frozen=True)
class FlagGone:
    """A flag is gone: its issue is resolved, and people's issues about it are told."""

    key: FlagKey
    message: str
    """What it said last; "" where it was hidden while the printer did not answer."""


@dataclass(frozen=True)
class FlagMuted:
    """A flag has been muted: its issue is closed."""

    key: FlagKey


@dataclass(frozen=True)
class SuppliesMoved:
    """Supplies have new numbers: their issues follow them."""

    moved: Renumbered


IssueCommand = FlagPersists | FlagGone | FlagMuted | SuppliesMoved | DeviceChange
"""DeviceChange: another device has come, and the issues there are are about the one before."""


def issue_commands_of(
    state: PrinterState, gone: Iterable[Attention], asked: set[FlagKey]
) -> list[IssueCommand]:
    """Return a new reading's issue commands; `asked`, the flags that had their issue, is updated."""
    shown = {key_of(flag) for flag in state.attention}
    commands: list[IssueCommand] = []
    # A printer that does not answer has not said that its fault is gone; one that never did has none.
    if state.reachable or state.answered_at is None:
        last_seen = {key_of(flag): flag for flag in gone}
        for key in sorted((asked | last_seen.keys()) - shown):
            commands.append(FlagGone(key, last_seen[key].message if key in last_seen else ""))
            asked.discard(key)
    for flag in persisting(state):
        if key_of(flag) not in asked:
            asked.add(key_of(flag))
            commands.append(FlagPersists(flag))
    return commands


def persisting(state: PrinterState) -> list[Attention]:
    """Return the critical flags that persist, each of which is to have an issue."""
    return [
        flag for flag in state.attention if flag.severity == "critical" and flag.readings >= AFTER_READINGS
    ]

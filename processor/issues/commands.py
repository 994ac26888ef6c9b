"""Decide the issue commands of a reading: one opened for a flag that persists, one told when a flag is gone.

And what becomes of those there are where another device has come, or supplies have been numbered anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from core.contract.messages import Attention, PrinterState
from processor.judgment.identity import DeviceChange
from processor.judgment.renumbering import Renumbered
from processor.rules.findings import FlagKey, key_of

AFTER_READINGS: Final = 2
"""Readings in a row with a critical flag before an issue is opened for it."""


@dataclass(frozen=True)
class IssueCommand:
    """`open` an issue for the flag, note that it is `gone` or `muted`, or what has `moved` or `changed`."""

    kind: Literal["open", "gone", "muted", "moved", "changed"]
    code: str = ""
    subject: str = ""
    flag: Attention | None = None
    """The flag as last seen; None where it was hidden while the printer did not answer."""
    moved: Renumbered = field(default_factory=dict)
    """Supplies that have new numbers: new index by old index."""
    change: DeviceChange | None = None
    """Another device has come: the issues there are are about the one before."""


def issue_commands_of(
    state: PrinterState, gone: Iterable[Attention], asked: set[FlagKey]
) -> list[IssueCommand]:
    """Return a new reading's issue commands; `asked`, the flags that had their issue, is updated."""
    shown = {key_of(flag) for flag in state.attention}
    commands = []
    # A printer that does not answer has not said that its fault is gone; one that never did has none.
    if state.reachable or state.answered_at is None:
        last_seen = {key_of(flag): flag for flag in gone}
        for key in sorted((asked | last_seen.keys()) - shown):
            commands.append(IssueCommand("gone", *key, last_seen.get(key)))
            asked.discard(key)
    for command in opening_commands(state):
        key = command.code, command.subject
        if key not in asked:
            asked.add(key)
            commands.append(command)
    return commands


def opening_commands(state: PrinterState) -> list[IssueCommand]:
    """Return a command for each flag that persists, to open its issue where it has none."""
    return [
        IssueCommand("open", flag.code, flag.subject, flag)
        for flag in state.attention
        if flag.severity == "critical" and flag.readings >= AFTER_READINGS
    ]

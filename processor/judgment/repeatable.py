"""A reading that says what the one before said: when it need not be judged, since it changes nothing.

judge() is pure. Of a reading it looks at what said_in() digests, but for the times; of the state and the
memory before it looks, where every table was answered, at no more than _carried() and the memory. Where a
reading has changed none of these, the next one that says the same gives the same state again: only its times
move, and each of its flags was seen once more. See docs/decisions/0015-unchanged-readings.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from typing import Any, Final

from pydantic_core import to_json

from core.contract.messages import SCHEMA_VERSION, PrinterState, Reading
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import RuleSettings
from processor.decode.counters import KEPT_FOR
from processor.decode.values import ticks_of
from processor.judgment.judge import Context, Judged
from processor.rules.findings import FlagKey, key_of

_UPTIME: Final = f"{COLUMN_OID['sysUpTime']}.0"
_DIGEST_OCTETS: Final = 16
_COUNTING: Final = ("gone", "set_back", "misses", "hidden")
"""What a memory holds while something in it is still to happen: a flag is about to clear, a note to go."""


@dataclass(frozen=True, slots=True)
class Repeatable:
    """What a stored reading has said, to be compared with the next one."""

    said: str
    until: datetime | None
    """The next one is judged in any case after that; None where time alone changes nothing."""
    point: str
    """Its HistoryPoint as JSON, without what stands before and in its time: see point_at()."""


def said_in(reading: Reading, context: Context) -> str:
    """Return a digest of all that a judgement of this reading goes by, but for its times and the past.

    That is what the printer and its collector say, how people call the printer and what they have muted of
    it, the rules' settings and the version of the program.
    """
    varbinds = reading.varbinds
    if _UPTIME in varbinds:
        varbinds = {**varbinds}
        del varbinds[_UPTIME]
    told = (reading.site, reading.error, reading.tables, reading.alert_rows, varbinds)
    known = (context.name, context.location, context.serial, context.mutes)
    words = to_json((_rules_version(context.rules), *known, *told))
    return blake2b(words, digest_size=_DIGEST_OCTETS).hexdigest()


@cache
def _rules_version(rules: RuleSettings) -> str:
    return f"{version('printer-system')} {rules.model_dump_json()}"


def uptime_in(reading: Reading) -> int | None:
    """Return the agent's age, which differs in every reading."""
    return ticks_of(reading.varbinds.get(_UPTIME))


def is_plain(reading: Reading) -> bool:
    """Return whether a reading may be one that changes nothing: nobody waits for it, and it was answered."""
    return reading.reachable and reading.refresh_id is None


def repeatable(  # noqa: PLR0913, PLR0917 (a reading, what it has changed, and what it was judged by)
    reading: Reading,
    before: Judged | None,
    after: Judged,
    opened: Collection[FlagKey],
    context: Context,
    point: str,
) -> Repeatable | None:
    """Return what a reading has said where the same once more changes nothing; else None.

    `before` and `after` are what was known without it and with it, `opened` the flags that had their issue,
    `point` is its HistoryPoint.
    """
    state = after.state
    if before is None or not is_plain(reading) or not after.certain or state.taken_at != reading.taken_at:
        return None
    if state.incomplete_tables or state.uptime_ticks != uptime_in(reading):
        return None
    if after.memory != before.memory or any(name in after.memory for name in _COUNTING):
        return None
    if any(flag.severity == "critical" and key_of(flag) not in opened for flag in state.attention):
        return None
    counted = state.counters_at == state.taken_at
    if _carried(before.state, counted=counted) != _carried(state, counted=counted):
        return None
    kept_since = None if counted else state.counters_at
    until = kept_since + KEPT_FOR if kept_since else None
    return Repeatable(said_in(reading, context), until, _after_its_time(point))


def point_at(reading: Reading, point: str) -> str:
    """Return the HistoryPoint of a reading that says what the one of this Repeatable.point has said."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "printer_id": reading.printer_id,
        "taken_at": reading.taken_at,
    }
    return f"{to_json(head).decode()[:-1]},{point}"


def _after_its_time(point: str) -> str:
    return point.partition('"taken_at":')[2].partition(",")[2]


def _carried(state: PrinterState, *, counted: bool) -> tuple[Any, ...]:
    """Return what a judgement takes over from a state where every table was answered.

    `counted`: the reading has page counters of its own.
    """
    return (
        state.model,
        state.serial_number,
        state.firmware,
        state.system_description,
        state.counters_serial,
        None if counted else (state.counters, state.counters_at),
        [(s.index, s.supply_type, s.supply_class, s.colorant, s.description) for s in state.supplies],
        [
            (f.code, f.subject, f.severity, f.message, f.parameters, f.since_at, f.fixer, f.stops, f.evidence)
            for f in state.attention
        ],
    )

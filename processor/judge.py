"""Judges a reading by what was known before: pure and total, whatever a printer or a collector says."""

import math
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from fleet.device_texts import clean
from fleet.messages import Attention, Evidence, PrinterState, Reading, Severity
from fleet.settings import RuleSettings
from processor.decode.picture import decode
from processor.rules.find import find
from processor.rules.findings import SEVERITY_RANK, Finding, FlagKey
from processor.rules.lives import Clearing, follow
from processor.rules.memory import Memory
from processor.rules.supplies import blurred
from processor.rules.waste import learn

MAX_AHEAD: Final = timedelta(minutes=5)
"""How far a collector's clock may be ahead of ours."""
_LONGEST_INTERVAL: Final = 30 * 86400.0
_MAX_ERROR_TEXT: Final = 500


@dataclass(frozen=True)
class Judged:
    """A printer after a reading; `memory` is JSON that only the rules understand."""

    state: PrinterState
    memory: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a reading does not say: the thresholds, when it came, and how people call the printer."""

    rules: RuleSettings
    received_at: datetime
    name: str | None = None
    location: str | None = None


def effective_taken_at(reading: Reading, received_at: datetime) -> datetime:
    """When the reading was taken; its arrival if its own time is more than 5 minutes ahead of that."""
    try:
        taken_at, received_at = reading.taken_at.astimezone(UTC), received_at.astimezone(UTC)
        return received_at if taken_at - received_at > MAX_AHEAD else taken_at
    except OverflowError:  # the first or the last day of the calendar, in another zone
        return received_at


def judge(reading: Reading, previous: Judged | None, context: Context) -> Judged:
    """The printer's state, flags included, after a reading that is newer than `previous`."""
    before = previous.state if previous else PrinterState(printer_id=reading.printer_id)
    memory = Memory.load(previous.memory) if previous else Memory()
    if not reading.reachable:
        return _missed(reading, before, memory, context)
    return _answered(reading, before, memory, context)


def _answered(reading: Reading, before: PrinterState, memory: Memory, context: Context) -> Judged:
    at = effective_taken_at(reading, context.received_at)
    picture = decode(reading, before, memory.remembered)
    known = {(flag.code, flag.subject): flag for flag in _flags_of(before, memory)}
    state, findings = find(picture, known, context.rules, memory.polarity)
    if at != reading.taken_at:
        findings.append(_clock_skew(reading))
    clearing = Clearing(
        after=1 if reading.refresh_id else context.rules.clear_after,
        settled=picture.settled,
        vague=blurred(picture, known),
        gone=memory.gone,
    )
    lives = follow(findings, known, clearing, at)
    shown: set[FlagKey] = {finding.key for finding in findings}
    remembered = Memory(
        gone=lives.gone,
        polarity=learn(memory.polarity, picture.supplies, shown, known),
        remembered=picture.remembered,
    )
    fields = _envelope(reading, context, at) | picture.fields()
    if fields["counters_at"] == reading.taken_at:
        fields["counters_at"] = at
    answered = PrinterState(
        **fields, answered_at=at, state=state, attention=lives.flags, severity=_worst(lives.flags)
    )
    return Judged(answered, remembered.dump())


def _missed(reading: Reading, before: PrinterState, memory: Memory, context: Context) -> Judged:
    """No answer: everything stays as it was, until there are too many of these in a row."""
    at = effective_taken_at(reading, context.received_at)
    memory = replace(memory, misses=memory.misses + 1, missed_since=memory.missed_since or at)
    update = _envelope(reading, context, at)
    if memory.misses >= context.rules.unreachable_after:
        memory = replace(memory, hidden=_flags_of(before, memory))
        flag = _unreachable(memory.misses, memory.missed_since or at, update["error"])
        update |= {"state": "unreachable", "attention": (flag,), "severity": flag.severity}
    return Judged(before.model_copy(update=update), memory.dump())


def _flags_of(before: PrinterState, memory: Memory) -> tuple[Attention, ...]:
    """The flags that were known, those hidden behind "unreachable" included."""
    shown = [flag for flag in before.attention if flag.code != "unreachable"]
    return tuple({(flag.code, flag.subject): flag for flag in (*memory.hidden, *shown)}.values())


def _envelope(reading: Reading, context: Context, at: datetime) -> dict[str, Any]:
    return {
        "printer_id": reading.printer_id,
        "name": context.name,
        "location": context.location,
        "site": reading.site,
        "taken_at": at,
        "stale_at": _stale_at(reading.interval_seconds, at),
        "refresh_id": reading.refresh_id,
        "reachable": reading.reachable,
        "error": clean(reading.error, _MAX_ERROR_TEXT) if reading.error else None,
    }


def _stale_at(interval_seconds: float, at: datetime) -> datetime:
    seconds = interval_seconds if math.isfinite(interval_seconds) else _LONGEST_INTERVAL
    try:
        return at + 2 * timedelta(seconds=min(max(seconds, 0.0), _LONGEST_INTERVAL))
    except OverflowError:
        return at


def _unreachable(misses: int, since_at: datetime, error: str | None) -> Attention:
    return Attention(
        code="unreachable",
        severity="critical",
        message="The printer does not answer.",
        since_at=since_at,
        readings=misses,
        evidence=(Evidence(object="reading", value=error or "no answer"),),
    )


def _clock_skew(reading: Reading) -> Finding:
    message = "The clock of the collector that asks this printer is more than 5 minutes ahead."
    seen = Evidence(object="taken_at", value=reading.taken_at.isoformat())
    return Finding("clock_skew", "", "info", message, (seen,))


def _worst(flags: tuple[Attention, ...]) -> Severity | None:
    return max((flag.severity for flag in flags), key=SEVERITY_RANK.__getitem__, default=None)

"""Judges a reading by what was known before: pure and total, whatever a printer or a collector says."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from core.contract.messages import Attention, Evidence, PrinterState, Reading
from core.domain.conditions import (
    CLOCK_SET_BACK,
    CLOCK_SKEW,
    CONDITIONS,
    SEVERITY_RANK,
    UNREACHABLE,
    sentence,
    severity_of,
)
from core.domain.device_texts import clean
from core.domain.freshness import is_ahead, is_past, stale_at
from core.domain.mutes import Mute, moved_with
from core.domain.thresholds import CLEAR_AFTER, is_not_answering
from core.runtime.settings import RuleSettings
from processor.decode.mib_tables import RememberedTables
from processor.decode.reading import DecodedReading, decode
from processor.flags.lifecycle import Clearing, follow, key_text
from processor.judgment.identity import (
    NOTHING_KNOWN,
    DeviceChange,
    Identity,
    Verdict,
    change_finding,
)
from processor.judgment.renumbering import Renumbered, renamed_flag, renamed_key, renumbered
from processor.rules.find import find
from processor.rules.findings import Finding, FlagKey, key_of
from processor.rules.memory import RuleMemory, SetBack
from processor.rules.supplies import blurred
from processor.rules.waste import learn

_SET_BACK_SHOWN: Final = timedelta(days=1)
_MAX_ERROR_TEXT: Final = 500


@dataclass(frozen=True)
class Judged:
    """A printer after a reading; `memory` is JSON that only the rules understand."""

    state: PrinterState
    memory: dict[str, Any] = field(default_factory=dict)
    device: int = 0
    """The number of the device that answers at the address; see processor/judgment/identity.py."""
    certain: bool = True
    """Whether this reading is from that device for certain, and not the first one of another."""
    change: DeviceChange | None = None
    """Set by the reading that shows for certain that another device has come."""
    moved: Renumbered = field(default_factory=dict)
    """Supplies that this reading shows in other rows than the one before."""
    muted: frozenset[FlagKey] = frozenset()
    """Flags that were known before, and are muted now: they end, whatever the printer reports."""


@dataclass(frozen=True)
class Context:
    """Inputs of the judge beside the reading.

    The thresholds, when it came, the printer's name and place, and what people know of it.
    """

    rules: RuleSettings
    received_at: datetime
    name: str | None = None
    location: str | None = None
    serial: str = ""
    """The serial number that the inventory expects; "" where it has none."""
    mutes: tuple[Mute, ...] = ()
    """What nobody is to be told of."""
    asked_by_hand: bool = False
    """Somebody asks it just now: that it has never answered before does not excuse it."""


def effective_taken_at(reading: Reading, received_at: datetime) -> datetime:
    """Return when the reading was taken; its arrival if its own time is more than 5 minutes ahead of that."""
    try:
        taken_at, received_at = reading.taken_at.astimezone(UTC), received_at.astimezone(UTC)
        return received_at if is_ahead(taken_at, received_at) else taken_at
    except OverflowError:  # the first or the last day of the calendar, in another zone
        return received_at


def judge(reading: Reading, previous: Judged | None, context: Context) -> Judged:
    """Return the printer's state, flags included, after a reading that is newer than `previous`."""
    before = previous.state if previous else PrinterState(printer_id=reading.printer_id)
    memory = RuleMemory.load(previous.memory) if previous else RuleMemory()
    if not reading.reachable:
        return _missed(reading, before, memory, context)
    return _answered(reading, before, memory, context)


def judge_readings(readings: Iterable[Reading], rules: RuleSettings, now: datetime) -> list[PrinterState]:
    """Judge readings in their order, each printer's with what those before have shown.

    The first one of a printer has no other to wait for: unanswered, it makes the printer unreachable.
    """
    first = rules.model_copy(update={"unreachable_after": 1})
    past: dict[str, Judged] = {}
    states = []
    for reading in readings:
        previous = past.get(reading.printer_id)
        judged = judge(reading, previous, Context(rules if previous else first, now, asked_by_hand=True))
        past[reading.printer_id] = judged
        states.append(judged.state)
    return states


def _answered(reading: Reading, before: PrinterState, memory: RuleMemory, context: Context) -> Judged:
    """Judge a reading with an answer: by which device, what is wrong with it, and since when."""
    at = effective_taken_at(reading, context.received_at)
    decoded, verdict, identity, before, memory, change = _recognize(reading, before, memory, at)
    certain = verdict != "uncertain"
    # What was uncertain has not been judged by its supplies: there is nothing to follow them from.
    follows = verdict == "known" and not memory.identity.candidate and "supplies" in decoded.settled
    moved = renumbered(before.supplies, decoded.supplies) if follows else {}
    memory = _follow_moved(memory, moved)
    known = _known(before, memory, moved)
    set_back = _recent_set_back(memory, at)
    state, findings = find(decoded, known, context.rules, memory.polarity)
    findings += _notes(reading, at, identity, context, decoded)
    if set_back:
        findings.append(_clock_set_back(set_back))
    clearing = Clearing(
        after=1 if reading.refresh_id else CLEAR_AFTER,
        # What may be another device cannot tell that something is gone.
        tells_of=decoded.tells_of if certain else _tells_nothing,
        vague=blurred(decoded, known),
        gone=memory.gone,
    )
    # What is muted was of the device before, or of a row that has another number now.
    mutes = () if change else moved_with(context.mutes, moved)
    muted = frozenset(key for key, flag in known.items() if _is_muted(mutes, flag))
    told = [finding for finding in findings if not _is_muted(mutes, finding)]
    flags = {key: flag for key, flag in known.items() if key not in muted}
    episodes = follow(told, flags, clearing, at)
    shown: set[FlagKey] = {finding.key for finding in findings}
    polarity = learn(memory.polarity, decoded.supplies, shown, known) if certain else memory.polarity
    fields = _envelope(reading, context, at) | decoded.fields()
    if fields["counters_at"] == reading.taken_at:
        fields["counters_at"] = at
    worst = max((flag.severity for flag in episodes.flags), key=SEVERITY_RANK.__getitem__, default=None)
    answered = PrinterState(**fields, answered_at=at, state=state, attention=episodes.flags, severity=worst)
    remembered = RuleMemory(
        gone=episodes.gone,
        polarity=dict(polarity),
        remembered=decoded.remembered,
        identity=_worth_keeping(identity, answered),
        set_back=set_back,
    )
    return Judged(answered, remembered.dump(), identity.number, certain, change, moved, muted)


def _is_muted(mutes: Iterable[Mute], condition: Finding | Attention) -> bool:
    return any(mute.covers(condition.code, condition.subject, condition.parameters) for mute in mutes)


class _Recognized(NamedTuple):
    """An answered reading, which device it is from, and what is known of that one from before."""

    decoded: DecodedReading
    verdict: Verdict
    identity: Identity
    before: PrinterState
    memory: RuleMemory
    change: DeviceChange | None


def _recognize(reading: Reading, before: PrinterState, memory: RuleMemory, at: datetime) -> _Recognized:
    """Decode a reading for the device that it is from; of another device nothing is known from before."""
    decoded = decode(reading, before, memory.remembered)
    verdict, identity = _identified(_serial_seen(decoded), before, memory)
    if verdict != "other":
        return _Recognized(decoded, verdict, identity, before, memory, None)
    nothing = PrinterState(printer_id=reading.printer_id)
    decoded = decode(reading, nothing, RememberedTables())
    change, forgotten = _change(identity, decoded), RuleMemory(set_back=memory.set_back)
    return _Recognized(decoded, verdict, identity.changed(at), nothing, forgotten, change)


def _identified(serial: str | None, before: PrinterState, memory: RuleMemory) -> tuple[Verdict, Identity]:
    if memory.identity.is_calm(serial, before):
        return "known", NOTHING_KNOWN
    return identity_of(before, memory).seen(serial, before)


def _worth_keeping(identity: Identity, answered: PrinterState) -> Identity:
    """Return the identity to remember; nothing where the state itself tells it, as nearly always."""
    described = identity is NOTHING_KNOWN or identity == Identity(serial=answered.serial_number or "")
    return NOTHING_KNOWN if described else identity


def identity_of(before: PrinterState, memory: RuleMemory) -> Identity:
    """Return what is known of the device: by the memory, or of a first device in calm by its state alone."""
    known = memory.identity
    return known if known.serial else replace(known, serial=before.serial_number or "")


def _serial_seen(decoded: DecodedReading) -> str | None:
    """Return the serial number in this very reading; None where its table was not answered whole."""
    return decoded.other_fields["serial_number"] if "general" in decoded.settled else None


def _change(identity: Identity, decoded: DecodedReading) -> DeviceChange:
    return DeviceChange(
        serial_before=identity.serial,
        serial=identity.candidate,
        model_before=identity.model,
        model=decoded.other_fields["model"] or "",
        count_before=identity.count,
        count=decoded.other_fields["marker_life_count"],
    )


def _follow_moved(memory: RuleMemory, moved: Renumbered) -> RuleMemory:
    """Move the memory of the supplies with them to their new rows."""
    if not moved:
        return memory
    gone = {}
    for text, count in memory.gone.items():
        code, _, subject = text.partition("|")
        gone[key_text(renamed_key((code, subject), moved))] = count
    polarity = {moved.get(index, index): meaning for index, meaning in memory.polarity.items()}
    return replace(memory, gone=gone, polarity=polarity)


def _known(before: PrinterState, memory: RuleMemory, moved: Renumbered) -> dict[FlagKey, Attention]:
    flags = _flags_of(before, memory)
    known = {key_of(flag): flag for flag in flags}
    if not moved:
        return known
    renamed = {key: renamed_flag(flag, moved) for key, flag in known.items()}
    followed = {key_of(flag): flag for key, flag in renamed.items() if flag is not known[key]}
    return {key: flag for key, flag in known.items() if renamed[key] is flag} | followed


def _notes(
    reading: Reading, at: datetime, identity: Identity, context: Context, decoded: DecodedReading
) -> list[Finding]:
    """Return notes on a reading besides what its printer says."""
    notes = []
    if at != reading.taken_at:
        notes.append(_clock_skew(reading))
    if changed := change_finding(identity, context.serial, decoded.other_fields["model"]):
        notes.append(changed)
    return notes


def _tells_nothing(_evidence: Evidence) -> bool:
    return False


def _missed(reading: Reading, before: PrinterState, memory: RuleMemory, context: Context) -> Judged:
    """Judge a reading without an answer.

    Everything stays as it was, until too many of these come in a row. What has never answered has no fault:
    its address may be wrong, or its SNMP switched off.
    """
    at = effective_taken_at(reading, context.received_at)
    memory = replace(memory, misses=memory.misses + 1, missed_since=memory.missed_since or at)
    update = _envelope(reading, context, at)
    if before.answered_at is None and not context.asked_by_hand:
        unreached = before.model_copy(update=update | {"state": "unknown", "attention": (), "severity": None})
        return Judged(unreached, replace(memory, hidden=()).dump(), memory.identity.number)
    if is_not_answering(memory.misses, context.rules.unreachable_after):
        memory = replace(memory, hidden=_flags_of(before, memory))
        flag = _unreachable(memory.misses, memory.missed_since or at, update["error"])
        update |= {"state": "unreachable", "attention": (flag,), "severity": flag.severity}
    return Judged(before.model_copy(update=update), memory.dump(), memory.identity.number)


def _flags_of(before: PrinterState, memory: RuleMemory) -> tuple[Attention, ...]:
    """Return the flags that were known, those hidden behind "unreachable" included."""
    shown = [flag for flag in before.attention if flag.code != UNREACHABLE]
    return tuple({key_of(flag): flag for flag in (*memory.hidden, *shown)}.values())


def _envelope(reading: Reading, context: Context, at: datetime) -> dict[str, Any]:
    return {
        "printer_id": reading.printer_id,
        "name": context.name,
        "location": context.location,
        "site": reading.site,
        "taken_at": at,
        "stale_at": stale_at(at, reading.interval_seconds),
        "refresh_id": reading.refresh_id,
        "reachable": reading.reachable,
        "error": clean(reading.error, _MAX_ERROR_TEXT) if reading.error else None,
    }


def _unreachable(misses: int, since_at: datetime, error: str | None) -> Attention:
    return Attention(
        code=UNREACHABLE,
        severity=severity_of(UNREACHABLE),
        message=sentence(UNREACHABLE, {}),
        parameters={},
        since_at=since_at,
        readings=misses,
        stops=CONDITIONS[UNREACHABLE].stops,
        evidence=(Evidence(object="reading", value=error or "no answer"),),
    )


def _clock_skew(reading: Reading) -> Finding:
    seen = Evidence(object="taken_at", value=reading.taken_at.isoformat())
    return Finding(CLOCK_SKEW, "", severity_of(CLOCK_SKEW), {}, (seen,))


def _recent_set_back(memory: RuleMemory, at: datetime) -> SetBack | None:
    """Return when the clock was set back, as long as that is shown."""
    set_back = memory.set_back
    return None if set_back is None or is_past(set_back.at, _SET_BACK_SHOWN, at) else set_back


def _clock_set_back(set_back: SetBack) -> Finding:
    seen = Evidence(object="taken_at of the last reading before", value=set_back.was.isoformat())
    return Finding(CLOCK_SET_BACK, "", severity_of(CLOCK_SET_BACK), {}, (seen,))

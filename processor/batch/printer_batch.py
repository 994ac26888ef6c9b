"""One printer on its way through the readings of a batch: order, judgement, and what is to be written.

Pure: its past comes from the transaction that will write its changes, nothing is kept between batches.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, Final, Literal

from core.contract.messages import PrinterState, Reading
from core.contract.printer_mib import RECEPTACLE
from core.domain.freshness import is_ahead
from core.domain.mutes import Mute, is_supply_muted, moved_with
from processor.batch.rows import DocumentRow, SnapshotRow
from processor.flags.episodes import FlagEpisodes, look_of
from processor.forecast.renewal import Renewal, renewal
from processor.history.points import history_json
from processor.issues.commands import FlagMuted, IssueCommand, SuppliesMoved, issue_commands_of
from processor.judgment.device_texts import changed_texts
from processor.judgment.identity import Identity
from processor.judgment.judge import Context, Judged, effective_taken_at, identity_of, judge
from processor.judgment.redating import redated, redated_flag
from processor.judgment.renumbering import renamed_flag, renamed_key
from processor.judgment.repeatable import Repeatable, repeatable
from processor.rules.findings import FlagKey, key_of
from processor.rules.memory import RuleMemory
from processor.supplies.ledger import PrinterLedger
from processor.supplies.memory import SupplyMemory

_LARGE_STEP: Final = timedelta(hours=1)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)

Order = Literal["new", "late", "repeated"]
"""How a reading stands to those that were stored before it."""

DEVICE_CHANGED: Final = "device_changed"
"""The outcome of flags that ended because another device has come."""
MUTED: Final = "muted"
"""The outcome of flags that ended because somebody has muted them."""


@dataclass(frozen=True)
class Received:
    """A reading, and when it arrived here."""

    reading: Reading
    at: datetime
    payload: bytes = b""


@dataclass(frozen=True)
class StoredState:
    """A printer as its last reading has left it, its documents parsed."""

    reading_id: str
    taken_at: datetime
    seq: int
    state: PrinterState
    memory: dict[str, Any]
    """`rules`: what the rules remember; `issues`: flags that had their issue; `ahead`: see _skewed_order;
    `flags`: the revision at which the flags last changed (see states.py); `supplies`: see SupplyMemory."""
    revision: int
    owed: bool
    levels_at: datetime | None = None
    """When the reading arrived that last showed another level of a supply."""


@dataclass
class PrinterBatch:
    """One printer in a batch: take() its readings in order, then write its rows, flags and history."""

    printer_id: str
    past: StoredState | None
    context: Context
    """What its readings are judged by; when it came, and what is muted by then, differs for each of them."""
    history: list[str] = field(default_factory=list)
    commands: list[IssueCommand] = field(default_factory=list)
    judged: Judged | None = None
    newest: Received | None = None
    """The reading of `judged`; None while nothing newer than the past has come."""
    repeatable: Repeatable | None = None
    """What it has said, where the same once more changes nothing."""

    def __post_init__(self) -> None:
        past, self.mutes = self.past, self.context.mutes
        memory = past.memory if past else {}
        self.judged = Judged(past.state, memory.get("rules", {})) if past else None
        self.episodes = FlagEpisodes.stored(past.state.attention if past else ())
        self.reported: list[Mapping[str, list[str]]] = []
        """What the printer reports otherwise of itself, by each reading that showed it."""
        self.ledger = PrinterLedger(SupplyMemory.load(memory.get("supplies")))
        self.asked: set[FlagKey] = {(code, subject) for code, subject in memory.get("issues", ())}
        # Of the newest reading: what orders readings, and its id.
        self._key = (past.taken_at, past.seq) if past else None
        self._id = past.reading_id if past else None
        # The latest time that a clock which was ahead has claimed; see _skewed_order.
        self._ahead = datetime.fromisoformat(memory["ahead"]) if memory.get("ahead") else None

    def take(self, received: Received) -> Order:
        """Judge a reading; one that is not newer adds its history at most."""
        reading = received.reading
        if self._key is not None and _was_set_back(self._key, received):
            self._disbelieve(self._key, received.at)
        at = effective_taken_at(reading, received.at)
        order = self._skewed_order(reading) if at != reading.taken_at else self._order(reading)
        context = replace(self.context, received_at=received.at, mutes=self.mutes)
        if order == "late" and at == reading.taken_at:
            state = judge(reading, None, context).state
            identity = self._identity()
            number = identity.number_of_late(state.serial_number, at)
            device = identity.number if number is None else number
            self.history.append(history_json(state, at, device, certain=number is not None))
        if order == "new":
            self._advance(received, judge(reading, self.judged, context), at, context)
        return order

    def _disbelieve(self, key: tuple[datetime, int], now: datetime) -> None:
        """Take the next reading as newer: the clock was set back since the state was stored."""
        self._key = _LONG_AGO, key[1]
        # What was taken before that, and is sent again, is late: it claims no more than was stored.
        self._ahead = max(key[0], self._ahead or key[0])
        if self.judged is not None:
            self.judged = redated(self.judged, now)
        self.episodes.redate(lambda flag: redated_flag(flag, now))

    def _order(self, reading: Reading) -> Order:
        if reading.id == self._id:
            return "repeated"
        return "new" if self._key is None or (reading.taken_at, reading.seq) > self._key else "late"

    def _skewed_order(self, reading: Reading) -> Order:
        # A time that is replaced by the arrival's says nothing when the reading comes again: such readings
        # are ordered among themselves by the time they claim. One that is late has no trustworthy place
        # in the history.
        if reading.id == self._id:
            return "repeated"
        claims_less = self._ahead is not None and reading.taken_at <= self._ahead
        older = self._key is not None and reading.seq <= self._key[1]
        return "late" if claims_less and older else "new"

    def _advance(self, received: Received, judged: Judged, at: datetime, context: Context) -> None:
        reading, before, state = received.reading, self.judged, judged.state
        if judged.change:
            self.episodes.end_all(at, DEVICE_CHANGED)
            self.asked.clear()
            self.mutes = ()
            self.commands.append(judged.change)
        if judged.moved:
            self.mutes = moved_with(self.mutes, judged.moved)
            self.episodes.rename(lambda flag: renamed_flag(flag, judged.moved), at)
            self.asked = {renamed_key(key, judged.moved) for key in self.asked}
            self.commands.append(SuppliesMoved(judged.moved))
        if judged.muted:
            self.episodes.end(judged.muted, at, MUTED)
            self.asked -= judged.muted
            self.commands += [FlagMuted(key) for key in sorted(judged.muted)]
        gone = self.episodes.follow(state.attention, at)
        if judged.certain:  # whose faults they are is not known before the next reading
            self.commands += issue_commands_of(state, gone, self.asked)
        point = history_json(state, at, judged.device, certain=judged.certain)
        self.history.append(point)
        if before and (changes := changed_texts(before.state, state)) and self._is_one_device(before, judged):
            self.reported.append(changes)
        supplies = self.ledger.memory
        self.ledger.take(before, judged, at)
        self.repeatable = None
        if self.ledger.is_steady(supplies, judged, at):
            self.repeatable = repeatable(reading, before, judged, self.asked, context, point)
        self.judged, self.newest = judged, received
        self._key, self._id = (at, reading.seq), reading.id
        if at != reading.taken_at:
            self._ahead = max(reading.taken_at, self._ahead or reading.taken_at)

    def _is_one_device(self, before: Judged, after: Judged) -> bool:
        """Return whether two readings in a row are from the same device for certain."""
        identity = identity_of(before.state, RuleMemory.load(before.memory))
        return after.certain and not after.change and not identity.candidate

    def _identity(self) -> Identity:
        if self.judged is None:
            return Identity()
        return identity_of(self.judged.state, RuleMemory.load(self.judged.memory))

    def rows(self) -> tuple[SnapshotRow, DocumentRow]:
        """Return the snapshot and the document to be upserted; only after a new reading."""
        assert self.judged and self.newest and self._key  # noqa: S101 (the caller asks `newest` first)
        state, past, at, same = self.judged.state, self.past, self._key[0], self.repeatable
        other_flags = past is None or flags_differ(past.state, state)
        changed = past is None or other_flags or is_news(past.state, state)
        revision = (past.revision if past else 0) + changed
        snapshot: SnapshotRow = {
            "printer_id": self.printer_id,
            "reading_id": self.newest.reading.id,
            "taken_at": at,
            "seq": self._key[1],
            "received_at": self.newest.at,
            "stale_at": state.stale_at or at,
            "reachable": state.reachable,
            "reached": state.answered_at is not None,
            "state": state.state,
            "severity": state.severity,
            "lowest_supply_percent": _lowest_percent(state, self.mutes),
            "levels_at": self._levels_at(state, self.newest.at),
            "model": state.model or "",
            "serial": state.serial_number or "",
            "firmware": state.firmware or "",
            "revision": revision,
            "published_revision": 0,
            "owed": changed or (past is not None and past.owed),
            "repeats": 0,
            "uptime_ticks": state.uptime_ticks,
            "said": same.said if same else "",
            "said_until": same.until if same else None,
            "point": same.point if same else "",
        }
        document: DocumentRow = {
            "printer_id": self.printer_id,
            "memory": self._memory(revision if other_flags else None),
            "payload": state.model_dump_json(),
        }
        return snapshot, document

    def _levels_at(self, state: PrinterState, now: datetime) -> datetime | None:
        past = self.past
        same = past is not None and past.levels_at is not None and _levels(past.state) == _levels(state)
        return past.levels_at if past is not None and same else now

    def renewal(self) -> Renewal:
        """Return what the readings of this batch say of the printer's forecasts; only after a new reading."""
        assert self.judged  # noqa: S101 (the caller asks `newest` first)
        return renewal(self.past.state if self.past else None, self.judged.state)

    def _memory(self, flags_changed_at: int | None) -> str:
        told = self.past.memory.get("flags", 0) if self.past else 0
        memory: dict[str, Any] = {
            "rules": self.judged.memory if self.judged else {},
            "flags": told if flags_changed_at is None else flags_changed_at,
        }
        if self.ledger.memory.entries:
            memory["supplies"] = self.ledger.memory.dump()
        if self.asked:
            memory["issues"] = sorted(self.asked)
        if self._ahead:
            memory["ahead"] = self._ahead.isoformat()
        return json.dumps(memory, separators=(",", ":"))


def _was_set_back(key: tuple[datetime, int], received: Received) -> bool:
    """Return whether the clock has been set back since the reading of that key was stored.

    A collector's seq rises whatever the clock does, unless it lost its spool: then a large step tells.
    """
    stored_at, seq = key
    if not is_ahead(stored_at, received.at):
        return False
    return received.reading.seq > seq or stored_at - received.at > _LARGE_STEP


# What changes with every reading: alone it is not worth a retained message.
_SILENT = frozenset(
    {"taken_at", "answered_at", "stale_at", "uptime_ticks", "refresh_id", "attention", "counters_at"}
)
_TOLD: Callable[[PrinterState], Any] = attrgetter(*(PrinterState.model_fields.keys() - _SILENT))


def is_news(before: PrinterState, after: PrinterState) -> bool:
    """Return whether a published field besides the flags has changed, or somebody waits for this reading."""
    asked = after.refresh_id is not None and after.refresh_id != before.refresh_id
    return asked or bool(_TOLD(before) != _TOLD(after))


def flags_differ(before: PrinterState, after: PrinterState) -> bool:
    """Return whether the flags say something else; their evidence and count change with every reading."""
    return _flags(before) != _flags(after)


def _flags(state: PrinterState) -> list[tuple[Any, ...]]:
    return [(*key_of(flag), *look_of(flag), flag.since_at) for flag in state.attention]


def _levels(state: PrinterState) -> list[tuple[str, int | None, int | None]]:
    return [(supply.index, supply.level, supply.level_percent) for supply in state.supplies]


def _lowest_percent(state: PrinterState, mutes: tuple[Mute, ...]) -> int | None:
    levels: Iterable[int] = (
        supply.level_percent
        for supply in state.supplies
        if supply.level_percent is not None
        and supply.supply_class != RECEPTACLE
        and not is_supply_muted(mutes, supply.index)
    )
    return min(levels, default=None)

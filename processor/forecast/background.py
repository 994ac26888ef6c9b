"""The forecasts of the fleet in the background: a few printers at a time, each when a level has changed."""

import random
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from pydantic import AwareDatetime, BaseModel, TypeAdapter
from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, or_, select, update

from core.contract.messages import Attention, HistoryPoint, HistorySupply, Supply
from core.domain.calendar_days import day_kinds
from core.domain.freshness import is_past
from core.runtime.wall_clock import utc_now
from core.storage.calendar_periods import read_periods
from core.storage.database import reading, writing
from core.storage.freshness import has_lasted
from core.storage.states import state_json
from core.storage.upserts import insert_into
from core.timeseries.points import DAY_MS, moment
from core.timeseries.reader import SeriesReader
from processor.forecast.forecast import Forecast
from processor.forecast.printer import forecasts
from processor.forecast.renewal import empty_supplies
from processor.forecast.working_time import NO_CALENDAR, Calendar
from processor.rules.memory import RuleMemory
from processor.rules.waste import Polarity
from processor.tables import DOCUMENTS, FORECASTS, PRINTERS, SNAPSHOTS

_AT_MOST_EVERY: Final = timedelta(hours=6)
"""So long a forecast stands although levels have changed: it is judged from a point every twelve hours."""
_AT_LEAST_EVERY: Final = timedelta(days=1)
"""So long it stands where none has: days go by."""
_LOOKS_BACK: Final = timedelta(days=180)
_EVERY: Final = timedelta(hours=12)
_NOT_REACHED: Final = timedelta(days=2)
"""A printer that has not answered for so long has no forecast for that reason."""
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_LOOK_SECONDS: Final = 15.0
_AT_ONCE: Final = 10
_MOST_WAITING: Final = 2_000
"""So many are known to be due at a time: of a new fleet all are at once."""
_MOMENT_SECONDS: Final = 0.2


class _State(BaseModel):
    """The fields of a PrinterState that a forecast needs; to parse it whole takes four times as long."""

    answered_at: AwareDatetime | None = None
    supplies: tuple[Supply, ...] = ()
    attention: tuple[Attention, ...] = ()
    incomplete_tables: tuple[str, ...] = ()


_STATE: Final = TypeAdapter(_State)
_STATE_COLUMNS: Final = (
    *(SNAPSHOTS.c[name] for name in ("printer_id", "taken_at", "stale_at", "uptime_ticks", "repeats")),
    *(DOCUMENTS.c.payload, DOCUMENTS.c.memory),
)


class _Due(NamedTuple):
    """A printer whose turn it is, as its snapshot has it."""

    printer_id: str
    supplies: Sequence[Supply]
    polarity: Polarity
    empty: frozenset[str]
    """Supplies with nothing left, by index."""
    answered_at: datetime | None
    newest: HistoryPoint | None
    """What the snapshot shows: the history may not have it yet."""


class Forecasts:
    """Forecasts the printers that are due, for a moment each time step() is called.

    Several processors take them in an order of their own, and leave alone what another has just done.
    """

    def __init__(self, engine: Engine, series: SeriesReader) -> None:
        self._engine = engine
        self._series = series
        self._waiting: list[str] = []
        self._calendar: Calendar | None = None
        self._looked_at = float("-inf")

    def step(self) -> None:
        """Forecast the next printers. Raises TimeSeriesUnavailable; they are tried again."""
        if not self._waiting and time.monotonic() - self._looked_at >= _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._look()
        deadline = time.monotonic() + _MOMENT_SECONDS
        while self._waiting and time.monotonic() < deadline:
            self._forecast(self._waiting[:_AT_ONCE], utc_now())
            del self._waiting[:_AT_ONCE]

    def _look(self) -> None:
        """Find the printers that are due, and forget those that are not watched any more."""
        self._follow_calendar()
        gone = ~exists().where(PRINTERS.c.printer_id == FORECASTS.c.printer_id, PRINTERS.c.enabled)
        due = select(SNAPSHOTS.c.printer_id).where(_is_due(utc_now())).limit(_MOST_WAITING)
        with reading(self._engine) as connection:
            self._waiting = list(connection.execute(due).scalars())
            anyone = connection.execute(select(FORECASTS.c.printer_id).where(gone).limit(1)).scalar()
        if anyone is not None:
            with writing(self._engine) as connection:
                connection.execute(delete(FORECASTS).where(gone))
        random.shuffle(self._waiting)

    def _follow_calendar(self) -> None:
        """Read the calendar; where it has changed, all forecasts are due."""
        with reading(self._engine) as connection:
            kinds = day_kinds(stored.entry for stored in read_periods(connection))
        calendar = {day.toordinal() - _FIRST_DAY: kind for day, kind in kinds.items()}
        if self._calendar not in (None, calendar):
            with writing(self._engine) as connection:
                connection.execute(update(FORECASTS).values(computed_at=moment(0)))
        self._calendar = calendar

    def _forecast(self, printer_ids: Sequence[str], now: datetime) -> None:
        statement = (
            select(*_STATE_COLUMNS)
            .join_from(SNAPSHOTS, DOCUMENTS, DOCUMENTS.c.printer_id == SNAPSHOTS.c.printer_id)
            .where(SNAPSHOTS.c.printer_id.in_(printer_ids), _is_due(now))
        )
        with reading(self._engine) as connection:
            found = connection.execute(statement.order_by(SNAPSHOTS.c.printer_id)).all()
        made = {due.printer_id: self._forecasts_of(due, now) for due in map(_due, found)}
        with writing(self._engine) as connection:
            for printer_id, by_supply in made.items():
                _keep(connection, printer_id, by_supply, now)

    def _forecasts_of(self, due: _Due, now: datetime) -> Mapping[str, Forecast]:
        if not due.supplies:
            return {}
        points = self._series.points(due.printer_id, now - _LOOKS_BACK, now, _EVERY)
        newest = due.newest
        if newest is not None and all(point.taken_at < newest.taken_at for point in points[-1:]):
            points = [*points, newest]
        calendar = NO_CALENDAR if self._calendar is None else self._calendar
        made = forecasts(points, due.supplies, due.polarity, due.empty, calendar)
        if due.answered_at is None or not is_past(due.answered_at, _NOT_REACHED, now):
            return made
        return {index: _not_reached(one) for index, one in made.items()}


def _not_reached(made: Forecast) -> Forecast:
    """Say why there is no forecast where it is because nothing was heard of the printer."""
    return made._replace(reason="not_reached") if made.reason in ("no_history", "too_short") else made


def _is_due(now: datetime) -> ColumnElement[bool]:
    mine = FORECASTS.c.printer_id == SNAPSHOTS.c.printer_id
    age = FORECASTS.c.computed_at
    still = or_(SNAPSHOTS.c.levels_at.is_(None), SNAPSHOTS.c.levels_at <= age, age > now - _AT_MOST_EVERY)
    fresh = exists().where(mine, ~has_lasted(age, _AT_LEAST_EVERY, now), still)
    return exists().where(PRINTERS.c.printer_id == SNAPSHOTS.c.printer_id, PRINTERS.c.enabled) & ~fresh


def _due(row: Any) -> _Due:
    state = _STATE.validate_python(state_json(row))
    memory = RuleMemory.load(from_json(row.memory).get("rules", {}))
    empty = empty_supplies(state.supplies, state.attention)
    newest = None
    # What was kept from an earlier reading, and what may be of another device, is not measured now.
    if state.answered_at and "supplies" not in state.incomplete_tables and not memory.identity.candidate:
        newest = HistoryPoint.model_construct(
            printer_id=row.printer_id,
            taken_at=state.answered_at,
            reachable=True,
            state="unknown",
            supplies={
                supply.index: HistorySupply.model_construct(level=supply.level, percent=supply.level_percent)
                for supply in state.supplies
            },
            device=memory.identity.number,
        )
    return _Due(row.printer_id, state.supplies, memory.polarity, empty, state.answered_at, newest)


def _keep(connection: Connection, printer_id: str, made: Mapping[str, Forecast], now: datetime) -> None:
    vanished = FORECASTS.c.printer_id == printer_id, FORECASTS.c.supply_index.not_in(list(made))
    connection.execute(delete(FORECASTS).where(*vanished))
    if not made:
        return
    rows = [_row(printer_id, index, made[index], now) for index in sorted(made)]
    upsert = insert_into(FORECASTS, connection.dialect.name)
    key = ["printer_id", "supply_index"]
    changes = {column.name: upsert.excluded[column.name] for column in FORECASTS.c if column.name not in key}
    connection.execute(upsert.on_conflict_do_update(index_elements=key, set_=changes), rows)


def _row(printer_id: str, index: str, made: Forecast, now: datetime) -> Mapping[str, Any]:
    refilled_at = None if made.refilled_at is None else moment(round(made.refilled_at * DAY_MS))
    return {
        "printer_id": printer_id,
        "supply_index": index,
        **made._asdict(),
        "refilled_at": refilled_at,
        "computed_at": now,
    }

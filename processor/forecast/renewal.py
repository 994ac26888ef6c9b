"""Forecasts that a reading makes untrue (a supply ran out or was refilled) are made anew at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, update

from core.contract.messages import Attention, PrinterState, Supply
from core.domain.conditions import USED_UP
from core.domain.receptacles import is_receptacle
from processor.supplies.rises import JUMP_PERCENT
from processor.tables import FORECASTS

_EMPTIED_PERCENT: Final = 10
"""By so much the level of a receptacle changes when it is emptied, whichever way it is reported."""
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Renewal:
    """Supplies of a printer by index, whose forecasts a reading has made untrue."""

    refilled: frozenset[str]
    """Those that have more than before, and those that are no longer empty, whatever their level says."""
    ran_out: frozenset[str]
    other: bool = False
    """Other rows than before: all forecasts are those of other supplies."""

    def __bool__(self) -> bool:
        return bool(self.refilled or self.ran_out or self.other)


def empty_supplies(supplies: Iterable[Supply], flags: Iterable[Attention]) -> frozenset[str]:
    """Return the supplies with nothing left: by their level, or because their printer says so."""
    by_level = {one.index for one in supplies if one.level_percent == 0 and not is_receptacle(one)}
    by_flag = {flag.subject for flag in flags if flag.code in USED_UP and flag.subject}
    return frozenset(by_level | by_flag)


def renewal(before: PrinterState | None, after: PrinterState) -> Renewal:
    """Return what the supplies of two states of a printer say of its forecasts."""
    if before is None:
        return Renewal(frozenset(), frozenset())
    was = {supply.index: supply for supply in before.supplies}
    risen = {
        supply.index
        for supply in after.supplies
        if supply.index in was and _is_refilled(was[supply.index], supply)
    }
    was_empty = empty_supplies(before.supplies, before.attention)
    is_empty = empty_supplies(after.supplies, after.attention)
    ran_out, filled = is_empty - was_empty, was_empty - is_empty
    return Renewal((filled | risen) - ran_out, ran_out, _rows_of(before) != _rows_of(after))


def apply_renewals(connection: Connection, renewals: Mapping[str, Renewal]) -> None:
    """Make these printers' forecasts due; those of the supplies concerned say nothing until then."""
    own = FORECASTS.c.printer_id
    for printer_id, one in renewals.items():
        due = {"computed_at": _LONG_AGO}
        nothing = {"days_left": None, "days_left_low": None, "days_left_high": None, "reason": "too_short"}
        none_left = {"days_left": 0.0, "days_left_low": 0.0, "days_left_high": 0.0, "reason": ""}
        rows = update(FORECASTS).where(own == printer_id)
        connection.execute(rows.values(due | nothing if one.other else due))
        if one.refilled:
            connection.execute(rows.where(FORECASTS.c.supply_index.in_(sorted(one.refilled))).values(nothing))
        if one.ran_out:
            connection.execute(
                rows.where(FORECASTS.c.supply_index.in_(sorted(one.ran_out))).values(none_left)
            )


def _is_refilled(before: Supply, after: Supply) -> bool:
    if before.level_percent is None or after.level_percent is None:
        return False
    rise = after.level_percent - before.level_percent
    return abs(rise) >= _EMPTIED_PERCENT if is_receptacle(after) else rise >= JUMP_PERCENT


def _rows_of(state: PrinterState) -> dict[str, tuple[str | None, ...]]:
    return {s.index: (s.supply_type, s.colorant) for s in state.supplies}

"""The rows of the tables people look at: supplies, trays, covers, alerts.

A table that was not answered as a whole keeps its earlier rows, and what is known anew is laid over them.
Most rows say what they said in the reading before: what has been decoded once is remembered for a while.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeVar

from core.contract.messages import Alert, Cover, InputTray, OutputTray, Supply, VarbindValue
from core.contract.mib_names import (
    ALERT_CODE,
    ALERT_GROUP,
    ALERT_SEVERITY,
    ALERT_TRAINING_LEVEL,
    CAPACITY_UNIT,
    COVER_STATUS,
    INPUT_TYPE,
    SUPPLY_CLASS,
    SUPPLY_TYPE,
    SUPPLY_UNIT,
)
from core.contract.printer_mib import CONSUMED, RECEPTACLE, RECEPTACLE_TYPES, name_of
from processor.decode.columns import Row
from processor.decode.levels import measure
from processor.decode.mib_tables import MibTables
from processor.decode.values import number_of, text_of, ticks_of

RowT = TypeVar("RowT", Supply, InputTray, OutputTray, Cover, Alert)
Cells = tuple[tuple[str, VarbindValue], ...]
_MAX_REMEMBERED: Final = 4096
MeasuredT = TypeVar("MeasuredT", Supply, InputTray)


def supplies_of(view: MibTables, before: tuple[Supply, ...]) -> tuple[Supply, ...]:
    """Return the supplies, each with its class (inferred where missing), colorant and measured level."""
    earlier = {supply.index: supply for supply in before}
    colorants, settled = view.rows("colorants"), "supplies" in view.settled

    def make(index: str, row: Row) -> Supply:
        colorant = _colorant(view, index, row, colorants)
        if colorant is None and index in earlier and "colorants" not in view.settled:
            colorant = earlier[index].colorant
        supply = _supply(index, view.charset, colorant, tuple(row.items()))
        if settled or index not in earlier or "prtMarkerSuppliesClass" in row:
            return supply
        return supply.model_copy(update={"supply_class": earlier[index].supply_class})  # told, not inferred

    rows = _table(view, "supplies", before, make)
    return rows if settled else tuple(_measured(row) for row in rows)


def _colorant(view: MibTables, index: str, row: Row, colorants: dict[str, Row]) -> str | None:
    number = number_of(row.get("prtMarkerSuppliesColorantIndex"))
    if not number or number < 0:
        return None
    exact = colorants.get(f"{index.partition('.')[0]}.{number}")
    others = (row for other, row in colorants.items() if other.endswith(f".{number}"))
    named = next(others, {}) if exact is None else exact  # agents give each table a device index of its own
    text = view.text(named.get("prtMarkerColorantValue"))
    return text.lower() if text else None


@lru_cache(maxsize=_MAX_REMEMBERED)
def _supply(index: str, charset: int | None, colorant: str | None, cells: Cells) -> Supply:
    row = dict(cells)
    supply_type = name_of(SUPPLY_TYPE, number_of(row.get("prtMarkerSuppliesType")))
    supply_class = name_of(SUPPLY_CLASS, number_of(row.get("prtMarkerSuppliesClass")))
    if supply_class is None and supply_type is not None:
        supply_class = RECEPTACLE if supply_type in RECEPTACLE_TYPES else CONSUMED
    return _measured(
        Supply(
            index=index,
            description=text_of(row.get("prtMarkerSuppliesDescription"), charset),
            supply_type=supply_type,
            supply_class=supply_class,
            supply_unit=name_of(SUPPLY_UNIT, number_of(row.get("prtMarkerSuppliesSupplyUnit"))),
            colorant=colorant,
            level=number_of(row.get("prtMarkerSuppliesLevel")),
            max_capacity=number_of(row.get("prtMarkerSuppliesMaxCapacity")),
        )
    )


def input_trays_of(view: MibTables, before: tuple[InputTray, ...]) -> tuple[InputTray, ...]:
    """Return the input trays, levels measured like those of supplies."""
    rows = _table(
        view, "input_trays", before, lambda index, row: _tray(index, view.charset, tuple(row.items()))
    )
    return rows if "input_trays" in view.settled else tuple(_measured(row) for row in rows)


@lru_cache(maxsize=_MAX_REMEMBERED)
def _tray(index: str, charset: int | None, cells: Cells) -> InputTray:
    row = dict(cells)
    return _measured(
        InputTray(
            index=index,
            name=text_of(row.get("prtInputName"), charset),
            description=text_of(row.get("prtInputDescription"), charset),
            media_name=text_of(row.get("prtInputMediaName"), charset),
            input_type=name_of(INPUT_TYPE, number_of(row.get("prtInputType"))),
            capacity_unit=name_of(CAPACITY_UNIT, number_of(row.get("prtInputCapacityUnit"))),
            status=number_of(row.get("prtInputStatus")),
            level=number_of(row.get("prtInputCurrentLevel")),
            max_capacity=number_of(row.get("prtInputMaxCapacity")),
        )
    )


def output_trays_of(view: MibTables, before: tuple[OutputTray, ...]) -> tuple[OutputTray, ...]:
    """Return the output trays, with the share of their room that is left."""
    rows = _table(
        view,
        "output_trays",
        before,
        lambda index, row: _output_tray(index, view.charset, tuple(row.items())),
    )
    return rows if "output_trays" in view.settled else tuple(map(_with_room, rows))


@lru_cache(maxsize=_MAX_REMEMBERED)
def _output_tray(index: str, charset: int | None, cells: Cells) -> OutputTray:
    row = dict(cells)
    return _with_room(
        OutputTray(
            index=index,
            name=text_of(row.get("prtOutputName"), charset),
            description=text_of(row.get("prtOutputDescription"), charset),
            status=number_of(row.get("prtOutputStatus")),
            remaining=number_of(row.get("prtOutputRemainingCapacity")),
            max_capacity=number_of(row.get("prtOutputMaxCapacity")),
        )
    )


def _with_room(tray: OutputTray) -> OutputTray:
    level_state, percent = measure(tray.remaining, tray.max_capacity, None)
    return tray.model_copy(update={"level_state": level_state, "remaining_percent": percent})


def covers_of(view: MibTables, before: tuple[Cover, ...]) -> tuple[Cover, ...]:
    """Return the covers and whether they are open."""
    return _table(view, "covers", before, lambda index, row: _cover(index, view.charset, tuple(row.items())))


@lru_cache(maxsize=_MAX_REMEMBERED)
def _cover(index: str, charset: int | None, cells: Cells) -> Cover:
    row = dict(cells)
    return Cover(
        index=index,
        description=text_of(row.get("prtCoverDescription"), charset),
        status=name_of(COVER_STATUS, number_of(row.get("prtCoverStatus"))),
    )


def alerts_of(view: MibTables, before: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Return the rows of prtAlertTable; only whole ones, since an index may be used anew meanwhile."""
    settled = "alerts" in view.settled

    def make(index: str, row: Row) -> Alert | None:
        whole = "prtAlertCode" in row and "prtAlertSeverityLevel" in row
        return _alert(index, view.charset, tuple(row.items())) if whole or settled else None

    return _table(view, "alerts", before if settled else _maybe_there(before, view), make)


def _maybe_there(before: tuple[Alert, ...], view: MibTables) -> tuple[Alert, ...]:
    """Return the earlier alerts that may still be there though they were not read now."""
    # A row that is whole anew replaces the earlier one of its index, which may have been another alert.
    anew = {index for index, row in view.rows("alerts").items() if "prtAlertCode" in row}
    known = view.alert_rows
    return tuple(
        alert for alert in before if alert.index not in anew and (known is None or known.may_hold(alert))
    )


@lru_cache(maxsize=_MAX_REMEMBERED)
def _alert(index: str, charset: int | None, cells: Cells) -> Alert:
    row = dict(cells)
    return Alert(
        index=index,
        severity=name_of(ALERT_SEVERITY, number_of(row.get("prtAlertSeverityLevel"))),
        training_level=name_of(ALERT_TRAINING_LEVEL, number_of(row.get("prtAlertTrainingLevel"))),
        group=name_of(ALERT_GROUP, number_of(row.get("prtAlertGroup"))),
        group_index=number_of(row.get("prtAlertGroupIndex")),
        location=number_of(row.get("prtAlertLocation")),
        code=name_of(ALERT_CODE, number_of(row.get("prtAlertCode"))),
        description=text_of(row.get("prtAlertDescription"), charset),
        time=ticks_of(row.get("prtAlertTime")),
    )


def _table(
    view: MibTables, table: str, before: Iterable[RowT], make: Callable[[str, Row], RowT | None]
) -> tuple[RowT, ...]:
    made = [made for index, row in view.rows(table).items() if (made := make(index, row)) is not None]
    if table in view.settled:
        return tuple(made)
    rows = {row.index: row for row in before}
    rows |= {row.index: _laid_over(rows[row.index], row) if row.index in rows else row for row in made}
    return tuple(rows[index] for index in sorted(rows, key=_order))


def _order(index: str) -> tuple[int, ...]:
    return tuple(int(part) for part in index.split(".") if part.isdecimal())


def _laid_over(old: RowT, new: RowT) -> RowT:
    return old.model_copy(update={name: value for name, value in vars(new).items() if value is not None})


def _measured(row: MeasuredT) -> MeasuredT:
    unit = row.supply_unit if isinstance(row, Supply) else row.capacity_unit
    level_state, level_percent = measure(row.level, row.max_capacity, unit)
    return row.model_copy(update={"level_state": level_state, "level_percent": level_percent})

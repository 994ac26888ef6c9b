"""The rows of the tables people look at: supplies, trays, covers, alerts.

A table that was not answered as a whole keeps its earlier rows, and what is known anew is laid over them.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from fleet.messages import Alert, Cover, InputTray, Supply
from fleet.mib_names import (
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
from fleet.printer_mib import RECEPTACLE_TYPES, name_of
from processor.decode.columns import Row
from processor.decode.levels import measure
from processor.decode.values import number_of
from processor.decode.view import View

CONSUMED = "supply_that_is_consumed"
RECEPTACLE = "receptacle_that_is_filled"


RowT = TypeVar("RowT", Supply, InputTray, Cover, Alert)
Value = TypeVar("Value")


def supplies_of(view: View, before: tuple[Supply, ...]) -> tuple[Supply, ...]:
    """The supplies, each with its class (inferred where missing), colorant and measured level."""
    earlier = {supply.index: supply for supply in before}
    colorants = view.rows("colorants")
    kept = "supplies" not in view.settled

    def make(index: str, row: Row) -> Supply:
        old = earlier.get(index)
        colorant = _colorant(view, index, row, colorants)
        if colorant is None and old is not None and (kept or "colorants" not in view.settled):
            colorant = old.colorant
        return _supply(view, index, row, colorant, old if kept else None)

    return _table(view, "supplies", before, make)


def _supply(view: View, index: str, row: Row, colorant: str | None, old: Supply | None) -> Supply:
    supply_type = name_of(SUPPLY_TYPE, number_of(row.get("prtMarkerSuppliesType")))
    supply_class = name_of(SUPPLY_CLASS, number_of(row.get("prtMarkerSuppliesClass")))
    unit = name_of(SUPPLY_UNIT, number_of(row.get("prtMarkerSuppliesSupplyUnit")))
    description = view.text(row.get("prtMarkerSuppliesDescription"))
    level = number_of(row.get("prtMarkerSuppliesLevel"))
    capacity = number_of(row.get("prtMarkerSuppliesMaxCapacity"))
    if old is not None:
        supply_type, unit = _or(supply_type, old.supply_type), _or(unit, old.supply_unit)
        supply_class, description = _or(supply_class, old.supply_class), _or(description, old.description)
        level, capacity = _or(level, old.level), _or(capacity, old.max_capacity)
    if supply_class is None and supply_type is not None:
        supply_class = RECEPTACLE if supply_type in RECEPTACLE_TYPES else CONSUMED
    level_state, level_percent = measure(level, capacity, unit)
    return Supply(
        index=index,
        description=description,
        supply_type=supply_type,
        supply_class=supply_class,
        supply_unit=unit,
        colorant=colorant,
        level=level,
        max_capacity=capacity,
        level_state=level_state,
        level_percent=level_percent,
    )


def _colorant(view: View, index: str, row: Row, colorants: dict[str, Row]) -> str | None:
    number = number_of(row.get("prtMarkerSuppliesColorantIndex"))
    if not number or number < 0:
        return None
    named = colorants.get(f"{index.partition('.')[0]}.{number}", {})
    text = view.text(named.get("prtMarkerColorantValue"))
    return text.lower() if text else None


def input_trays_of(view: View, before: tuple[InputTray, ...]) -> tuple[InputTray, ...]:
    """The input trays, levels measured like those of supplies."""
    earlier = {tray.index: tray for tray in before} if "input_trays" not in view.settled else {}
    return _table(view, "input_trays", before, lambda index, row: _tray(view, index, row, earlier.get(index)))


def _tray(view: View, index: str, row: Row, old: InputTray | None) -> InputTray:
    unit = name_of(CAPACITY_UNIT, number_of(row.get("prtInputCapacityUnit")))
    level = number_of(row.get("prtInputCurrentLevel"))
    capacity = number_of(row.get("prtInputMaxCapacity"))
    tray = InputTray(
        index=index,
        name=view.text(row.get("prtInputName")),
        description=view.text(row.get("prtInputDescription")),
        media_name=view.text(row.get("prtInputMediaName")),
        input_type=name_of(INPUT_TYPE, number_of(row.get("prtInputType"))),
        capacity_unit=unit,
        status=number_of(row.get("prtInputStatus")),
        level=level,
        max_capacity=capacity,
    )
    if old is not None:
        tray = _laid_over(old, tray)
    level_state, level_percent = measure(tray.level, tray.max_capacity, tray.capacity_unit)
    return tray.model_copy(update={"level_state": level_state, "level_percent": level_percent})


def covers_of(view: View, before: tuple[Cover, ...]) -> tuple[Cover, ...]:
    """The covers and whether they are open."""
    earlier = {cover.index: cover for cover in before} if "covers" not in view.settled else {}

    def make(index: str, row: Row) -> Cover:
        cover = Cover(
            index=index,
            description=view.text(row.get("prtCoverDescription")),
            status=name_of(COVER_STATUS, number_of(row.get("prtCoverStatus"))),
        )
        return _laid_over(earlier[index], cover) if index in earlier else cover

    return _table(view, "covers", before, make)


def alerts_of(view: View, before: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """The rows of prtAlertTable. Of a table in pieces only whole rows count: an index may be used anew."""

    def make(index: str, row: Row) -> Alert | None:
        whole = "prtAlertCode" in row and "prtAlertSeverityLevel" in row
        return _alert(view, index, row) if whole or "alerts" in view.settled else None

    return _table(view, "alerts", before, make)


def _alert(view: View, index: str, row: Row) -> Alert:
    return Alert(
        index=index,
        severity=name_of(ALERT_SEVERITY, number_of(row.get("prtAlertSeverityLevel"))),
        training_level=name_of(ALERT_TRAINING_LEVEL, number_of(row.get("prtAlertTrainingLevel"))),
        group=name_of(ALERT_GROUP, number_of(row.get("prtAlertGroup"))),
        group_index=number_of(row.get("prtAlertGroupIndex")),
        location=number_of(row.get("prtAlertLocation")),
        code=name_of(ALERT_CODE, number_of(row.get("prtAlertCode"))),
        description=view.text(row.get("prtAlertDescription")),
        time=number_of(row.get("prtAlertTime")),
    )


def _table(
    view: View, table: str, before: Iterable[RowT], make: Callable[[str, Row], RowT | None]
) -> tuple[RowT, ...]:
    made = [made for index, row in view.rows(table).items() if (made := make(index, row)) is not None]
    if table in view.settled:
        return tuple(made)
    rows = {row.index: row for row in (*before, *made)}
    return tuple(rows[index] for index in sorted(rows, key=_order))


def _order(index: str) -> tuple[int, ...]:
    return tuple(int(part) for part in index.split(".") if part.isdecimal())


def _or(value: Value | None, old: Value | None) -> Value | None:
    return value if value is not None else old


def _laid_over(old: RowT, new: RowT) -> RowT:
    return old.model_copy(update={name: value for name, value in vars(new).items() if value is not None})

"""The replacements that a demo's past has seen: found in its points as in the readings of real printers."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, insert

from core.contract.messages import HistoryPoint
from core.domain.part_names import order_name
from core.domain.part_numbers import part_number_of
from core.domain.supply_events import SupplyEvent
from core.storage.core_tables import SUPPLY_EVENTS
from core.storage.supply_events import event_values, newest_of_printer, since_its_start
from core.timeseries.points import milliseconds, moment
from processor.decode.device_words import colors_in
from processor.supplies.watch import Replacement, Seen, Watch, follow
from simulator.plan import PlannedPrinter
from simulator.shape import SimulatedSupply


def replacements(printer: PlannedPrinter, points: Sequence[HistoryPoint]) -> Iterator[SupplyEvent]:
    """Yield the replacements that the points of a printer show, oldest first for each supply."""
    for supply in printer.shape.supplies:
        if supply.is_waste:
            continue
        index, watch = f"{printer.shape.device}.{supply.row}", None
        for point in points:
            seen = _seen(point, index)
            if seen is None:
                continue
            watch, found = _step(watch, seen)
            if found is not None:
                yield _event(printer, supply, index, found)


def write_replacements(connection: Connection, events: Iterator[SupplyEvent]) -> int:
    """Store those of a printer that has none yet; return how many. Nobody listened: none is published."""
    count = 0
    for event in events:
        if not count and newest_of_printer(connection, event.printer_id, 1):
            return 0
        values = event_values(since_its_start(connection, event)) | {"owed": False}
        connection.execute(insert(SUPPLY_EVENTS).values(values))
        count += 1
    return count


def _seen(point: HistoryPoint, index: str) -> Seen | None:
    level = point.supplies.get(index)
    if level is None:
        return None
    return Seen(milliseconds(point.taken_at) / 1000, level.percent, count=point.marker_life_count)


def _step(watch: Watch | None, seen: Seen) -> tuple[Watch, Replacement | None]:
    step = follow(watch, seen)
    return step.watch, step.replacement


def _event(printer: PlannedPrinter, supply: SimulatedSupply, index: str, found: Replacement) -> SupplyEvent:
    color = next(iter(colors_in(f"{supply.colorant} {supply.name}")), "")
    return SupplyEvent(
        printer_id=printer.printer_id,
        supply_index=index,
        at=moment(round(found.new.at * 1000)),
        not_before=moment(round(found.old.at * 1000)),
        model=printer.shape.model,
        supply_type=supply.kind,
        color=color,
        description=supply.name,
        part=order_name(supply.name, color, supply.kind),
        part_number=part_number_of(supply.name),
        old_percent=found.old.percent,
        new_percent=found.new.percent,
        life_count=found.new.count,
    )

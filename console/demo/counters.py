"""The vendors' page counters in a demo's past: they lead to what the processor finds in the first reading."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from collector.drivers.protocol import Varbind
from collector.poll.result import varbinds_of
from core.contract import ber
from core.contract.messages import HistoryPoint, PrinterState, Reading, TableStatus
from core.contract.printer_mib import POLL_TABLES
from core.contract.vendor_objects import VENDOR_TABLES
from core.runtime.settings import RuleSettings
from processor.history.points import history_json
from processor.judgment.judge import judge_readings
from simulator.living import LivingPrinter
from simulator.recording import Arcs, content_of

_ALL_READ: Final[dict[str, TableStatus]] = dict.fromkeys((*POLL_TABLES, *VENDOR_TABLES), "complete")


def first_state(printer: LivingPrinter, now: datetime) -> PrinterState:
    """Return the state that the processor will make of a printer's first reading."""
    cells = [_varbind(arcs, value) for arcs, value in printer.values().items()]
    reading = Reading(
        id="first",
        printer_id=printer.plan.printer_id,
        site="main",
        seq=0,
        taken_at=now,
        reachable=True,
        tables=_ALL_READ,
        varbinds=varbinds_of(cells) or {},
    )
    (state,) = judge_readings([reading], RuleSettings(), now)
    return state


def with_counters(
    points: Iterable[HistoryPoint], state: PrinterState, now: datetime
) -> Iterator[HistoryPoint]:
    """Yield points with the counters that lead to those of a state, in proportion to the pages."""
    first = HistoryPoint.model_validate_json(history_json(state, now))
    for point in points:
        pages, until = point.marker_life_count, first.marker_life_count
        if pages is None or not until or not first.counters:
            yield point
            continue
        counts = {name: count * pages // until for name, count in first.counters.items()}
        yield point.model_copy(update={"counters": counts, "serial_number": first.serial_number})


def _varbind(arcs: Arcs, value: bytes) -> Varbind:
    return Varbind(ber.encode_arcs(arcs), value[0], content_of(value))

"""The vendors' page counters in a demo's past: they lead to what the processor finds in the first reading."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from collector.drivers.protocol import Varbind
from collector.poll.result import varbinds_of
from core.contract import ber
from core.contract.messages import HistoryPoint, Reading, TableStatus
from core.contract.printer_mib import POLL_TABLES
from core.contract.vendor_objects import VENDOR_TABLES
from core.runtime.settings import RuleSettings
from processor.judgment.judge import judge_readings
from simulator.living import LivingPrinter
from simulator.recording import Arcs, content_of

_ALL_READ: Final[dict[str, TableStatus]] = dict.fromkeys((*POLL_TABLES, *VENDOR_TABLES), "complete")


@dataclass(frozen=True)
class PrinterCounters:
    """Counts by name (core.contract.vendor_counters) when so many pages had been printed, of that device."""

    pages: int
    counts: Mapping[str, int]
    serial_number: str | None


def printer_counters(printer: LivingPrinter, now: datetime) -> PrinterCounters:
    """Return what a printer's counters show now."""
    cells = [_varbind(arcs, value) for arcs, value in printer.values().items()]
    reading = Reading(
        id="counters",
        printer_id=printer.plan.printer_id,
        site="main",
        seq=0,
        taken_at=now,
        reachable=True,
        tables=_ALL_READ,
        varbinds=varbinds_of(cells) or {},
    )
    (state,) = judge_readings([reading], RuleSettings(), now)
    counts = {counter.name: counter.count for counter in state.counters}
    return PrinterCounters(printer.life.stock.pages, counts, state.counters_serial)


def with_counters(points: Iterable[HistoryPoint], now: PrinterCounters) -> Iterator[HistoryPoint]:
    """Yield points with the counters that lead to those of now: each in proportion to the pages."""
    for point in points:
        pages = point.marker_life_count
        if pages is None or not now.counts:
            yield point
            continue
        counts = {name: count * pages // now.pages for name, count in now.counts.items()}
        yield point.model_copy(update={"counters": counts, "serial_number": now.serial_number})


def _varbind(arcs: Arcs, value: bytes) -> Varbind:
    return Varbind(ber.encode_arcs(arcs), value[0], content_of(value))

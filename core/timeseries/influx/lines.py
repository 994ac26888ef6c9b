"""Line protocol: the points and days of printers as InfluxDB takes them (docs/timeseries.md). Pure."""

from collections.abc import Mapping
from typing import Final

from core.contract.messages import HistoryPoint
from core.timeseries.counters import CounterDay, device_of
from core.timeseries.influx.layout import COUNTER, DAY, NO_PAGES, PRINTER, SUPPLY
from core.timeseries.points import DAY_MS, STATE_CODES, day_number, milliseconds
from core.timeseries.reader import PrinterDay
from core.timeseries.samples import DaySum

_TAG: Final = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\=", "\n": r"\ ", "\r": r"\ ", "\\": "/"})


def lines_of(point: HistoryPoint) -> list[str]:
    """Return the lines of a point: one for the printer, one for each supply that has a level."""
    at, printer = milliseconds(point.taken_at), tag(point.printer_id)
    fields = {
        "reachable": "true" if point.reachable else "false",
        "state": f'"{point.state}"',
        "state_code": f"{STATE_CODES[point.state]}i",
        "marker_life_count": _integer(point.marker_life_count),
    }
    lines = [f"{PRINTER},printer_id={printer}{_device(point.device)} {_fields(fields)} {at}"]
    for index, supply in point.supplies.items():
        levels = {"level": _integer(supply.level), "percent": _integer(supply.percent)}
        if any(levels.values()):
            lines.append(f"{SUPPLY},printer_id={printer},supply={tag(index)} {_fields(levels)} {at}")
    lines += [
        _counter_line(point.printer_id, counter, at, count, device_of(point.serial_number))
        for counter, count in point.counters.items()
    ]
    return lines


def line_of_counter(day: CounterDay) -> str:
    """Return the line of a page counter, at the time it was read."""
    return _counter_line(day.printer_id, day.counter, day.at, day.value, day.device)


def _counter_line(printer_id: str, counter: str, at: int, count: int, device: int) -> str:
    return (
        f"{COUNTER},printer_id={tag(printer_id)},counter={tag(counter)} count={count}i,device={device}i {at}"
    )


def line_of_day(day: PrinterDay) -> str:
    """Return the line of a day, at its beginning."""
    counts = day.first_count, day.last_count
    return line_of_sum(
        DaySum(
            day.printer_id,
            day_number(day.day),
            day.readings,
            day.answered,
            *counts,
            day.device,
            NO_PAGES if day.pages is None else day.pages,
        )
    )


def line_of_sum(day: DaySum) -> str:
    """Return the line of a day as it was added up, at its beginning."""
    fields = {
        "readings": _integer(day.readings),
        "answered": _integer(day.answered),
        "first_count": _integer(day.first_count),
        "last_count": _integer(day.last_count),
        "pages": _integer(day.pages),
    }
    tags = f"printer_id={tag(day.printer_id)}{_device(day.device)}"
    return f"{DAY},{tags} {_fields(fields)} {day.day * DAY_MS}"


def _device(number: int) -> str:
    """Return the tag that keeps the counts of devices apart; the first one needs none."""
    return f",device={number}" if number else ""


def tag(text: str) -> str:
    """Return a tag value, escaped; line ends and backslashes, which it cannot hold, are replaced."""
    return text.translate(_TAG) or "-"


def _integer(value: int | None) -> str:
    return "" if value is None else f"{value}i"


def _fields(fields: Mapping[str, str]) -> str:
    return ",".join(f"{name}={value}" for name, value in fields.items() if value)

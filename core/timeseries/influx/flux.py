"""The Flux that the reader asks and the server's task runs: constants, and how a string is written in it.

A script finds what it is about in variables (_bucket, _since, _until ...): the reader sends them beside the
script as a syntax tree, a task defines them in its first lines.
"""

from typing import Final

PRINTER: Final = """
from(bucket: _bucket) |> range(start: _since, stop: _until)
    |> filter(fn: (r) => r._measurement == "printer" or r._measurement == "supply")
    |> filter(fn: (r) => r.printer_id == _printer)
    |> filter(fn: (r) => r._field != "state")"""
ONE_OF_EACH: Final = """
    |> window(every: _every) |> last()"""
AS_ROWS: Final = """
    |> keep(columns: ["_time", "_field", "_value", "supply", "device"])"""

_OF_PRINTER: Final = " |> filter(fn: (r) => r.printer_id == _printer)"
_STORED_DAYS: Final = """
from(bucket: _bucket) |> range(start: _since, stop: _until)
    |> filter(fn: (r) => r._measurement == "printer_day"){of}
    |> keep(columns: ["_time", "_field", "_value", "printer_id", "device"])"""
STORED_DAYS: Final = _STORED_DAYS.format(of="")
STORED_DAYS_OF_PRINTER: Final = _STORED_DAYS.format(of=_OF_PRINTER)

COUNTER_DAYS: Final = """
from(bucket: _bucket) |> range(start: _since, stop: _until)
    |> filter(fn: (r) => r._measurement == "counter")
    |> window(every: 1d) |> last()
    |> keep(columns: ["_time", "_field", "_value", "printer_id", "counter"])"""

PRINTERS: Final = """
import "influxdata/influxdb/schema"
schema.tagValues(bucket: _bucket, tag: "printer_id", start: _since, stop: _until)"""

_SUM: Final = """
from(bucket: _bucket) |> range(start: _since, stop: _until)
    |> filter(fn: (r) => r._measurement == "printer" and r._field == "{field}"){of}{only}
    |> aggregateWindow(every: 1d, fn: {function}, createEmpty: false, timeSrc: "_start")
    |> set(key: "_field", value: "{name}")
    |> {end} |> yield(name: "{name}")"""
_COUNT: Final = "marker_life_count"
_ANSWERED: Final = " |> filter(fn: (r) => r._value == true)"
_READ: Final = " |> filter(fn: (r) => r._value > 0)"
_SUMS: Final = (
    ("readings", "reachable", "count", ""),
    ("answered", "reachable", "count", _ANSWERED),
    ("first_count", _COUNT, "first", _READ),
    ("last_count", _COUNT, "last", _READ),
)

LAST_INTO_DAILY: Final = """
from(bucket: _bucket) |> range(start: _since, stop: _until)
    |> filter(fn: (r) => r._measurement == "printer" or r._measurement == "supply"
        or r._measurement == "counter")
    |> window(every: 1d) |> last()
    |> to(bucket: _daily) |> yield(name: "last")
"""


def _sums(end: str, of: str = "") -> str:
    return "".join(
        _SUM.format(name=name, field=field, function=function, only=only, of=of, end=end)
        for name, field, function, only in _SUMS
    )


_AS_DAYS: Final = 'keep(columns: ["_time", "_field", "_value", "printer_id", "device"])'
SUMMED_DAYS: Final = _sums(_AS_DAYS)
SUMMED_DAYS_OF_PRINTER: Final = _sums(_AS_DAYS, _OF_PRINTER)
DAYS_INTO_DAILY: Final = _sums('set(key: "_measurement", value: "printer_day") |> to(bucket: _daily)')
INTO_DAILY: Final = DAYS_INTO_DAILY + LAST_INTO_DAILY
"""The sums of whole days, and the last point of each, into the bucket _daily."""


def literal(text: str) -> str:
    r"""Return a string as Flux writes it; `${` would begin an expression in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'

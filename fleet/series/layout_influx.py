"""How points are laid out in InfluxDB: what the writer, the reader and the tasks of the server agree on.

Measurements, tags and fields are in docs/timeseries.md.
"""

from typing import Final

from fleet.settings import HistorySettings

PRINTER: Final = "printer"
SUPPLY: Final = "supply"
COUNTER: Final = "counter"
"""A vendor's page counter: its tag is `counter`, its fields are `count` and `device`."""
DAY: Final = "printer_day"
"""The sums of a day: what PrinterDay says but its pages, which follow from its counts."""


def daily_bucket(settings: HistorySettings) -> str:
    """The bucket for what is older than HISTORY_HOURLY_DAYS: one point a day, and the sums of days."""
    return f"{settings.influxdb_bucket}_daily"

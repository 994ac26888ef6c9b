"""Layout of points in InfluxDB, as the writer, the reader and the tasks of the server share it.

Measurements, tags and fields are in docs/timeseries.md.
"""

from datetime import datetime, timedelta
from typing import Final

from core.runtime.settings import HistorySettings

PRINTER: Final = "printer"
SUPPLY: Final = "supply"
COUNTER: Final = "counter"
"""A vendor's page counter: its tag is `counter`, its fields are `count` and `device`."""
DAY: Final = "printer_day"
"""The sums of a day: what PrinterDay says but its pages, which follow from its counts."""


NO_PAGES: Final = -1
"""Stands in a stored day for: its pages follow from its counts. A field cannot be taken away again."""


def whole_since(settings: HistorySettings, now: datetime) -> datetime:
    """Return the time from which the embedded history has every reading of a day; earlier days are thinned.

    Copied points of the time before go to the bucket for days: in the other one they would be summed as if
    they were all there was.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=settings.history_raw_days - 1)


def daily_bucket(settings: HistorySettings) -> str:
    """Return the bucket for what is older than HISTORY_HOURLY_DAYS: one point a day, and the sums of days."""
    return f"{settings.influxdb_bucket}_daily"

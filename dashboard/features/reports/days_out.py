"""Which part of each UTC day printers were out of service: that time is left out of reports. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from core.storage.out_of_service import TimeOutOfService
from dashboard.features.reports.periods import Period

DaysOut = Mapping[str, Mapping[date, float]]
"""By printer and day, above 0 and up to 1 (all day); without days of which nothing was out of service."""

_ONE_DAY: Final = timedelta(days=1)


def days_out(times: Iterable[TimeOutOfService], period: Period, now: datetime) -> DaysOut:
    """Return the parts of the period's days that lie in these times; of today, the part of it up to now."""
    first, until = period.moments(UTC)
    last = min(until, now)
    last_day = _day_of(last)
    took: dict[str, dict[date, timedelta]] = defaultdict(lambda: defaultdict(timedelta))
    reached: dict[str, datetime] = {}
    for printer_id, begin, end in sorted(times, key=lambda each: each[:2]):
        at = max(begin, reached.get(printer_id, first))  # two overlap where a clock was set back
        after = min(end or last, last)
        if at >= after:
            continue
        reached[printer_id], days = after, took[printer_id]
        day = _day_of(at)
        midnight = _midnight(day) + _ONE_DAY
        while at < after:
            days[day] += min(after, midnight) - at
            at, day, midnight = midnight, day + _ONE_DAY, midnight + _ONE_DAY
    length = {last_day: last - _midnight(last_day)}
    return {
        printer_id: {day: part / length.get(day, _ONE_DAY) for day, part in days.items()}
        for printer_id, days in took.items()
    }


def _day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)

"""The periods of reports: named ones, as days of the college's time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from core.contract.errors import UserError
from core.domain.units import day

PERIODS: Final[Mapping[str, str]] = {
    "7d": "Last 7 days",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "month": "This month",
    "last_month": "Last month",
    "year": "This year",
    "365d": "Last 12 months",
    "custom": "Choose dates …",
}
NAMED: Final = tuple(name for name in PERIODS if name != "custom")
USUAL: Final = "30d"
EARLIEST: Final = date(2000, 1, 1)
MOST_DAYS: Final = 1_100
"""Of a period that another program asks for: three years."""
_DAILY: Final = 92
"""Up to so many days a chart has a bar for each day; beyond, for each month."""


@dataclass(frozen=True)
class Period:
    """Whole days, from `since` to the day before `until`."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days

    @property
    def daily(self) -> bool:
        """Whether its charts go by day."""
        return self.days <= _DAILY

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return its beginning and its end as instants."""
        begin, end = (datetime.combine(each, time(), tzinfo=zone) for each in (self.since, self.until))
        return begin, end

    def bucket(self, on: date) -> date:
        """Return the bar a day belongs to."""
        return on if self.daily else on.replace(day=1)

    def words(self) -> str:
        """Return the period in words: `1 Nov 2026 to 28 Nov 2026`."""
        last = self.until - timedelta(days=1)
        return f"{day(self.since)} to {day(last)}"


def period(name: str, today: date) -> Period:
    """Return a named period that ends today; the last 30 days where the name is not known."""
    tomorrow = today + timedelta(days=1)
    first = today.replace(day=1)
    if name == "month":
        return Period(first, tomorrow)
    if name == "last_month":
        return Period((first - timedelta(days=1)).replace(day=1), first)
    if name == "year":
        return Period(today.replace(month=1, day=1), tomorrow)
    days = {"7d": 7, "90d": 90, "365d": 365}.get(name, 30)
    return Period(tomorrow - timedelta(days=days), tomorrow)


def days_between(since: date | None, until: date | None, today: date) -> Period:
    """Return the days from `since` to the day before `until`, or to today. Raises UserError."""
    tomorrow = today + timedelta(days=1)
    last = until or tomorrow
    if since is None:
        raise UserError("until: name the first day, too, by since.")
    if not EARLIEST <= since < last <= tomorrow:
        raise UserError(f"since: days from {EARLIEST} to today, and before until, are wanted.")
    if (last - since).days > MOST_DAYS:
        raise UserError(f"since: at most {MOST_DAYS:,} days are wanted.")
    return Period(since, last)

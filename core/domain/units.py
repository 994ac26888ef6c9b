"""Numbers, sizes and times in words: one way for pages, mails and the command line. Pure."""

import re
from datetime import date, datetime, tzinfo
from typing import Final

from core.domain.freshness import is_ahead

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_TWO_DAYS_HOURS: Final = 48
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK_DAYS: Final = 7
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_DAYS: Final = 30.44
_YEAR_DAYS: Final = 365.25
_TWO_MONTHS_DAYS: Final = 61
_TWO_YEARS_DAYS: Final = 731
_SIZES: Final = ("B", "kB", "MB", "GB", "TB")
_STEP: Final = 1000
_THREE_DIGITS: Final = 100
_UNITS: Final = "|".join(("%", "s", "min", "h", "d", *_SIZES, *_MONTHS))
_BY_A_NUMBER: Final = re.compile(rf" (?:(?<=\d )(?=(?:{_UNITS})(?!\w))|(?<=[A-Z]{{3}} )(?=\d[\d,]*\.\d\d))")
"""The blank between a number and its unit or month, and between a currency and an amount."""


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 printer`, `3 printers`, `1,200 rows were`; without `many`, an s makes the plural."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def number(value: float) -> str:
    """Return a number with groups of thousands, without a fraction where it has none or three digits."""
    whole = value == int(value) or abs(value) >= _THREE_DIGITS
    return f"{value:,.0f}" if whole else f"{value:.1f}"


def size(octets: int) -> str:
    """Return `900 B`, `1.4 MB`, `812 kB`."""
    amount, unit = float(octets), 0
    while amount >= _STEP and unit < len(_SIZES) - 1:
        amount, unit = amount / _STEP, unit + 1
    whole = unit == 0 or amount >= _THREE_DIGITS
    return f"{amount:.0f} {_SIZES[unit]}" if whole else f"{amount:.1f} {_SIZES[unit]}"


def lasting(seconds: float, *, brief: bool = False) -> str:
    """Return about how long: 40 s, 12 min, 3 h, 1 day, 9 days; brief, for a table: 9 d."""
    days = int(seconds // _DAY)
    if days >= 1:
        return f"{days} d" if brief else counted(days, "day")
    for unit_seconds, unit in ((_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= unit_seconds:
            return f"{int(seconds // unit_seconds)} {unit}"
    return f"{max(0, int(seconds))} s"


def remaining(until: datetime, now: datetime) -> str:
    """Return about how long it is until then, to the nearest unit: 7 days of what was made a moment ago."""
    seconds = (until - now).total_seconds()
    unit = next((each for each in (_DAY, _HOUR, _MINUTE) if seconds >= each), 0)
    return lasting(seconds + unit / 2)


def hours_lasting(hours: float) -> str:
    """Return how long, to be compared with another time: 12 min, 3.4 h, 26.2 h, 2.5 days."""
    if hours < 1:
        return lasting(hours * _HOUR)
    if hours < _TWO_DAYS_HOURS:
        return kept_together(f"{number(hours)} h")
    return kept_together(f"{number(hours * _HOUR / _DAY)} days")


def days_long(days: int) -> str:
    """Return about how long so many days are: 1 day, 12 days, 3 months, 7 years."""
    if days < _TWO_MONTHS_DAYS:
        return counted(days, "day")
    if days < _TWO_YEARS_DAYS:
        return counted(round(days / _MONTH_DAYS), "month")
    return counted(int(days / _YEAR_DAYS), "year")


def ago(at: datetime | None, now: datetime, *, brief: bool = False) -> str:
    """Return how long ago: never, just now (within a minute; brief: a second), 5 min ago, 9 days ago.

    A time that is not believed is said to be dated ahead.
    """
    if at is None:
        return "never"
    if is_ahead(at, now):
        ahead = f"dated {lasting((at - now).total_seconds(), brief=brief)} ahead"
        return ahead if brief else f"{ahead}: a clock was wrong"
    seconds = (now - at).total_seconds()
    return "just now" if seconds < (1 if brief else _MINUTE) else f"{lasting(seconds, brief=brief)} ago"


def kept_together(text: str) -> str:
    """Return a text that is broken nowhere between a number and its unit: 7 %, 12 min, EUR 12.50, 3 Dec.

    For what is read as HTML: CSV, JSON, terminals and the text of mails have plain blanks.
    """
    return _BY_A_NUMBER.sub("\N{NO-BREAK SPACE}", text)


def clock(at: datetime) -> str:
    """Return the time of day where we are."""
    return at.astimezone().strftime("%H:%M:%S")


def day(on: date) -> str:
    """Return 28 Nov 2026; the same whatever the machine's language."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def month(of: date) -> str:
    """Return Nov 2026, the month that a day is in."""
    return f"{_MONTHS[of.month - 1]} {of.year}"


def day_and_time(at: datetime, zone: tzinfo) -> str:
    """Return 28 Nov 2026, 14:05."""
    local = at.astimezone(zone)
    return f"{day(local)}, {local:%H:%M}"


def moment(at: datetime, zone: tzinfo) -> str:
    """Return Sat 28 Nov, 07:00; the same whatever the machine's language."""
    local = at.astimezone(zone)
    return f"{_WEEKDAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}, {local:%H:%M}"


def since_words(begins_at: datetime, at: datetime, zone: tzinfo) -> str:
    """Return since when, as seen from `at`: since 07:00, since yesterday, since Friday, since Fri 6 Mar."""
    begin = begins_at.astimezone(zone)
    days = (at.astimezone(zone).date() - begin.date()).days
    if days <= 0:
        return f"since {begin:%H:%M}"
    if days == 1:
        return "since yesterday"
    if days < _WEEK_DAYS:
        return f"since {_FULL_WEEKDAYS[begin.weekday()]}"
    return f"since {calendar_day(begin)}"


def weekday_name(number: int) -> str:
    """Return Mon for 0, Sun for 6; the same whatever the machine's language."""
    return _WEEKDAYS[number]


def calendar_day(at: date, *, weekday: bool = True) -> str:
    """Return Sat 28 Nov, or 28 Nov; the same whatever the machine's language."""
    name = f"{_WEEKDAYS[at.weekday()]} " if weekday else ""
    return f"{name}{at.day} {_MONTHS[at.month - 1]}"

"""The calendar that forecasts go by: terms, holidays and closing days, as people enter them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Literal

from core.contract.errors import UserError
from core.domain.text import one_line
from core.domain.units import day

TERM: Final = "term"
HOLIDAY: Final = "holiday"
CLOSED: Final = "closed"
KINDS: Final[Mapping[str, str]] = {TERM: "Term", HOLIDAY: "Holiday", CLOSED: "Closed"}
"""The kinds of periods in words."""

LONGEST_NAME: Final = 80
MOST_DAYS: Final = 400
"""Of one period: what is longer is a slip of the year."""
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2100, 12, 31)

DayKind = Literal["off", "break"]
"""off: holiday or closed, nobody works; break: between two terms, some do."""
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class PeriodEntry:
    """Days that are not like others, the last one included."""

    kind: str
    """One of KINDS."""
    name: str
    first_day: date
    last_day: date

    def words(self) -> str:
        """Return the period in words: `Spring break, 6 Apr 2026 to 17 Apr 2026`."""
        first = day(self.first_day)
        return f"{self.name}, {first}" + (
            "" if self.first_day == self.last_day else f" to {day(self.last_day)}"
        )


def read_period(kind: str, name: str, first_day: date | None, last_day: date | None) -> PeriodEntry:
    """Return a period as somebody has entered it; raise UserError with a sentence."""
    said = one_line(name)
    if kind not in KINDS:
        raise UserError(f"A period is one of {', '.join(KINDS.values())}; {one_line(kind, 20)!r} is none.")
    if not said:
        raise UserError("The name is missing: type in what the days are called, such as Spring break.")
    if len(said) > LONGEST_NAME:
        raise UserError(f"The name has {len(said):,} characters; it may have {LONGEST_NAME}. Shorten it.")
    if first_day is None:
        raise UserError("The first day is missing: choose it.")
    last = last_day or first_day
    if last < first_day:
        raise UserError(f"The last day ({day(last)}) is before the first one ({day(first_day)}): change one.")
    if not (first_day >= EARLIEST and last <= LATEST):
        raise UserError(f"{said}: the years may be {EARLIEST.year} to {LATEST.year}. Correct the days.")
    if (last - first_day).days >= MOST_DAYS:
        raise UserError(f"{said} would last {(last - first_day).days + 1} days; at most {MOST_DAYS} can be.")
    return PeriodEntry(kind, said, first_day, last)


def day_kinds(periods: Iterable[PeriodEntry]) -> dict[date, DayKind]:
    """Return the days that are not like others: days off, and those between two terms."""
    found: dict[date, DayKind] = {}
    known = list(periods)
    terms = sorted((one.first_day, one.last_day) for one in known if one.kind == TERM)
    ended = date.min
    for (_, last), (following, _) in pairwise(terms):
        ended = max(ended, last)
        found |= dict.fromkeys(_days(ended + _ONE_DAY, following - _ONE_DAY), "break")
    for one in known:
        if one.kind != TERM:
            found |= dict.fromkeys(_days(one.first_day, one.last_day), "off")
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + number * _ONE_DAY for number in range((last - first).days + 1)]

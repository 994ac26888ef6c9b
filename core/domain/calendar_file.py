"""Periods from an iCalendar file (RFC 5545): its all-day events. Pure.

Of the format no more is read than calendars of terms and holidays have: VEVENT with SUMMARY, DTSTART and
DTEND or DURATION as days. Events with times, and repeated ones, are left out, and it is said which.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.contract.errors import UserError
from core.domain.calendar_days import CLOSED, HOLIDAY, TERM, PeriodEntry, read_period
from core.domain.text import one_line

MEGABYTES: Final = 1
"""What a file may have."""
MOST_EVENTS: Final = 2_000
_DAY: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(T\d{6}Z?)?")
_DURATION: Final = re.compile(r"P(?:(\d{1,3})W|(\d{1,4})D)")
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")
_TERM: Final = re.compile(r"\b(?:term|semester|trimester|quarter)\b", re.IGNORECASE)
_BREAK: Final = re.compile(r"\b(?:break|begins?|ends?|starts?|last|first)\b", re.IGNORECASE)
_CLOSED: Final = re.compile(r"\bclos(?:ed|ing|ure)\b|\bshut", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedCalendar:
    """Contents of a calendar file."""

    periods: tuple[PeriodEntry, ...]
    left_out: tuple[str, ...]
    """A sentence for each event that cannot be used."""


def read_calendar(data: bytes) -> ParsedCalendar:
    """Return the periods of a file; raise UserError where it is no calendar."""
    if len(data) > MEGABYTES * 1024 * 1024:
        raise UserError(f"The file has more than {MEGABYTES} MB: export the terms and holidays alone.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "BEGIN:VCALENDAR" not in text[:1000].upper():
        raise UserError("This is no calendar: an .ics file begins with BEGIN:VCALENDAR. Export it again.")
    periods: dict[PeriodEntry, None] = {}
    left_out: list[str] = []
    for number, event in enumerate(_events(text), start=1):
        if number > MOST_EVENTS:
            left_out.append(f"Only the first {MOST_EVENTS:,} events were read.")
            break
        try:
            periods[_period(event)] = None
        except UserError as error:
            left_out.append(str(error))
    if not periods and not left_out:
        raise UserError("The calendar has no events.")
    return ParsedCalendar(tuple(periods), tuple(left_out))


def _events(text: str) -> Iterator[Mapping[str, str]]:
    event: dict[str, str] | None = None
    depth = 0
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        head, _, value = line.partition(":")
        name = head.partition(";")[0].strip().upper()
        value = value.strip()
        if name == "BEGIN":
            depth += event is not None
            event = {} if event is None and value.upper() == "VEVENT" else event
        elif name == "END":
            if event is not None and depth == 0 and value.upper() == "VEVENT":
                yield event
                event = None
            depth = max(0, depth - 1)
        elif event is not None and depth == 0:
            event.setdefault(name, value)


def _period(event: Mapping[str, str]) -> PeriodEntry:
    name = one_line(
        _ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], event.get("SUMMARY", ""))
    )
    called = one_line(name, 60, ellipsis=True) or "An event without a name"
    if "RRULE" in event or "RDATE" in event:
        raise UserError(f"{called}: it repeats itself; enter its days one by one.")
    first = _day(event.get("DTSTART", ""), called)
    last = first
    if "DTEND" in event:
        last = max(first, _day(event["DTEND"], called) - timedelta(days=1))  # the day after the last one
    elif duration := _DURATION.fullmatch(event.get("DURATION", "")):
        weeks, days = (int(part or 0) for part in duration.groups())
        last = first + timedelta(days=max(1, 7 * weeks + days) - 1)
    return read_period(_kind(name), name[:80], first, last)


def _day(value: str, called: str) -> date:
    found = _DAY.fullmatch(value)
    if found is None:
        raise UserError(f"{called}: {one_line(value, 30)!r} is no day.")
    if found[4]:
        raise UserError(f"{called}: it has times; only events of whole days count.")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise UserError(f"{called}: {value!r} is no day of the calendar.") from None


def _kind(name: str) -> str:
    if _CLOSED.search(name):
        return CLOSED
    return TERM if _TERM.search(name) and not _BREAK.search(name) else HOLIDAY

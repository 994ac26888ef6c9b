"""The calendar: what people type, what files hold, and which days are not like others."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.errors import UserError
from core.domain.calendar_days import LONGEST_NAME, PeriodEntry, day_kinds, read_period
from core.domain.calendar_file import read_calendar

MAY_1 = date(2026, 5, 1)


@pytest.mark.parametrize(
    ("kind", "name", "first", "last", "words"),
    [
        ("holiday", "  ", MAY_1, None, "name is missing"),
        ("holiday", "x" * (LONGEST_NAME + 1), MAY_1, None, "Shorten it"),
        ("party", "Ball", MAY_1, None, "'party' is none"),
        ("holiday", "May Day", None, None, "first day is missing"),
        ("holiday", "May Day", MAY_1, date(2026, 4, 1), "is before the first one (1 May 2026)"),
        ("holiday", "May Day", date(1026, 5, 1), None, "2000 to 2100"),
        ("term", "Spring", MAY_1, date(2036, 5, 1), "at most 400"),
    ],
)
def test_wrong_input_is_told_in_a_sentence(
    kind: str, name: str, first: date | None, last: date | None, words: str
) -> None:
    with pytest.raises(UserError, match=words.replace("(", r"\(").replace(")", r"\)")):
        read_period(kind, name, first, last)


def test_days_off_and_those_between_terms_are_known() -> None:
    kinds = day_kinds(
        [
            read_period("term", "Spring", date(2026, 1, 5), date(2026, 3, 27)),
            read_period("term", "Summer", date(2026, 4, 6), date(2026, 6, 26)),
            read_period("holiday", "Easter", date(2026, 4, 3), date(2026, 4, 6)),
            read_period("closed", "Stocktaking", date(2026, 2, 2), None),
        ]
    )
    assert kinds[date(2026, 3, 28)] == kinds[date(2026, 4, 2)] == "break"
    assert kinds[date(2026, 4, 3)] == kinds[date(2026, 4, 6)] == kinds[date(2026, 2, 2)] == "off"
    assert date(2026, 1, 4) not in kinds and date(2026, 6, 27) not in kinds and date(2026, 3, 27) not in kinds


ICS = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
SUMMARY:Spring term\\, part 1\r
DTSTART;VALUE=DATE:20260105\r
DTEND;VALUE=DATE:20260328\r
BEGIN:VALARM\r
SUMMARY:Wake up\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Library clo\r
 sed\r
DTSTART;VALUE=DATE:20260501\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Winter break\r
DTSTART;VALUE=DATE:20261221\r
DURATION:P2W\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Meeting\r
DTSTART:20260501T100000Z\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Weekly\r
DTSTART;VALUE=DATE:20260501\r
RRULE:FREQ=WEEKLY\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Nowhere\r
DTSTART;VALUE=DATE:20261399\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_events_of_whole_days_are_read_from_a_file_and_others_are_named() -> None:
    found = read_calendar(ICS.encode())
    assert found.periods == (
        PeriodEntry("term", "Spring term, part 1", date(2026, 1, 5), date(2026, 3, 27)),
        PeriodEntry("closed", "Library closed", MAY_1, MAY_1),
        PeriodEntry("holiday", "Winter break", date(2026, 12, 21), date(2027, 1, 3)),
    )
    assert [sentence.split(":")[0] for sentence in found.left_out] == ["Meeting", "Weekly", "Nowhere"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no calendar"),
        (b"PK\x03\x04", "no calendar"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "no events"),
        (b"BEGIN:VCALENDAR\n" + b"x" * 2_000_000, "more than 1 MB"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_calendar(data)


LINES = [*ICS.splitlines(), "DTEND:0", "DURATION:P9999D", "\x00", ":", ""]


@given(st.lists(st.sampled_from(LINES), max_size=30))
def test_no_file_is_too_strange(lines: list[str]) -> None:
    try:
        found = read_calendar("\n".join(["BEGIN:VCALENDAR", *lines]).encode())
    except UserError as error:
        assert str(error).endswith(".")
    else:
        assert all(one.last_day - one.first_day < timedelta(days=400) for one in found.periods)

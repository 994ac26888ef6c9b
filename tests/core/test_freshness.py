"""Which times are believed: the one rule for everything that is dated."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.freshness import MAX_AHEAD, believed_until, has_lasted, is_ahead, is_past, is_stale
from core.domain.units import ago
from core.domain.wording import last_answer

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTES = timedelta(minutes=1)
DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("at", "ahead"),
    [
        (NOW - 400 * DAYS, False),
        (NOW + MAX_AHEAD, False),
        (NOW + MAX_AHEAD + SECOND, True),
        (datetime.max.replace(tzinfo=UTC), True),
        (datetime.min.replace(tzinfo=UTC), False),
    ],
)
def test_a_time_a_little_ahead_is_believed_and_no_later_one(at: datetime, ahead: bool) -> None:
    assert is_ahead(at, NOW) == ahead
    assert (at > believed_until(NOW)) == ahead


def test_what_is_dated_ahead_is_neither_recent_nor_waited_for() -> None:
    wrong, recent = NOW + 3 * DAYS, NOW - MINUTES
    assert is_past(wrong, 2 * MINUTES, NOW) and not is_past(recent, 2 * MINUTES, NOW)
    assert has_lasted(wrong, 2 * MINUTES, NOW) and not has_lasted(recent, 2 * MINUTES, NOW)
    assert is_stale(wrong, wrong + MINUTES, NOW) and not is_stale(recent, NOW + MINUTES, NOW)


def test_an_age_that_would_be_negative_is_not_just_now() -> None:
    assert ago(NOW + 3 * DAYS, NOW) == "dated 3 days ahead: a clock was wrong"
    assert ago(NOW + 3 * DAYS, NOW, brief=True) == "dated 3 d ahead"
    assert ago(NOW + MINUTES, NOW) == "just now"


def test_a_printer_that_did_not_answer_has_a_last_answer_or_none() -> None:
    assert last_answer(NOW - 3 * DAYS, NOW) == "last answered 3 days ago"
    assert last_answer(None, NOW) == "never answered"

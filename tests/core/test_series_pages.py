"""Pages between readings of a counter."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timeseries.pages import MOST_A_DAY, DayCount, added, believed, believed_by_device
from core.timeseries.points import day_of
from core.timeseries.samples import DaySum, days_from


def pages_of(counts: list[int | None], before: int | None = None, *, every_days: int = 1) -> list[int | None]:
    """Pages of counts that are so many days apart."""
    seen = [DayCount(every_days * place, count) for place, count in enumerate(counts, start=1)]
    return [one.pages for one in believed(seen, None if before is None else DayCount(0, before))]


@pytest.mark.parametrize(
    ("counts", "pages"),
    [
        ([100, 100, 130, None, 150], [None, 0, 30, None, 20]),
        ([100, 0, 0, 0, 130], [None, None, None, None, 30]),
        ([100, 7, 130], [None, None, 30]),
        ([100, 7], [None, None]),
        ([5000, 7, 9, 12], [None, None, 2, 3]),
        ([5000, 7, 9, 5001], [None, None, 2, 1]),
        ([5000, 4_000_000, 5010], [None, None, 10]),
        ([5000, 4_000_000, 40, 5010], [None, None, None, 10]),
        ([5000, 4_000_000, 4_000_003], [None, None, 3]),
        ([5000, 4_000_000], [None, None]),
        ([5000, -1, 5010], [None, None, 10]),
        ([None, None], [None, None]),
        ([], []),
    ],
    ids=[
        "everyday",
        "unreadable as zero",
        "a glitch down",
        "a drop nobody confirms",
        "a reset",
        "a long glitch",
        "a glitch up",
        "a glitch up, then one down",
        "a jump",
        "a jump nobody confirms",
        "negative",
        "never read",
        "empty",
    ],
)
def test_pages_between_counts(counts: list[int | None], pages: list[int | None]) -> None:
    assert pages_of(counts) == pages


def test_the_count_before_goes_on() -> None:
    assert pages_of([110], 100) == [10]


def test_what_was_printed_while_nobody_looked_is_no_jump() -> None:
    assert pages_of([100, 100 + 10 * MOST_A_DAY], every_days=30) == [None, 10 * MOST_A_DAY]


COUNTS = st.none() | st.integers(-3, 2**40)


@given(st.lists(COUNTS), st.none() | st.integers(1, 2**40))
def test_pages_are_never_negative(counts: list[int | None], before: int | None) -> None:
    found = pages_of(counts, before)
    assert len(found) == len(counts)
    assert all(pages is None or pages >= 0 for pages in found)


@given(st.lists(COUNTS))
def test_no_day_has_more_pages_than_can_be_printed_since_the_day_before_it_with_any(
    counts: list[int | None],
) -> None:
    newest = 0
    for place, pages in enumerate(pages_of(counts)):
        if pages is not None:
            assert pages <= MOST_A_DAY * (place - newest + 1)
        newest = place if pages is not None else newest


@given(st.integers(1, 2**40), st.lists(st.integers(0, MOST_A_DAY)))
def test_a_counter_that_only_rises_is_taken_at_its_word(first: int, printed: list[int]) -> None:
    counts: list[int | None] = [first + sum(printed[:place]) for place in range(len(printed) + 1)]
    assert pages_of(counts) == [None, *printed]


@given(st.integers(1, 2**40), st.lists(st.none() | st.just(0) | st.integers(1, MOST_A_DAY), min_size=1))
def test_the_pages_of_all_days_are_what_the_counter_rose_by_whatever_was_not_read(
    first: int, steps: list[int | None]
) -> None:
    counts: list[int | None] = [first]
    rises = first
    for step in steps:
        rises += step or 0
        counts.append(rises if step else step)
    assert (added(*pages_of(counts)) or 0) == rises - first


@given(st.lists(st.tuples(st.integers(0, 3), COUNTS)))
def test_a_device_has_the_pages_that_it_would_have_alone(counts: list[tuple[int, int | None]]) -> None:
    seen = [(device, DayCount(place, count)) for place, (device, count) in enumerate(counts)]
    together = believed_by_device(seen, {})
    for device in range(4):
        alone = [count for of, count in seen if of == device]
        mixed = [one for (of, _), one in zip(seen, together, strict=True) if of == device]
        assert mixed == list(believed(alone, None))


@given(st.lists(st.none() | st.integers(0, 2**40)))
def test_sums_of_pages_do_not_depend_on_their_order(pages: list[int | None]) -> None:
    assert added(*pages) == added(*reversed(pages))
    assert added(*(added(one) for one in pages)) == added(*pages)
    assert (added(*pages) is None) == all(one is None for one in pages)


@pytest.mark.parametrize(
    ("first_count", "last_count", "pages"),
    [(100, 100, 0), (100, 130, 30), (110, 130, 30), (100, 1_000_000, None), (110, 1_000_000, 10)],
    ids=["none", "after the first", "before it, too", "a jump that nobody confirms", "and pages before it"],
)
def test_a_day_of_two_counts_has_the_pages_that_are_known(
    first_count: int, last_count: int, pages: int | None
) -> None:
    def fetch(since: date, until: date) -> list[DaySum]:
        days = [DaySum("a", 100, 2, 2, 90, 100), DaySum("a", 101, 2, 2, first_count, last_count)]
        return [day for day in days if since <= day_of(day.day) < until]

    (found,) = days_from(fetch, day_of(101), day_of(102))
    assert found.pages == pages

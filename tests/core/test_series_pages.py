"""Pages between readings of a counter."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timeseries.pages import believed


@pytest.mark.parametrize(
    ("counts", "pages"),
    [
        ([100, 100, 130, None, 150], [0, 0, 30, 0, 20]),
        ([100, 0, 0, 0, 130], [0, 0, 0, 0, 30]),
        ([100, 7, 130], [0, 0, 30]),
        ([100, 7], [0, 0]),
        ([5000, 7, 9, 12], [0, 0, 2, 3]),
        ([5000, 7, 9, 5001], [0, 0, 2, 1]),
        ([5000, 4_000_000, 5010], [0, 0, 10]),
        ([5000, -1, 5010], [0, 0, 10]),
        ([None, None], [0, 0]),
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
        "negative",
        "never read",
        "empty",
    ],
)
def test_pages_between_counts(counts: list[int | None], pages: list[int]) -> None:
    assert [one.pages for one in believed(counts, None)] == pages


def test_the_count_before_goes_on() -> None:
    assert [one.pages for one in believed([110], 100)] == [10]


@given(st.lists(st.none() | st.integers(-3, 2**40)), st.none() | st.integers(1, 2**40))
def test_pages_are_never_negative(counts: list[int | None], before: int | None) -> None:
    found = list(believed(counts, before))
    assert len(found) == len(counts)
    assert all(one.pages >= 0 for one in found)


@given(st.lists(st.integers(1, 2**40)).map(sorted))
def test_a_counter_that_only_rises_is_taken_at_its_word(counts: list[int]) -> None:
    found = [one.pages for one in believed(counts, None)]
    assert found[1:] == [later - earlier for earlier, later in pairwise(counts)]

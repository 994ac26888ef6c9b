"""Levels in words, where people read them."""

import pytest

from core.contract.messages import InputTray, LevelState, Supply
from core.domain.units import hours_lasting, kept_together
from core.domain.wording import level_words


@pytest.mark.parametrize(
    ("level", "capacity", "state", "percent", "words"),
    [
        (42, 100, "measured", 42, "42 %"),
        (0, 100, "measured", 0, "0 %"),
        (-3, -2, "some_remaining", None, "some left"),
        (-1, -1, "unlimited", None, "no limit"),
        (-2, 100, "unknown", None, "not reported"),
        (0, -2, "unknown", None, "at 0"),
        (0, 0, "unknown", None, "not reported"),
        (9, -2, "unknown", None, "not reported"),
        (None, None, "unknown", None, "not reported"),
    ],
)
def test_a_level_is_told_as_it_is_known(
    level: int | None, capacity: int | None, state: LevelState, percent: int | None, words: str
) -> None:
    values = {"level": level, "max_capacity": capacity, "level_state": state, "level_percent": percent}
    assert level_words(Supply.model_validate({"index": "1.1"} | values)) == words
    assert level_words(InputTray.model_validate({"index": "1.1"} | values)) == words


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("Low (7 %) for 3 h", "Low (7\xa0%) for 3\xa0h"),
        ("1.4 MB, 12 min, 40 s, 9 d", "1.4\xa0MB, 12\xa0min, 40\xa0s, 9\xa0d"),
        ("EUR 1,234.50 on Thu 3 Dec", "EUR\xa01,234.50 on Thu 3\xa0Dec"),
        ("3 sheets in 2 hours, 9 days", "3 sheets in 2 hours, 9 days"),
        ("Canon iR 2 Series", "Canon iR 2 Series"),
    ],
)
def test_a_number_is_kept_together_with_its_unit_and_with_no_other_word(text: str, together: str) -> None:
    assert kept_together(text) == together


@pytest.mark.parametrize(
    ("hours", "words"), [(0.5, "30 min"), (14.35, "14.3 h"), (47, "47 h"), (60, "2.5 days"), (240, "10 days")]
)
def test_times_that_are_compared_are_not_cut_to_whole_days(hours: float, words: str) -> None:
    assert hours_lasting(hours).replace("\N{NO-BREAK SPACE}", " ") == words

"""Levels in words, where people read them."""

import pytest

from core.contract.messages import InputTray, LevelState, Supply
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

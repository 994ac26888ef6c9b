"""What is a replacement of a supply and what is none, by its levels alone and by serial numbers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processor.supplies.memory import SupplyMemory, entry_of
from processor.supplies.watch import Seen, Watch, follow

MINUTES = 60.0
UNKNOWN, SOME = "unknown", "some"


@dataclass
class Found:
    """What a sequence of levels has shown; the readings are numbered."""

    replaced: list[tuple[int, int | None, int | None]] = field(default_factory=list)
    """Number of the reading, old and new level."""
    undone: list[int] = field(default_factory=list)


def found_in(
    levels: Sequence[int | str], serials: list[str] | None = None, every: float = 5 * MINUTES
) -> Found:
    found, watch = Found(), None
    for number, level in enumerate(levels):
        percent = level if isinstance(level, int) else None
        serial = serials[number] if serials else ""
        step = follow(watch, Seen(number * every, percent, level == SOME, serial, number))
        if step.replacement:
            new = step.replacement.new
            found.replaced.append((round(new.at / every), step.replacement.old.percent, new.percent))
        if step.undone_at is not None:
            found.undone.append(round(step.undone_at / every))
        watch = stored(step.watch, number * every, number)
    return found


def stored(watch: Watch, at: float, count: int) -> Watch | None:
    """As it is after a restart."""
    memory = SupplyMemory(at, count, {"1.1": entry_of(watch, at, count)})
    again = SupplyMemory.load(json.loads(json.dumps(memory.dump()))).watch("1.1")
    assert again == watch
    return again


@pytest.mark.parametrize(
    ("levels", "replaced"),
    [
        ([6, 5, 5, 100, 100, 100], (3, 5, 100)),
        ([41, 40, 40, 100, 100, 99], (3, 40, 100)),
        ([41, 40, 0, 0, 100, 100, 100], (4, 40, 100)),
        ([1, 0, 0, 0, 100, 100, 100], (4, 0, 100)),
        ([8, 7, UNKNOWN, UNKNOWN, 100, 100, 100], (4, 7, 100)),
        ([6, 5, 60, 98, 98, 98], (2, 5, 98)),
        ([6, 5, 100, 0, 0, 100, 99], (2, 5, 100)),
        ([60, 40, 20, 0, 0, 100, 100, 100], (5, 0, 100)),
        ([100, 75, 50, 25, 100, 100, 100], (4, 25, 100)),
        ([SOME, SOME, 0, 0, 0, 0, SOME, SOME, SOME], (6, 0, None)),
    ],
)
def test_a_level_that_rises_and_stays_is_a_replacement(
    levels: list[int | str], replaced: tuple[int, int, int]
) -> None:
    assert found_in(levels).replaced == [replaced]


@pytest.mark.parametrize(
    "levels",
    [
        [40, 40, 0, 0, 40, 40, 40],  # a jam was cleared
        [13, 12, 0, 0, 12, 12, 12],
        [40, 28, 28, 40, 40, 40],
        [40, 100, 40, 40, 40, 40],  # it jumps once
        [40, 100, 100, 40, 40, 40],
        [40, 39, UNKNOWN, UNKNOWN, UNKNOWN, 39, 39, 39],
        [80, SOME, SOME, 80, 80, 79],
        [100, 75, 75, 100, 75, 100, 100, 100],  # the edge between two steps
        [40, 60, 40, 60, 60, 60, 40],
        [67, 33, 67, 67, 67],
        [SOME, SOME, 0, 0, SOME, SOME, SOME],
        [50, 53, 51, 54, 54, 54],
        [100, 97, 40, 39, 38, 37],  # lower is another one or none, and nobody knows
    ],
)
def test_what_comes_back_jumps_or_goes_a_step_up_and_down_is_none(levels: list[int | str]) -> None:
    assert found_in(levels).replaced == []


def test_a_supply_that_is_out_over_a_night_and_comes_back_is_none() -> None:
    assert found_in([40, 40, 0, 0, 40, 40, 40], every=16 * 60 * MINUTES).replaced == []


def test_the_old_one_that_comes_back_undoes_the_replacement() -> None:
    found = found_in([40, 40, 100, 100, 100, 40, 40, 40, 39])
    assert (found.replaced, found.undone) == ([(2, 40, 100)], [2])
    assert found_in([40, 40, 100, 100, 100, 0, 0, 0, 100]).undone == []


def test_another_serial_number_is_a_replacement_whatever_the_level_says() -> None:
    assert found_in([50, 50, 52, 52], ["A1", "A1", "B2", "B2"]).replaced == [(2, 50, 52)]
    assert found_in([50, 50, 50, 50], ["A1", "A1", "B2", "A1"]).replaced == []
    assert found_in([50, 50, 50, 50], ["", "A1", "", "A1"]).replaced == []


def test_with_the_same_serial_number_a_rise_must_stay_for_long() -> None:
    short = [40, 40, *[100] * 8, 40, 40, 40]
    assert found_in(short, ["A1"] * len(short)).replaced == []
    assert found_in(short).replaced == [(2, 40, 100)]
    long = [40, 40, *[100] * 20]
    assert found_in(long, ["A1"] * len(long)).replaced == [(2, 40, 100)]


LEVELS = st.one_of(st.integers(0, 100), st.sampled_from([UNKNOWN, SOME]))


@given(st.lists(LEVELS, max_size=40))
def test_no_sequence_of_levels_is_too_strange(levels: list[int | str]) -> None:
    found = found_in(levels)
    assert len(found.replaced) <= len(levels) // 3
    assert set(found.undone) <= {number for number, _, _ in found.replaced}


@given(st.lists(st.integers(0, 100), max_size=40))
def test_a_level_that_only_falls_was_never_replaced(levels: list[int]) -> None:
    assert found_in(sorted(levels, reverse=True)).replaced == []


@given(
    left=st.integers(20, 100),
    noise=st.lists(st.sampled_from(["jam", "gap", "jump", "use"]), max_size=20),
    data=st.data(),
)
def test_a_supply_that_is_used_jams_and_jumps_was_never_replaced(
    left: int, noise: list[str], data: st.DataObject
) -> None:
    levels: list[int | str] = [left]
    for event in noise:
        if event == "use":
            left = max(1, left - 1)
        times = data.draw(st.integers(1, 5))
        between: dict[str, list[int | str]] = {
            "jam": [0] * times,
            "gap": [UNKNOWN] * times,
            "jump": [data.draw(st.integers(0, 100))],
        }
        levels += [*between.get(event, []), *[left] * 4]
    assert found_in(levels).replaced == []


@given(
    left=st.integers(0, 60),
    out=st.integers(0, 5),
    gap=st.integers(0, 5),
    step=st.sampled_from([1, 10, 20, 25]),
)
def test_a_replacement_is_found_once_however_it_is_done(left: int, out: int, gap: int, step: int) -> None:
    def told(level: int) -> int:
        return -(-level // step) * step

    used = [told(level) for level in range(100, left, -1)] + [told(left)] * 3
    new = [told(100 - number // 4) for number in range(20)]
    between: list[int | str] = [*[UNKNOWN] * gap, *[0] * out]
    found = found_in([*used, *between, *new], every=60 * MINUTES)
    if told(left) > 100 - 2 * step:
        return  # one step of a coarse level tells nothing
    assert [new for _, _, new in found.replaced] == [100]

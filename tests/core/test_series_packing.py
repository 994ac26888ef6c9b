"""Levels of supplies as bytes."""

from hypothesis import given
from hypothesis import strategies as st

from core.contract.messages import HistorySupply
from core.timeseries.embedded.packing import pack, unpack

supplies = st.builds(
    HistorySupply,
    level=st.none() | st.integers(min_value=-(2**70), max_value=2**70),
    percent=st.none() | st.integers(0, 100),
)


@given(st.dictionaries(st.text(max_size=8), supplies, max_size=20))
def test_what_was_packed_comes_back(levels: dict[str, HistorySupply]) -> None:
    assert unpack(pack(levels.values()), list(levels)) == levels


def test_a_usual_level_needs_four_bytes_at_most() -> None:
    assert len(pack([HistorySupply(level=8000, percent=67)])) <= 4


def test_a_percentage_out_of_range_is_none() -> None:
    assert unpack(pack([HistorySupply(level=1, percent=700)]), ["1.1"])["1.1"].percent is None

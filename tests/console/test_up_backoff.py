"""A process that keeps dying is started less and less often; one that has lived long starts afresh."""

from hypothesis import given
from hypothesis import strategies as st

from console.up.child import FIRST_SECONDS, HEALTHY_SECONDS, LONGEST_SECONDS, next_delay


def test_delays_double_up_to_a_minute() -> None:
    delays, delay = [], 0.0
    for _ in range(8):
        delay = next_delay(delay, lived_seconds=1)
        delays.append(delay)
    assert delays == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_minute_of_health_starts_afresh() -> None:
    assert next_delay(32, HEALTHY_SECONDS) == FIRST_SECONDS


@given(st.floats(0, 1e6), st.floats(0, 1e9))
def test_a_delay_is_never_outside_its_bounds(previous: float, lived: float) -> None:
    assert FIRST_SECONDS <= next_delay(previous, lived) <= LONGEST_SECONDS

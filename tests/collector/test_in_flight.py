"""When a reading on its way is sent again."""

from collector.in_flight import ReadingsInFlight


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_reading_without_receipt_is_sent_again_ever_less_often() -> None:
    clock = Clock()
    window = ReadingsInFlight(clock)
    flight = window.add(1, "a")
    waits = []
    for _ in range(7):
        flight.sent(clock.now)
        flight.acknowledged()
        waits.append(flight.resend_at - clock.now)
        clock.now = flight.resend_at
    assert waits == [3, 6, 12, 24, 48, 60, 60]


def test_a_reading_the_broker_has_not_taken_yet_is_not_sent_again_soon() -> None:
    clock = Clock()
    window = ReadingsInFlight(clock)
    window.add(1, "a").sent(clock.now)
    assert window.overdue(clock.now + 59) == []
    assert [flight.id for flight in window.overdue(clock.now + 60)] == ["a"]


def test_receipts_come_one_by_one_in_any_order() -> None:
    clock = Clock()
    window = ReadingsInFlight(clock)
    for seq in range(5):
        window.add(seq, f"id-{seq}").sent(clock.now)
    assert window.remove(["id-3", "unknown", "id-0", "id-3"]) == [3, 0]
    assert len(window) == 3
    assert 3 not in window
    assert 4 in window
    assert [flight.seq for flight in window.overdue(clock.now + 100)] == [1, 2, 4]
    window.clear()
    assert len(window) == 0
    assert 4 not in window

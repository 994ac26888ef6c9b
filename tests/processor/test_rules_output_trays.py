"""Full output trays are flagged by name, and reports that name no tray find theirs."""

from core.contract.messages import VarbindValue
from tests.processor.printers import (
    CRITICAL,
    Printer,
    alert,
    device,
    flag,
    flags,
    state_of,
    varbinds,
)

OUTPUT = 9
FULL, NEARLY_FULL = b"\x00\x08", b"\x00\x10"


def output_tray(
    index: str,
    remaining: int | None,
    capacity: int | None = 250,
    name: str | None = None,
    status: int | None = None,
) -> dict[str, VarbindValue]:
    return varbinds(
        {
            "prtOutputMaxCapacity": {index: capacity},
            "prtOutputRemainingCapacity": {index: remaining},
            "prtOutputStatus": {index: status},
            "prtOutputName": {index: name or f"Bin {index.partition('.')[2]}"},
        }
    )


def test_output_trays_are_read_with_the_room_that_is_left() -> None:
    state = state_of(output_tray("1.1", 200), output_tray("1.2", -3, 100), output_tray("1.3", -2, -2))
    assert [
        (t.name, t.remaining, t.max_capacity, t.remaining_percent, t.level_state) for t in state.output_trays
    ] == [
        ("Bin 1", 200, 250, 80, "measured"),
        ("Bin 2", -3, 100, None, "some_remaining"),
        ("Bin 3", -2, -2, None, "unknown"),
    ]
    assert flags(state) == {}


def test_a_tray_without_room_is_full_by_name() -> None:
    state = state_of(output_tray("1.1", 0, name="Face-down bin"), output_tray("1.2", 100))
    assert flags(state) == {("output_full", "1.1"): "warning"}
    found = flag(state, "output_full", "1.1")
    assert (found.message, found.fixer) == ("Face-down bin is full.", "anyone")
    assert found.evidence[0].object == "prtOutputRemainingCapacity"


def test_a_full_tray_that_stops_the_printer_is_critical_and_one_flag() -> None:
    row = alert("1.4", 903, CRITICAL, group=OUTPUT, group_index=1)
    state = state_of(device(5, 1, FULL), output_tray("1.1", 0, name="Stacker"), row)
    assert flags(state) == {("output_full", "1.1"): "critical"}
    assert (state.state, flag(state, "output_full", "1.1").message) == ("stopped", "Stacker is full.")


def test_the_bit_is_about_the_tray_that_is_full_or_the_only_one() -> None:
    two = output_tray("1.1", 250), output_tray("1.2", 0, name="Left tray")
    assert flag(state_of(device(3, 3, FULL), *two), "output_full", "1.2").message == "Left tray is full."
    one = output_tray("1.1", -3, name="Top")
    assert flag(state_of(device(3, 3, FULL), one), "output_full", "1.1").message == "Top is full."
    nearly = output_tray("1.1", 250), output_tray("1.2", 20, name="Left tray")
    found = flag(state_of(device(3, 3, NEARLY_FULL), *nearly), "output_nearly_full", "1.2")
    assert found.message == "Left tray is nearly full."


def test_a_bit_that_may_be_about_several_trays_names_none() -> None:
    state = state_of(device(3, 3, FULL), output_tray("1.1", -3), output_tray("1.2", -3))
    assert flag(state, "output_full").message == "The output tray is full."


def test_the_status_of_a_tray_tells_which_one_the_bit_means() -> None:
    state = state_of(device(3, 3, FULL), output_tray("1.1", -3), output_tray("1.2", -3, status=16))
    assert flags(state) == {("output_full", "1.2"): "warning"}


def test_a_printer_that_works_and_reports_no_full_tray_is_contradicted_softly() -> None:
    idle = device(2, 3, b"\x00\x00")
    assert flags(state_of(idle, output_tray("1.1", 0))) == {("output_full", "1.1"): "info"}
    assert flags(state_of(idle, output_tray("1.1", 0, status=8))) == {("output_full", "1.1"): "warning"}
    everywhere = output_tray("1.1", 0), output_tray("1.2", 0)
    assert flags(state_of(idle, *everywhere)) == {}


def test_no_room_of_no_capacity_is_no_measure() -> None:
    assert flags(state_of(output_tray("1.1", 0, 0), output_tray("1.2", 0, -2))) == {}


def test_the_flag_ends_when_the_tray_is_emptied() -> None:
    printer = Printer()
    assert flags(printer.says(output_tray("1.1", 0))) != {}
    for _ in range(2):
        state = printer.says(output_tray("1.1", 250))
    assert flags(state) == {}

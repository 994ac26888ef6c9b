"""Paper, trays, covers, output: levels, bits and alerts of one thing are one flag."""

import pytest

from core.contract.messages import VarbindValue
from tests.processor.printers import (
    CRITICAL,
    WARNING,
    alert,
    cover,
    device,
    flag,
    flags,
    panel,
    state_of,
    tray,
)

NO_PAPER, LOW_PAPER, TRAY_EMPTY = b"\x40", b"\x80", b"\x00\x04"
MANUAL = 5
OPEN, CLOSED, INTERLOCK = 3, 4, 5


def trays(*levels: int | None) -> dict[str, VarbindValue]:
    rows = [tray(f"1.{n}", level) for n, level in enumerate(levels, 1)]
    return {oid: value for row in rows for oid, value in row.items()}


@pytest.mark.parametrize("levels", [(0, 300), (0, -3), (0, 0, 55), (-2, -2), (-3,), (None,), ()])
def test_an_empty_tray_beside_one_with_paper_is_no_flag(levels: tuple[int | None, ...]) -> None:
    assert flags(state_of(trays(*levels))) == {}


def test_all_trays_empty_is_out_of_paper() -> None:
    state = state_of(device(5, 1, None), trays(0, 0))
    assert flags(state) == {("no_paper", ""): "critical"}
    assert state.attention[0].message == "All trays are out of paper."
    assert (
        flag(state_of(device(2, 3, None), trays(0)), "no_paper", "1.1").message == "Tray 1 is out of paper."
    )


def test_empty_trays_of_a_printer_whose_bits_say_otherwise_are_a_warning() -> None:
    assert flags(state_of(device(2, 3, b"\0"), trays(0))) == {("no_paper", "1.1"): "warning"}


@pytest.mark.parametrize(
    "odd",
    [
        tray("1.9", -3, 100, "Manual Feed"),
        tray("1.9", 50, 100, "Slot", kind=MANUAL),
        tray("1.9", -3, 1, "Tray 9"),
        tray("1.9", -2, -2, "Auto Select"),
        tray("1.9", None, None, "Bin"),
    ],
)
def test_manual_feeds_and_imagined_trays_hold_no_paper(odd: dict[str, VarbindValue]) -> None:
    assert flags(state_of(device(5, 1, None), trays(0), odd)) == {("no_paper", "1.1"): "critical"}


@pytest.mark.parametrize(
    ("status", "levels", "expected"),
    [
        (5, (0, 300), {("no_paper", "1.1"): "critical"}),
        (3, (0, 300), {("no_paper", "1.1"): "warning"}),
        (3, (0, 0), {("no_paper", ""): "critical"}),
        (3, (-2, -2), {("no_paper", ""): "critical"}),
        (5, (-2, -3), {("no_paper", ""): "critical"}),
        (None, (), {("no_paper", ""): "critical"}),
    ],
)
def test_out_of_paper_by_bit_is_critical_where_it_stops_the_printer(
    status: int | None, levels: tuple[int, ...], expected: dict[tuple[str, str], str]
) -> None:
    assert flags(state_of(device(status, 1, NO_PAPER), trays(*levels))) == expected


def test_bit_alert_and_level_of_one_tray_are_one_flag() -> None:
    row = alert("1.5", 808, WARNING, "Load tray 2", group=8, group_index=2, training=3)
    state = state_of(device(3, 3, b"\x40\x04"), trays(200, 0), row)
    assert flags(state) == {("no_paper", "1.2"): "warning"}
    assert {seen.object for seen in state.attention[0].evidence} == {
        "prtAlertCode",
        "prtAlertDescription",
        "hrPrinterDetectedErrorState",
    }


def test_a_tray_empty_by_bit_alone_is_the_empty_tray() -> None:
    assert flags(state_of(device(2, 3, TRAY_EMPTY), trays(200, 0))) == {("no_paper", "1.2"): "warning"}
    assert flags(state_of(device(2, 3, TRAY_EMPTY), trays(200, 100))) == {("no_paper", ""): "warning"}


@pytest.mark.parametrize(
    ("levels", "subject"),
    [((55,), "1.1"), ((300, 55), "1.2"), ((55, 55), ""), ((300, 400), ""), ((-3,), "1.1")],
)
def test_low_paper_by_bit_is_about_the_tray_it_must_be_about(levels: tuple[int, ...], subject: str) -> None:
    assert flags(state_of(device(2, 3, LOW_PAPER), trays(*levels))) == {("paper_low", subject): "warning"}


def test_a_tray_out_of_paper_explains_the_bit_for_low_paper() -> None:
    assert [*flags(state_of(device(2, 3, b"\xc0"), trays(300, 0)))] == [("no_paper", "1.2")]


def test_a_coarse_low_level_alone_is_no_flag() -> None:
    assert flags(state_of(trays(55, 5))) == {}


@pytest.mark.parametrize(
    ("status", "device_status", "bits", "severity"),
    [
        (OPEN, 5, b"\x08", "critical"),
        (OPEN, 2, b"\x08", "critical"),
        (OPEN, 2, b"\x00", "warning"),
        (OPEN, 2, None, "critical"),
        (INTERLOCK, 5, b"\x00", "critical"),
    ],
)
def test_an_open_cover_is_one_flag_about_it(
    status: int, device_status: int, bits: bytes | None, severity: str
) -> None:
    row = alert("1.5", 3, WARNING, "Door", group=6, group_index=2)
    covers = cover("1.1", CLOSED) | cover("1.2", status, "Rear Door")
    state = state_of(device(device_status, 3, bits), covers, row)
    assert flags(state) == {("door_open", "1.2"): severity}
    assert state.attention[0].message == "Rear Door is open."


def test_two_open_covers_are_two_flags() -> None:
    state = state_of(device(5, 1, b"\x08"), cover("1.1", OPEN, None), cover("1.2", OPEN, "Left"))
    assert [*flags(state)] == [("door_open", "1.1"), ("door_open", "1.2")]
    assert flag(state, "door_open", "1.1").message == "Cover 1 is open."


@pytest.mark.parametrize(
    ("bits", "code", "severity"),
    [
        (b"\x08", "door_open", "critical"),
        (b"\x04", "jam", "critical"),
        (b"\x01", "service_requested", "warning"),
        (b"\x00\x80", "tray_missing", "warning"),
        (b"\x00\x40", "output_tray_missing", "warning"),
        (b"\x00\x20", "supply_missing", "warning"),
        (b"\x00\x10", "output_nearly_full", "warning"),
        (b"\x00\x08", "output_full", "warning"),
        (b"\x00\x18", "output_full", "warning"),
        (b"\x00\x02", "maintenance_due", "warning"),
        (b"\x02", "offline", "warning"),
    ],
)
def test_a_bit_alone_is_a_flag_about_the_printer(bits: bytes, code: str, severity: str) -> None:
    state = state_of(device(3, 3, bits))
    assert flags(state) == {(code, ""): severity}
    seen = state.attention[0].evidence
    assert [(each.object, each.value) for each in seen] == [("hrPrinterDetectedErrorState", bits.hex())]


@pytest.mark.parametrize("bits", [b"\x01", b"\x00\x80", b"\x00\x40", b"\x00\x20", b"\x00\x08", b"\x02"])
def test_what_has_brought_a_printer_down_is_critical(bits: bytes) -> None:
    assert [*flags(state_of(device(5, 1, bits))).values()] == ["critical"]


def test_being_offline_is_what_another_fault_leads_to() -> None:
    assert [*flags(state_of(device(5, 1, b"\x06")))] == [("jam", "")]


def test_a_failure_and_the_request_for_service_are_one_flag() -> None:
    row = alert("1.5", 30, CRITICAL, "SC 542", training=5)
    state = state_of(device(5, 1, b"\x01"), row, alert("1.6", 1001, CRITICAL, "SC 543"))
    assert flags(state) == {("service_requested", ""): "critical"}
    assert state.attention[0].message == (
        "Service is needed: a part of the printer has failed and has to be repaired (SC 542)."
    )
    assert state.attention[0].fixer == "vendor"


def test_a_vague_request_for_service_is_explained_by_a_task_of_a_technician() -> None:
    row = alert("1.5", 1107, WARNING, "Waste box nearly full")
    assert [*flags(state_of(device(3, 3, b"\x01"), row))] == [("waste_nearly_full", "")]
    assert len(flags(state_of(device(3, 3, b"\x05"), row))) == 2


def test_a_printer_that_is_down_without_a_reason_says_so() -> None:
    state = state_of(device(5, 1))
    assert state.state == "stopped"
    assert flags(state) == {("offline", ""): "warning"}
    assert state.attention[0].evidence[0].object == "hrDeviceStatus"


@pytest.mark.parametrize(
    ("bits", "words", "message"),
    [
        (b"\x04", "Papierstau in der Duplexeinheit.", "Paper is jammed: Papierstau in der Duplexeinheit."),
        (b"\x08", "Close Left Door A", "A cover is open: Close Left Door A."),
        (b"\x04", "Ready", "Paper is jammed."),
        (b"\x04", "Toner low", "Paper is jammed."),
        (b"\x04", "", "Paper is jammed."),
    ],
)
def test_a_panel_that_speaks_of_what_a_bit_reports_is_quoted(bits: bytes, words: str, message: str) -> None:
    state = state_of(device(5, 1, bits), panel(words))
    assert [each.message for each in state.attention] == [message]

"""What a printer is doing, by RFC 3805's table."""

import pytest

from core.contract.messages import VarbindValue
from tests.processor.printers import CRITICAL, WARNING, alert, device, flags, panel, state_of

RUNNING, WARNED, TESTING, DOWN, UNKNOWN_DEVICE = 2, 3, 4, 5, 1
OTHER, UNKNOWN, IDLE, PRINTING, WARMUP = 1, 2, 3, 4, 5


@pytest.mark.parametrize(
    ("device_status", "printer_status", "bits", "state"),
    [
        (RUNNING, IDLE, b"\0", "idle"),
        (RUNNING, PRINTING, b"\0", "printing"),
        (WARNED, IDLE, b"\x80", "idle"),
        (WARNED, PRINTING, b"\x20", "printing"),
        (WARNED, IDLE, b"\0", "idle"),
        (DOWN, OTHER, b"\x04", "stopped"),
        (DOWN, OTHER, b"\x40", "stopped"),
        (DOWN, OTHER, b"\x01", "stopped"),
        (DOWN, OTHER, b"\0", "stopped"),
        (WARNED, IDLE, b"\x02", "idle"),
        (DOWN, OTHER, b"\x02", "stopped"),
        (DOWN, WARMUP, b"\0", "warming_up"),
        (RUNNING, WARMUP, b"\0", "warming_up"),
        (RUNNING, OTHER, b"\0", "asleep"),
        (RUNNING, OTHER, b"\x20", "asleep"),
        (WARNED, OTHER, b"\0", "unknown"),
        (WARNED, OTHER, b"\x20", "unknown"),
        (RUNNING, OTHER, b"\x08", "stopped"),
        (RUNNING, IDLE, b"\x04", "stopped"),
        (RUNNING, PRINTING, b"\x40", "printing"),
        (TESTING, IDLE, b"\0", "idle"),
        (TESTING, OTHER, b"\0", "unknown"),
        (UNKNOWN_DEVICE, OTHER, b"\0", "unknown"),
        (None, IDLE, None, "idle"),
        (None, OTHER, None, "unknown"),
        (RUNNING, UNKNOWN, b"\0", "unknown"),
        (RUNNING, None, b"\0", "unknown"),
        (RUNNING, 9, b"\0", "unknown"),
        (DOWN, None, None, "stopped"),
        (None, None, None, "unknown"),
    ],
)
def test_the_statuses_together_say_what_it_is_doing(
    device_status: int | None, printer_status: int | None, bits: bytes | None, state: str
) -> None:
    assert state_of(device(device_status, printer_status, bits)).state == state


@pytest.mark.parametrize(
    ("code", "text"), [(23, "x"), (1, "Sleeping..."), (2, "Mode veille"), (1, "Energy saver")]
)
@pytest.mark.parametrize("statuses", [(RUNNING, IDLE), (WARNED, OTHER), (DOWN, OTHER)])
def test_a_low_power_alert_is_sleep_and_healthy(code: int, text: str, statuses: tuple[int, int]) -> None:
    state = state_of(device(*statuses), alert("1.1", code, WARNING, text))
    assert (state.state, state.severity, flags(state)) == ("asleep", None, {})


def test_a_sleeping_printer_s_offline_bit_is_only_information() -> None:
    state = state_of(device(DOWN, OTHER, b"\x02"), alert("1.1", 23, WARNING, "Sleep"))
    assert (state.state, flags(state)) == ("asleep", {("offline", ""): "info"})


def test_a_jam_wakes_a_sleeping_printer() -> None:
    assert state_of(device(DOWN, OTHER, b"\x04"), alert("1.1", 23, WARNING, "Sleep")).state == "stopped"


def test_a_printer_that_prints_does_not_sleep() -> None:
    assert state_of(device(RUNNING, PRINTING), alert("1.1", 23, WARNING, "Sleep")).state == "printing"


def test_a_warm_up_alert_tells_what_the_status_does_not() -> None:
    assert state_of(device(RUNNING, OTHER), alert("1.1", 24, WARNING, "Warming up")).state == "warming_up"


def test_a_critical_alert_has_stopped_the_printer() -> None:
    assert state_of(device(RUNNING, IDLE), alert("1.1", 30, CRITICAL, "SC 542")).state == "stopped"
    assert state_of(device(RUNNING, IDLE), alert("1.1", 30, WARNING, "SC 542")).state == "idle"


def test_a_device_in_warning_without_a_reason_is_no_flag() -> None:
    assert flags(state_of(device(WARNED, IDLE, b""))) == {}


@pytest.mark.parametrize(
    "text", ["Sleeping", "ENERGIESPAREN TROMMEL ERSETZ.", "Спящий режим", "スリープモード"]
)
@pytest.mark.parametrize("statuses", [(RUNNING, IDLE), (RUNNING, OTHER), (WARNED, OTHER), (DOWN, OTHER)])
def test_a_panel_that_says_it_sleeps_is_believed(text: str, statuses: tuple[int, int]) -> None:
    state = state_of(device(*statuses), panel(text))
    assert (state.state, flags(state)) == ("asleep", {})


@pytest.mark.parametrize(
    ("printer", "shown"),
    [
        (device(RUNNING, PRINTING), "printing"),
        (device(RUNNING, WARMUP), "warming_up"),
        (device(RUNNING, IDLE, b"\x04"), "stopped"),
        (device(DOWN, OTHER, b"\x04"), "stopped"),
        (device(DOWN, OTHER, b"\x01"), "stopped"),
    ],
)
def test_a_panel_that_says_it_sleeps_is_contradicted_by_work_and_faults(
    printer: dict[str, VarbindValue], shown: str
) -> None:
    assert state_of(printer, panel("Sleeping")).state == shown


def test_a_critical_alert_contradicts_a_panel_that_says_it_sleeps() -> None:
    assert state_of(device(), panel("Sleeping"), alert("1.5", 30, CRITICAL)).state == "stopped"

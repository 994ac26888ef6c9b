"""Printers over several readings: flags live, keep their date, and never flap."""

from datetime import timedelta

import pytest

from core.contract.messages import PrinterState, VarbindValue
from core.runtime.settings import RuleSettings
from processor.judgment.judge import Context, Judged, effective_taken_at, judge
from tests.processor.printers import (
    CRITICAL,
    WARNING,
    Printer,
    alert,
    cover,
    device,
    flag,
    flags,
    reading,
    supply,
    tray,
)
from tests.recordings_reader import INTERVAL, START

OPEN, CLOSED = cover("1.1", 3, "Front"), cover("1.1", 4, "Front")
DOOR = ("door_open", "1.1")
JAM = device(5, 1, b"\x04")
LOW = ("supply_low", "1.1")


def test_a_flag_is_raised_at_once_and_cleared_after_two_readings_without_it() -> None:
    printer = Printer()
    assert flags(printer.says(CLOSED)) == {}
    assert DOOR in flags(printer.says(OPEN))
    assert DOOR in flags(printer.says(CLOSED))
    assert flags(printer.says(CLOSED)) == {}


def test_a_flapping_door_is_one_flag_with_its_first_date() -> None:
    printer = Printer()
    states = [printer.says(OPEN if number % 2 == 0 else CLOSED) for number in range(8)]
    assert [flag(state, *DOOR).since_at for state in states] == [START] * 8
    assert [flag(state, *DOOR).readings for state in states] == [1] * 8


def test_what_stops_the_printer_leads() -> None:
    printer = Printer()
    printer.says(supply("1.1", 3))
    state = printer.says(supply("1.1", 3), JAM)
    assert [flag.code for flag in state.attention] == ["jam", "supply_low"]
    assert [flag.stops for flag in state.attention] == [True, False]


def test_readings_that_show_a_flag_are_counted() -> None:
    printer = Printer()
    assert [flag(printer.says(OPEN), *DOOR).readings for _ in range(4)] == [1, 2, 3, 4]
    assert flag(printer.says(CLOSED), *DOOR).readings == 4
    assert flag(printer.says(OPEN), *DOOR).readings == 1


def test_a_reading_that_a_person_asked_for_clears_at_once() -> None:
    printer = Printer()
    printer.says(OPEN)
    state = printer.says(CLOSED, refresh_id="r1")
    assert (flags(state), state.refresh_id) == ({}, "r1")


def test_two_readings_without_it_clear_a_flag() -> None:
    printer = Printer()
    printer.says(OPEN)
    assert [DOOR in flags(printer.says(CLOSED)) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize("status", ["partial", "failed"])
def test_a_table_that_was_not_answered_keeps_values_and_flags(status: str) -> None:
    printer = Printer()
    printer.says(supply("1.1", 3), CLOSED)
    for _ in range(5):
        state = printer.says(CLOSED, tables={"supplies": status})
        assert flags(state) == {LOW: "critical"}
        assert [row.level for row in state.supplies] == [3]
        assert state.incomplete_tables == ("supplies",)
    assert flag(state, *LOW).since_at == START


def test_a_flag_about_to_clear_waits_for_an_answered_table() -> None:
    printer = Printer()
    printer.says(supply("1.1", 3))
    assert LOW in flags(printer.says(supply("1.1", 90)))
    assert LOW in flags(printer.says(tables={"supplies": "failed"}, refresh_id="r1"))
    assert flags(printer.says(supply("1.1", 90))) == {}


def test_no_supplies_any_more_clears_their_flags() -> None:
    printer = Printer()
    printer.says(supply("1.1", 3))
    printer.says(tables={"supplies": "absent"})
    state = printer.says(tables={"supplies": "absent"})
    assert (flags(state), state.supplies) == ({}, ())


def test_a_level_around_its_threshold_does_not_flap() -> None:
    printer = Printer()
    shown = [
        LOW in flags(printer.says(supply("1.1", level))) for level in (16, 15, 16, 17, 18, 15, 18, 18, 18)
    ]
    assert shown == [False] + [True] * 8
    assert [LOW in flags(printer.says(supply("1.1", level))) for level in (19, 19)] == [True, False]
    assert LOW not in flags(printer.says(supply("1.1", 17)))


def test_a_critical_level_stays_critical_until_it_is_well_above() -> None:
    printer = Printer()
    levels = (5, 7, 8, 9, 6, 5)
    severities = [flags(printer.says(supply("1.1", level)))[LOW] for level in levels]
    assert severities == ["critical", "critical", "critical", "warning", "warning", "critical"]


@pytest.mark.parametrize("vague", [-3, -2, None])
def test_a_level_that_turns_vague_keeps_the_flag_a_good_while_but_not_for_ever(vague: int | None) -> None:
    printer = Printer()
    printer.says(supply("1.1", 7))
    shown = [LOW in flags(printer.says(supply("1.1", vague), refresh_id="r")) for _ in range(12)]
    assert shown[:9] == [True] * 9
    assert not shown[-1]


def test_a_new_cartridge_clears_low_and_empty() -> None:
    printer = Printer()
    assert flags(printer.says(supply("1.1", 3))) == {LOW: "critical"}
    assert flags(printer.says(supply("1.1", 0))) == {("supply_empty", "1.1"): "critical"}
    assert flags(printer.says(supply("1.1", 100))) == {("supply_empty", "1.1"): "critical"}
    assert flags(printer.says(supply("1.1", 100))) == {}


def test_an_empty_cartridge_shaken_is_low_once_it_is_surely_not_empty() -> None:
    printer = Printer()
    printer.says(supply("1.1", 0))
    assert [*flags(printer.says(supply("1.1", 2)))] == [("supply_empty", "1.1")]
    state = printer.says(supply("1.1", 2))
    assert [*flags(state)] == [LOW]
    assert flag(state, *LOW).since_at == START + 2 * INTERVAL


def test_unreachable_twice_then_back_with_the_old_flags_and_dates() -> None:
    printer = Printer()
    printer.says(supply("1.1", 3), tray("1.1", 100))
    first = printer.is_silent()
    assert (first.state, first.reachable, [*flags(first)]) == ("idle", False, [LOW])
    assert (first.taken_at, first.answered_at) == (START + INTERVAL, START)
    assert first.error == "no answer within 3 s"
    for _ in range(3):
        gone = printer.is_silent()
        assert (gone.state, gone.severity) == ("unreachable", "critical")
        assert flags(gone) == {("unreachable", ""): "critical"}
        assert gone.attention[0].since_at == START + INTERVAL
        assert [row.level for row in gone.supplies] == [3]
    assert gone.attention[0].readings == 4
    back = printer.says(supply("1.1", 3), tray("1.1", 100))
    assert (back.state, back.reachable, back.error, flags(back)) == ("idle", True, None, {LOW: "critical"})
    assert flag(back, *LOW).since_at == START


def test_one_answer_in_between_starts_the_count_anew() -> None:
    printer = Printer()
    for _ in range(3):
        assert printer.is_silent().state != "unreachable"
        assert printer.says().state == "idle"


def test_how_many_misses_are_unreachable_is_a_setting() -> None:
    hasty = Printer(RuleSettings(unreachable_after=1))
    hasty.says()
    assert hasty.is_silent().state == "unreachable"
    printer = Printer(RuleSettings(unreachable_after=3))
    printer.says()
    assert [printer.is_silent().state for _ in range(3)] == ["idle", "idle", "unreachable"]


def test_a_printer_that_has_never_answered_is_not_reached_yet_and_has_no_fault() -> None:
    printer = Printer(RuleSettings(unreachable_after=1))
    for _ in range(5):
        state = printer.is_silent()
        assert (state.state, state.severity, state.attention, state.answered_at) == (
            "unknown",
            None,
            (),
            None,
        )
        assert state.error == "no answer within 3 s"
    assert printer.says().state == "idle"
    assert flags(printer.is_silent()) == {("unreachable", ""): "critical"}


def test_a_flag_about_to_clear_survives_an_outage() -> None:
    printer = Printer()
    printer.says(OPEN)
    printer.says(CLOSED)
    printer.is_silent()
    printer.is_silent()
    assert flags(printer.says(CLOSED)) == {}


def test_an_alert_row_that_vanishes_clears_its_flag_after_two_readings() -> None:
    printer = Printer()
    printer.says(alert("1.5", 30, CRITICAL, "SC 542"))
    assert [len(flags(printer.says(tables={"alerts": "absent"}))) for _ in range(2)] == [1, 0]


def test_an_agent_that_numbers_its_alerts_anew_keeps_the_flag() -> None:
    printer = Printer()
    states = [printer.says(alert(f"1.{number}", 34, WARNING, "Memory full")) for number in (5, 6, 7, 8)]
    assert [[*flags(state)] for state in states] == [[("alert_warning", "1.5")]] * 4
    assert states[-1].attention[0].readings == 4


def test_another_alert_at_the_same_index_is_another_flag() -> None:
    printer = Printer()
    printer.says(alert("1.1", 34, WARNING, "Memory full"))
    moved = printer.says(alert("1.1", 36, WARNING, "Too hot"), alert("1.2", 34, WARNING, "Memory full"))
    assert {(each.subject, each.message) for each in moved.attention} == {
        ("1.1", "The printer reports: Too hot."),
        ("1.2", "The printer reports: Memory full."),
    }
    assert flag(moved, "alert_warning", "1.2").since_at == START


def test_a_report_that_becomes_precise_is_the_same_condition() -> None:
    printer = Printer()
    both = supply("1.1", -3, -2) | supply("1.2", -3, -2, "Cyan")
    assert [*flags(printer.says(device(3, 3, b"\x20"), both))] == [("supply_low", "")]
    row = alert("1.5", 1104, WARNING, group=11, group_index=2)
    state = printer.says(device(3, 3, b"\x20"), both, row)
    assert [*flags(state)] == [("supply_low", "1.2")]
    assert state.attention[0].since_at == START
    vague = printer.says(device(3, 3, b"\x20"), both)
    assert [*flags(vague)] == [("supply_low", "1.2")]


def test_a_fault_that_grows_worse_is_one_flag() -> None:
    printer = Printer()
    printer.says(device(3, 3, b"\x80"), tray("1.1", 20))
    state = printer.says(device(5, 1, b"\x40"), tray("1.1", 0))
    assert flags(state) == {("no_paper", "1.1"): "critical"}


def test_the_worst_flag_stands_first_and_is_the_state_s_severity() -> None:
    state = Printer().says(device(5, 1, b"\x84"), supply("1.1", 10), tray("1.1", 10))
    assert [each.severity for each in state.attention] == ["critical", "warning", "warning"]
    assert state.severity == "critical"


def test_a_jam_that_is_gone_leaves_an_idle_printer_at_once() -> None:
    printer = Printer()
    assert printer.says(JAM).state == "stopped"
    assert printer.says(device()).state == "idle"


AHEAD = timedelta(minutes=12)


def test_a_time_far_ahead_is_replaced_by_the_arrival_and_flagged() -> None:
    given = reading(taken_at=START + AHEAD)
    state = judge(given, None, Context(RuleSettings(), START)).state
    assert effective_taken_at(given, START) == state.taken_at == state.answered_at == START
    assert flags(state) == {("clock_skew", ""): "info"}
    assert state.attention[0].evidence[0].value == "2026-01-31T12:12:00+00:00"


def test_a_time_a_little_ahead_or_long_ago_is_believed() -> None:
    for offset in (timedelta(minutes=5), timedelta(0), -timedelta(days=900)):
        given = reading(taken_at=START + offset)
        assert effective_taken_at(given, START) == START + offset
        assert flags(judge(given, None, Context(RuleSettings(), START)).state) == {}


def test_the_past_survives_being_stored_as_json() -> None:
    printer = Printer()
    script: tuple[tuple[dict[str, VarbindValue], ...], ...] = (
        (supply("1.1", 3), OPEN),
        (supply("1.1", 3), CLOSED),
        (),
        (),
        (supply("1.1", 3), CLOSED),
    )
    for parts in script:
        state = printer.says(*parts) if parts else printer.is_silent()
        assert printer.judged
        stored = PrinterState.model_validate_json(state.model_dump_json())
        assert stored == state
        printer.judged = Judged(stored, printer.judged.memory)
    assert flags(state) == {LOW: "critical"}
    assert flag(state, *LOW).since_at == START


def test_a_memory_that_cannot_be_read_is_forgotten() -> None:
    state = Printer().says(supply("1.1", 3))
    broken = {
        "misses": "x",
        "hidden": [1, {}],
        "gone": [],
        "polarity": {"1.1": 3},
        "missed_since": 7,
        "device": {},
    }
    after = judge(reading(supply("1.1", 3), number=1), Judged(state, broken), Context(RuleSettings(), START))
    assert flags(after.state) == {LOW: "critical"}
    judge(reading(number=2, reachable=False), Judged(state, broken), Context(RuleSettings(), START))


def test_people_s_names_of_the_printer_are_those_of_the_context() -> None:
    context = Context(RuleSettings(), START, name="Library 1", location="Ground floor")
    state = judge(reading(), None, context).state
    assert (state.name, state.location) == ("Library 1", "Ground floor")

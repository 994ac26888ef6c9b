"""Readings judged without anything around them, as `printers poll` does it."""

from datetime import UTC, datetime

from core.contract.messages import PrinterState, Reading
from core.runtime.settings import RuleSettings
from processor.judgment.judge import judge_readings
from tests.processor.making import JAMMED, make_reading, unanswered


def judged(*readings: Reading, **rules: int) -> list[PrinterState]:
    return judge_readings(readings, RuleSettings(**rules), datetime.now(UTC))


def test_a_reading_is_judged_by_itself() -> None:
    (state,) = judged(make_reading(1, bits=JAMMED, level=40))
    assert (state.printer_id, state.state, state.supplies[0].level_percent) == ("lib-1", "stopped", 40)
    assert [flag.code for flag in state.attention] == ["jam"]


def test_a_single_unanswered_reading_is_unreachable() -> None:
    (state,) = judged(unanswered(1))
    assert (state.reachable, state.state, state.error) == (False, "unreachable", "no answer within 3 s")


def test_readings_of_a_printer_are_judged_with_their_past() -> None:
    states = judged(make_reading(1), unanswered(2), make_reading(1, "lib-2"), unanswered(3))
    assert [(state.printer_id, state.state) for state in states] == [
        ("lib-1", "idle"),
        ("lib-1", "idle"),
        ("lib-2", "idle"),
        ("lib-1", "unreachable"),
    ]


def test_thresholds_come_from_the_settings() -> None:
    (state,) = judged(make_reading(1, level=40), supply_low_percent=50)
    assert [flag.code for flag in state.attention] == ["supply_low"]

"""Alert tables that were not read whole: flags clear by the rows that are known, and by no others."""

from typing import Any

from core.contract.messages import AlertRows, AlertRun, PrinterState
from tests.processor.printers import CRITICAL, WARNING, Printer, alert, flags

JAM, EMPTY, REMOVED, OTHER = 8, 808, 1801, 1
REMOVED_ROWS = AlertRun(device=1, first=4, last=400, severity=OTHER, code=REMOVED)


def long(*runs: AlertRun, through: str | None = None) -> dict[str, Any]:
    """A reading whose alert table was too long."""
    return {
        "tables": {"alerts": "partial"},
        "alert_rows": AlertRows(count=400, through=through, not_read=runs),
    }


def run(row: int, severity: int, code: int) -> AlertRun:
    return AlertRun(device=1, first=row, last=row, severity=severity, code=code)


def jammed() -> Printer:
    """It has shown a jam in row 2 and an empty tray in row 3 while its table was short."""
    printer = Printer()
    state = printer.says(alert("1.2", JAM, CRITICAL), alert("1.3", EMPTY, WARNING, "Tray 2 empty"))
    assert {code for code, _ in flags(state)} == {"jam", "no_paper"}
    return printer


def after(printer: Printer, changes: dict[str, Any], times: int = 2) -> PrinterState:
    for _ in range(times):
        state = printer.says(**changes)
    return state


def test_a_flag_clears_when_its_row_has_gone_from_a_table_that_has_grown() -> None:
    state = after(jammed(), long(run(3, WARNING, EMPTY), REMOVED_ROWS))
    assert {code for code, _ in flags(state)} == {"no_paper"}
    assert [row.index for row in state.alerts] == ["1.3"]
    assert state.incomplete_tables == ("alerts",)


def test_a_flag_stays_while_its_row_is_there_though_it_was_not_read_whole() -> None:
    state = after(jammed(), long(run(2, CRITICAL, JAM), run(3, WARNING, EMPTY), REMOVED_ROWS), 20)
    assert {code for code, _ in flags(state)} == {"jam", "no_paper"}


def test_a_row_that_was_given_to_another_alert_clears_the_flag() -> None:
    state = after(jammed(), long(run(2, OTHER, REMOVED), run(3, WARNING, EMPTY), REMOVED_ROWS))
    assert {code for code, _ in flags(state)} == {"no_paper"}


def test_nothing_is_known_of_rows_behind_the_last_one_that_the_reading_has_come_to() -> None:
    state = after(jammed(), long(run(1, OTHER, REMOVED), through="1.2"), 20)
    assert {code for code, _ in flags(state)} == {"no_paper"}
    assert [row.index for row in state.alerts] == ["1.3"]


def test_a_critical_row_among_those_read_whole_is_flagged_as_ever() -> None:
    state = Printer().says(alert("1.400", JAM, CRITICAL), **long(REMOVED_ROWS))
    assert (state.state, {code for code, _ in flags(state)}) == ("stopped", {"jam"})


def test_without_a_word_on_the_rows_a_table_in_pieces_clears_nothing() -> None:
    state = after(jammed(), {"tables": {"alerts": "partial"}}, 20)
    assert {code for code, _ in flags(state)} == {"jam", "no_paper"}

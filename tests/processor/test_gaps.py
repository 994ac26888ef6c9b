"""What is not known of a printer is said: an idle one of which nothing is shown does not look healthy."""

import pytest

from core.contract.messages import AlertRows, PrinterState, VarbindValue
from core.contract.printer_mib import MAX_TABLE_ROWS
from tests.processor.printers import Printer, alert, device, supply, tray, varbinds
from tests.recordings_reader import reading_of

MARKER = varbinds({"prtMarkerLifeCount": {"1.1": 5}})
SYSTEM = varbinds({"sysDescr": {"0": "Laser 1"}})
SERIAL = varbinds({"prtGeneralSerialNumber": {"1": "S"}})
WHOLE = device() | supply("1.1", 50) | tray("1.1", 100) | MARKER


def shows_no(words: str) -> tuple[str, ...]:
    return (f"The printer's SNMP view shows no {words}: nothing is known of that.",)


@pytest.mark.parametrize(
    ("shown", "gaps"),
    [
        (WHOLE, ()),
        (device() | supply("1.1", 50) | tray("1.1", 100), ()),
        (device(), shows_no("supplies, input trays, page counter or alerts")),
        (SYSTEM, shows_no("status, supplies, input trays, page counter or alerts")),
        (supply("1.1", 50) | tray("1.1", 1), shows_no("status")),
        (device() | tray("1.1", 100) | MARKER, shows_no("supplies")),
        (device() | SERIAL, shows_no("supplies or input trays")),
    ],
)
def test_the_parts_are_named_that_an_snmp_view_leaves_out(
    shown: dict[str, VarbindValue], gaps: tuple[str, ...]
) -> None:
    state = Printer().judge(reading_of(shown))
    assert (state.gaps, state.attention) == (gaps, ())


def test_what_was_not_answered_is_no_part_that_is_left_out() -> None:
    printer = Printer()
    printer.says(WHOLE)
    state = printer.says(WHOLE | supply("1.1", 50), tables={"supplies": "failed", "console": "partial"})
    assert state.gaps == (
        "Not answered as a whole: supplies, console; what is shown may be from an earlier reading.",
    )


@pytest.mark.parametrize(
    ("through", "words"), [(None, "of old alerts only the codes are known"), ("1.9", "later alerts are not")]
)
def test_an_alert_table_that_was_too_long_is_said_to_be_so(through: str | None, words: str) -> None:
    rows = AlertRows(count=400, through=through)
    state = Printer().says(WHOLE, alert("1.400", 1801, 1), tables={"alerts": "partial"}, alert_rows=rows)
    [gap] = state.gaps
    assert words in gap
    assert state.incomplete_tables == ("alerts",)


def test_a_table_that_was_cut_off_is_named() -> None:
    rows = varbinds({"prtMarkerSuppliesLevel": {f"1.{n}": 50 for n in range(1, MAX_TABLE_ROWS + 1)}})
    state = Printer().says(WHOLE | rows, tables={"supplies": "partial"})
    assert state.gaps == ("More than 256 rows are listed of supplies: the rest was not read.",)


def test_a_state_without_gaps_does_not_mention_them() -> None:
    assert "gaps" not in PrinterState(printer_id="a").model_dump(mode="json")

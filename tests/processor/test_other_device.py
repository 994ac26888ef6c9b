"""Another device at the address of a printer: its counters, flags and issues are not the old one's."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from core.contract.messages import HistoryPoint, PrinterState, Reading, VarbindValue
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import RuleSettings
from core.storage.core_tables import ATTENTION, AUDIT, EVENTS, ISSUES, OUTBOX, PRINTERS
from core.storage.database import reading as reading_from
from core.storage.database import writing
from core.storage.shared_serials import shared_serials
from core.timeseries.pages import DayCount, added, believed_by_device
from core.timeseries.points import DAY_MS, milliseconds
from processor.batch.printer_batch import PrinterBatch, Received
from processor.batch.store import store
from processor.judgment.judge import Context
from tests.builders import NEW_SERIAL as NEW
from tests.builders import OLD_SERIAL as OLD
from tests.processor.making import (
    JAMMED,
    NOON,
    NOTHING_WRONG,
    add_printers,
    make_reading,
    received,
    rows,
    state_of,
    unanswered,
    varbinds,
)

RULES = RuleSettings()


def told(serial: str | None, model: str = "HP LaserJet 600", **small: Any) -> dict[str, VarbindValue]:
    """What a small printer of this serial number answers."""
    own: dict[str, VarbindValue] = {f"{COLUMN_OID['hrDeviceDescr']}.1": model.encode().hex()}
    if serial is not None:
        own[f"{COLUMN_OID['prtGeneralSerialNumber']}.1"] = serial.encode().hex()
    return varbinds(**small) | own


def says(number: int, serial: str | None, **changes: Any) -> Reading:
    """The reading of that number, of the device with this serial number."""
    small = {name: changes.pop(name) for name in ("bits", "level", "pages", "model") if name in changes}
    return make_reading(number, varbinds=told(serial, **small), **changes)


def put(engine: Engine, *readings: Reading, rules: RuleSettings = RULES) -> None:
    """Each in a batch of its own."""
    for each in readings:
        (given,) = received(each)
        store(engine, [given], rules, given.at)


def state(engine: Engine) -> PrinterState:
    return state_of(engine)


def history(engine: Engine) -> list[HistoryPoint]:
    return [HistoryPoint.model_validate_json(text) for (text,) in rows(engine, OUTBOX, "payload")]


def codes(engine: Engine) -> set[str]:
    return {flag.code for flag in state(engine).attention}


def pages(points: Sequence[HistoryPoint]) -> int:
    counts = [
        (p.device, DayCount(milliseconds(p.taken_at) // DAY_MS, p.marker_life_count))
        for p in sorted(points, key=lambda point: point.taken_at)
    ]
    return added(*(one.pages for one in believed_by_device(counts, {}))) or 0


@pytest.fixture
def fleet(engine: Engine) -> Engine:
    add_printers(engine, "lib-1")
    return engine


def test_pages_of_the_old_device_and_the_new_one_are_not_subtracted(fleet: Engine) -> None:
    put(fleet, says(0, OLD, pages=500_000), says(1, OLD, pages=500_010))
    put(fleet, says(2, NEW, pages=900_000), says(3, NEW, pages=900_003), says(4, NEW, pages=900_005))
    found = history(fleet)
    assert [(point.device, point.marker_life_count) for point in found] == [
        (0, 500_000),
        (0, 500_010),
        (0, None),  # nobody knew yet whose it was
        (1, 900_003),
        (1, 900_005),
    ]
    assert pages(found) == 12


def test_the_exchange_is_said_by_a_flag_and_in_the_audit(fleet: Engine) -> None:
    put(fleet, says(0, OLD, pages=5, model="HP LaserJet 600"))
    put(fleet, says(1, NEW, pages=9, model="HP LaserJet 700"))
    assert "device_changed" not in codes(fleet)
    put(fleet, says(2, NEW, pages=10, model="HP LaserJet 700"))
    (flag,) = state(fleet).attention
    assert (flag.code, flag.severity) == ("device_changed", "info")
    assert flag.message.endswith("HP LaserJet 700 instead of HP LaserJet 600.")
    assert [seen.value for seen in flag.evidence] == [NEW, OLD]
    (entry,) = rows(fleet, AUDIT)
    assert (entry["action"], entry["subject"], entry["actor"]) == (
        "printer.device_changed",
        "lib-1",
        "processor",
    )
    assert entry["details"] == {
        "serial": [OLD, NEW],
        "model": ["HP LaserJet 600", "HP LaserJet 700"],
        "marker_life_count": [5, 10],
    }


def test_the_flag_stays_until_the_inventory_has_the_new_serial_number(fleet: Engine) -> None:
    put(fleet, says(0, OLD), *(says(n, NEW) for n in range(1, 9)))
    assert codes(fleet) == {"device_changed"}
    with writing(fleet) as connection:
        connection.execute(update(PRINTERS).values(serial=NEW.lower()))
    put(fleet, says(9, NEW, refresh_id="r9"))
    assert codes(fleet) == set()


@pytest.mark.parametrize(
    "serials",
    [
        pytest.param([NEW, OLD, NEW, OLD], id="two devices that answer in turn"),
        pytest.param([NEW, None, NEW, OLD], id="no serial number between"),
        pytest.param(["", None, "0000000000", "0000000000"], id="none that tells anything"),
        pytest.param([NEW, "ZZTOP00001", OLD, OLD], id="a third one"),
        pytest.param([OLD.lower(), OLD.lower(), f" {OLD} ", OLD], id="written otherwise"),
    ],
)
def test_less_than_two_readings_in_a_row_are_no_exchange(fleet: Engine, serials: list[str | None]) -> None:
    put(fleet, says(0, OLD, pages=100), *(says(n, serial) for n, serial in enumerate(serials, start=1)))
    put(fleet, says(5, OLD, pages=103))
    assert codes(fleet) == set()
    assert {point.device for point in history(fleet)} == {0}
    assert rows(fleet, AUDIT) == []


def test_another_model_alone_is_no_exchange(fleet: Engine) -> None:
    put(fleet, *(says(n, OLD, model=f"HP LaserJet firmware {n}") for n in range(4)))
    assert (codes(fleet), rows(fleet, AUDIT)) == (set(), [])


def test_a_serial_table_that_was_not_answered_says_nothing(fleet: Engine) -> None:
    put(fleet, says(0, OLD))
    broken = says(2, None)
    broken = broken.model_copy(update={"tables": broken.tables | {"general": "failed"}})
    put(fleet, says(1, NEW), broken, says(3, NEW))
    assert codes(fleet) == set()


def test_a_reading_that_failed_between_the_two_does_not_hide_the_exchange(fleet: Engine) -> None:
    put(fleet, says(0, OLD), unanswered(1), says(2, NEW), unanswered(3), says(4, NEW))
    assert codes(fleet) == {"device_changed"}


def test_the_old_device_s_flags_end_without_being_resolved_and_its_issue_is_for_people(fleet: Engine) -> None:
    put(fleet, says(0, OLD, bits=JAMMED), says(1, OLD, bits=JAMMED))
    put(fleet, says(2, NEW, bits=NOTHING_WRONG, refresh_id="r"))
    assert "jam" in codes(fleet)  # it may be a slip: nothing is cleared by it
    put(fleet, says(3, NEW, bits=NOTHING_WRONG))
    (flag, _) = rows(fleet, ATTENTION)
    assert (flag["code"], flag["outcome"], flag["cleared_at"] is None) == ("jam", "device_changed", False)
    (issue,) = rows(fleet, ISSUES)
    assert (issue["status"], issue["earlier_device"]) == ("open", True)
    assert [change for (change,) in rows(fleet, EVENTS, "change")] == ["opened", "device_changed"]
    put(fleet, says(4, NEW, bits=JAMMED), says(5, NEW, bits=JAMMED))
    mine, theirs = rows(fleet, ISSUES, "status", "earlier_device")
    assert (mine, theirs) == (("open", True), ("open", False))
    put(fleet, says(6, NEW), says(7, NEW))
    assert rows(fleet, ISSUES, "status", "earlier_device") == [("open", True), ("resolved", False)]


def test_a_fault_that_both_devices_have_is_two_flags_and_two_issues(fleet: Engine) -> None:
    put(fleet, says(0, OLD, bits=JAMMED), says(1, OLD, bits=JAMMED))
    put(fleet, says(2, NEW, bits=JAMMED), says(3, NEW, bits=JAMMED), says(4, NEW, bits=JAMMED))
    jams = [row for row in rows(fleet, ATTENTION) if row["code"] == "jam"]
    assert [(row["outcome"], row["cleared_at"] is None) for row in jams] == [
        ("device_changed", False),
        ("", True),
    ]
    assert rows(fleet, ISSUES, "status", "earlier_device") == [("open", True), ("open", False)]


def test_late_readings_are_of_the_device_whose_serial_number_they_have(fleet: Engine) -> None:
    put(fleet, says(0, OLD, pages=100), says(8, NEW, pages=9000), says(9, NEW, pages=9001))
    put(fleet, says(2, OLD, pages=104), says(7, NEW, pages=8990), says(3, None, pages=105))
    put(fleet, says(4, "QQQ4711", pages=77))
    found = {point.taken_at: (point.device, point.marker_life_count) for point in history(fleet)}
    at = {n: found[NOON + n * timedelta(minutes=5)] for n in (2, 3, 4, 7)}
    assert at == {2: (0, 104), 3: (0, 105), 4: (1, None), 7: (1, 8990)}


def test_a_device_that_comes_back_is_another_exchange(fleet: Engine) -> None:
    put(fleet, *(says(n, OLD, pages=100) for n in range(2)), *(says(n, NEW, pages=7) for n in (2, 3)))
    put(fleet, *(says(n, OLD, pages=60_000) for n in (4, 5, 6)))
    assert [point.device for point in history(fleet)][-2:] == [2, 2]
    assert pages(history(fleet)) == 0


def test_a_printer_without_a_serial_number_that_then_tells_one_is_the_same(fleet: Engine) -> None:
    put(fleet, says(0, None, pages=100), says(1, OLD, pages=101), says(2, OLD, pages=103))
    assert codes(fleet) == set()
    assert pages(history(fleet)) == 3


def test_an_exchange_in_one_batch_is_the_same_as_in_several(fleet: Engine) -> None:
    batch = received(
        *(says(n, OLD, bits=JAMMED, pages=500) for n in (0, 1)),
        *(says(n, NEW, pages=90_000 + n) for n in (2, 3)),
    )
    store(fleet, batch, RULES, batch[-1].at)
    assert codes(fleet) == {"device_changed"}
    assert rows(fleet, ISSUES, "status", "earlier_device") == [("open", True)]
    assert pages(history(fleet)) == 0


def test_printers_that_report_one_serial_number_are_found(fleet: Engine) -> None:
    add_printers(fleet, "lib-2", "lib-3", "lib-4")
    for printer, serial in (
        ("lib-1", OLD),
        ("lib-2", OLD.lower()),
        ("lib-3", "0000000"),
        ("lib-4", "0000000"),
    ):
        put(fleet, says(0, serial, printer_id=printer))
    with reading_from(fleet) as connection:
        (found,) = shared_serials(connection)
    assert (found.serial, [printer for printer, _ in found.printers]) == (OLD, ["lib-1", "lib-2"])


# Supplies that are numbered anew.

_COLOURS = ("Black Toner 52D2H00", "Cyan Toner 52D2C00", "Magenta Toner 52D2M00")


def toners(order: Sequence[int], levels: Sequence[int]) -> dict[str, VarbindValue]:
    """Three toners in an order of rows; `levels` by colour."""
    found = {oid: value for oid, value in told(OLD).items() if ".43.11." not in oid}
    for row, colour in enumerate(order, start=1):
        columns: dict[str, VarbindValue] = {
            "prtMarkerSuppliesClass": 3,
            "prtMarkerSuppliesType": 3,
            "prtMarkerSuppliesDescription": _COLOURS[colour].encode().hex(),
            "prtMarkerSuppliesMaxCapacity": 100,
            "prtMarkerSuppliesLevel": levels[colour],
        }
        found |= {f"{COLUMN_OID[name]}.1.{row}": value for name, value in columns.items()}
    return found


def test_supplies_that_are_numbered_anew_stay_one_condition_and_one_issue(fleet: Engine) -> None:
    before, after = toners((0, 1, 2), (2, 3, 90)), toners((1, 0, 2), (2, 3, 90))
    put(fleet, make_reading(0, varbinds=before), make_reading(1, varbinds=before))
    first = {row["message"]: row for row in rows(fleet, ATTENTION)}
    put(fleet, make_reading(2, varbinds=after), make_reading(3, varbinds=after))
    then = {row["message"]: row for row in rows(fleet, ATTENTION)}
    assert {row["id"]: row["subject"] for row in first.values()} == {1: "1.1", 2: "1.2"}
    assert {row["id"]: row["subject"] for row in then.values()} == {1: "1.2", 2: "1.1"}
    assert [row["cleared_at"] for row in then.values()] == [None, None]
    assert {flag.subject: flag.readings for flag in state(fleet).attention} == {"1.1": 4, "1.2": 4}
    issues = rows(fleet, ISSUES, "status", "title", "attention_subject")
    assert [(status, subject) for status, _, subject in issues] == [("open", "1.2"), ("open", "1.1")]
    put(fleet, *(make_reading(n, varbinds=toners((1, 0, 2), (80, 3, 90))) for n in (4, 5)))
    assert {row["subject"]: row["status"] for row in _issues(fleet)} == {"1.2": "resolved", "1.1": "open"}


def _issues(engine: Engine) -> list[dict[str, Any]]:
    with reading_from(engine) as connection:
        query = select(ISSUES.c.attention_subject.label("subject"), ISSUES.c.status)
        return [dict(row) for row in connection.execute(query).mappings()]


def test_supplies_that_cannot_be_told_apart_are_not_followed() -> None:
    twins = {oid: value for oid, value in toners((0, 1, 2), (2, 3, 90)).items() if "43.11.1.1.6" not in oid}
    printer_batch = PrinterBatch("lib-1", None, Context(RULES, NOON, "L", ""))
    for number in range(2):
        each = make_reading(number, varbinds=twins)
        printer_batch.take(Received(each, each.taken_at))
    assert printer_batch.judged is not None
    assert printer_batch.judged.moved == {}

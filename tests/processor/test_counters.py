"""The vendors' page counters: added up by kind, plausible beside the life count, kept between readings."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from core.contract.messages import PrinterState, VarbindValue
from core.contract.printer_mib import POLL_TABLES
from core.contract.vendor_counters import COUNTER_NAMES, UNITS
from core.contract.vendor_objects import ALL_COUNTERS, VENDOR_COLUMN_OID
from processor.history.points import history_json
from tests.processor.printers import Printer, state_of, varbinds

COMPLETE: dict[str, Any] = dict.fromkeys(POLL_TABLES, "complete")
HP, KONICA, CANON, KYOCERA, RICOH, SHARP, BROTHER = 11, 18334, 1602, 1347, 367, 2385, 2435


def counted(
    number: int,
    life: int | None,
    unit: int | None = 7,
    serial: str | None = "SN-1",
    **columns: Mapping[str, int | str],
) -> dict[str, VarbindValue]:
    """What a printer of that enterprise number says of its counters."""
    own = {
        f"{VENDOR_COLUMN_OID[name]}.{row}": value
        for name, cells in columns.items()
        for row, value in cells.items()
    }
    common = varbinds(
        {
            "sysObjectID": {"0": f".1.3.6.1.4.1.{number}.1"},
            "prtMarkerLifeCount": {"1.1": life},
            "prtMarkerCounterUnit": {"1.1": unit},
            "prtGeneralSerialNumber": {"1": serial},
        }
    )
    return {**common, **own}


def hp(mono: int, color: int, life: int | None, **more: Any) -> dict[str, VarbindValue]:
    columns: dict[str, Any] = {"hpTotalMonoPageCount": {"0": mono}, "hpTotalColorPageCount": {"0": color}}
    return counted(HP, life, **columns, **more)


def counters(state: PrinterState) -> dict[str, int]:
    return {counter.name: counter.count for counter in state.counters}


def test_hp_s_scalars_are_counters_with_units_and_sources() -> None:
    state = state_of(hp(700, 300, 1000, hpDuplexPageCount={"0": 250}))
    assert [(c.name, c.count, c.unit, c.source) for c in state.counters] == [
        ("mono", 700, "impressions", "hpTotalMonoPageCount"),
        ("color", 300, "impressions", "hpTotalColorPageCount"),
        ("duplex", 250, "sheets", "hpDuplexPageCount"),
    ]
    assert state.counters_at == state.taken_at


def test_konica_s_copies_and_prints_add_up() -> None:
    black, color = {"1": 3672, "2": 22876}, {"1": 544, "2": 6711}
    told = counted(
        KONICA,
        33810,
        None,
        kmBlackPages=black,
        kmColorPages=color,
        kmDuplexCount={"0": 7357},
        kmScans={"1": 99},
    )
    assert counters(state_of(told)) == {
        "mono": 26548,
        "color": 7255,
        "duplex": 7357,
        "copy": 4216,
        "scan": 99,
    }
    both = {**told, f"{VENDOR_COLUMN_OID['kmScanCount']}.0": 5653}
    assert counters(state_of(both))["scan"] == 5653


def test_canon_s_counter_numbers_are_rows() -> None:
    rows = {"112": 30, "113": 570, "122": 10, "123": 390, "501": 77, "301": 900}
    found = counters(state_of(counted(CANON, 1000, 8, canonCounter=rows)))
    assert found == {"mono": 600, "color": 400, "scan": 77, "a3": 40}


def test_kyocera_counts_by_paper_size() -> None:
    black, color = {"1": 20, "3": 500, "5": 80}, {"1": 5, "3": 395}
    found = counters(state_of(counted(KYOCERA, 1000, kcBlackPages=black, kcColorPages=color)))
    assert found == {"mono": 600, "color": 400, "a3": 25}


def test_ricoh_s_rows_are_known_by_their_type() -> None:
    types = {"1": 10, "2": 200, "3": 201, "4": 203, "5": 301, "6": 401, "7": 403, "8": 870, "9": 871}
    values = {"1": 1000, "2": 300, "3": 200, "4": 100, "5": 10, "6": 400, "7": 290, "8": 55, "9": 30}
    told = counted(RICOH, 1000, 8, ricohEngCounterType=types, ricohEngCounterValue=values)
    assert counters(state_of(told)) == {"mono": 610, "color": 390, "copy": 300, "scan": 55}


def test_sharp_s_codes_are_rows() -> None:
    told = counted(
        SHARP,
        1000,
        sharpTotalCount={"61": 900, "63": 90, "64": 10},
        sharpCopyCount={"60": 400},
        sharpPrintCount={"75": 120},
        sharpScanCount={"50": 33},
    )
    assert counters(state_of(told)) == {"mono": 900, "color": 100, "duplex": 120, "copy": 400, "scan": 33}


def test_brother_s_block_tells_mono_and_color() -> None:
    block = f"000104{1000:08x}010104{900:08x}020104{100:08x}ff"
    told = counted(BROTHER, 1000, brInfoCounter={"0": block})
    assert counters(state_of(told)) == {"mono": 900, "color": 100}


@pytest.mark.parametrize(
    ("mono", "color", "life", "unit", "believed"),
    [
        (700, 300, 1000, 7, True),
        (700, 305, 1000, 7, True),  # a page or two were printed while it was read
        (1400, 500, 1000, 8, True),  # sheets: two sides each
        (700, 300, None, 7, True),
        (700, 300, 400, 7, False),
        (5_000_000, 0, 427, 7, False),
        (10, 5, 100_000, 7, False),
        (0, 0, 100_000, 7, False),
        (-1, 300, 1000, 7, False),
        (4294967295, 0, 5_000_000_000, 7, False),
    ],
)
def test_what_cannot_be_true_beside_the_life_count_is_left_out(
    mono: int, color: int, life: int | None, unit: int, believed: bool
) -> None:
    found = counters(state_of(hp(mono, color, life, unit=unit)))
    assert (found == {"mono": mono, "color": color}) is believed
    assert believed or "mono" not in found


def test_a_counter_larger_than_all_pages_is_left_out_alone() -> None:
    state = state_of(hp(700, 300, 1000, hpDuplexPageCount={"0": 40_000}))
    assert counters(state) == {"mono": 700, "color": 300}


def test_large_pages_that_are_all_pages_are_no_paper_size() -> None:
    found = counters(state_of(counted(KYOCERA, 1000, kcBlackPages={"1": 1000})))
    assert found == {"mono": 1000}


def test_counters_stay_while_they_are_not_asked_for_and_no_longer_than_a_day() -> None:
    printer = Printer()
    first = printer.says(hp(700, 300, 1000), tables={**COMPLETE, "hp_counters": "complete"})
    between = printer.says(counted(HP, 1001), tables=COMPLETE)
    assert (between.counters, between.counters_at) == (first.counters, first.taken_at)
    assert between.incomplete_tables == ()
    assert first.taken_at is not None
    later = printer.says(counted(HP, 1001), tables=COMPLETE, taken_at=first.taken_at + timedelta(hours=25))
    assert (later.counters, later.counters_at) == ((), None)


def test_counters_that_were_not_answered_stay_and_those_a_printer_does_not_have_do_not_come() -> None:
    printer = Printer()
    first = printer.says(hp(700, 300, 1000), tables={**COMPLETE, "hp_counters": "complete"})
    torn = printer.says(counted(HP, 1001), tables={**COMPLETE, "hp_counters": "failed"})
    assert torn.counters == first.counters
    none = printer.says(counted(HP, 1001), tables={**COMPLETE, "hp_counters": "absent"})
    assert none.counters == ()


def test_another_device_at_the_address_does_not_inherit_counters() -> None:
    printer = Printer()
    printer.says(hp(700, 300, 1000), tables={**COMPLETE, "hp_counters": "complete"})
    asleep = printer.says(counted(HP, 1000, serial=None), tables=COMPLETE)
    assert (counters(asleep), asleep.counters_serial) == ({"mono": 700, "color": 300}, "SN-1")
    other = printer.says(counted(HP, 90_000, serial="SN-2"), tables=COMPLETE)
    assert (other.counters, other.counters_serial) == ((), "SN-2")


def test_the_history_has_counters_only_of_the_reading_that_showed_them() -> None:
    printer = Printer()
    first = printer.says(hp(700, 300, 1000), tables={**COMPLETE, "hp_counters": "complete"})
    assert first.taken_at is not None
    assert '"counters":{"mono":700,"color":300},"serial_number":"SN-1"' in history_json(first, first.taken_at)
    between = printer.says(counted(HP, 1001), tables=COMPLETE)
    assert between.taken_at is not None
    assert "counters" not in history_json(between, between.taken_at)


def test_every_counter_has_a_unit_and_every_vendor_a_source() -> None:
    assert set(UNITS) == set(COUNTER_NAMES)
    for objects in ALL_COUNTERS:
        assert objects.source
        assert {each.counter for each in objects.sums} <= set(COUNTER_NAMES)
        known = {column.name for column in objects.columns} | {"brInfoCounter"}
        assert {term.column for each in objects.sums for term in each.terms} <= known

"""Decoding: sentinels, units, classes, device indexes, tables in pieces, values of the wrong kind."""

from typing import Any

import pytest

from core.contract.messages import InputTray, PrinterState, Reading, Supply, VarbindValue
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from tests.processor.printers import Printer, alert, cover, device, state_of, supply, tray, varbinds
from tests.recordings_reader import reading_of


@pytest.mark.parametrize(
    ("level", "capacity", "unit", "state", "percent"),
    [
        (11501, 12000, 7, "measured", 96),
        (1, 2_829_492, 18, "measured", 0),
        (150, 100, None, "measured", 100),
        (0, 1, 8, "measured", 0),
        (63, 100, 19, "measured", 63),
        (30, -2, 19, "measured", 30),
        (30, None, 19, "measured", 30),
        (150, 0, 19, "measured", 100),
        (9, -2, 7, "unknown", None),
        (100, -1, 15, "unknown", None),
        (100, None, None, "unknown", None),
        (0, 0, 7, "unknown", None),
        (-3, -2, 7, "some_remaining", None),
        (-3, 100, 19, "some_remaining", None),
        (-2, 100, 19, "unknown", None),
        (-1, 100, 19, "unlimited", None),
        (-100, 100, 19, "unknown", None),
        (None, 100, 19, "unknown", None),
        (200, 100, 19, "measured", 100),
        (201, 100, 19, "unknown", None),
        (7056, 100, 19, "unknown", None),
        (2**31 - 1, 100, 19, "unknown", None),
        (2**31 - 1, 2**31 - 1, 7, "unknown", None),
        (2**31 - 1, -2, 19, "unknown", None),
        (50, 2**31 - 1, 7, "unknown", None),
        (50, 2**31 - 1, 19, "measured", 50),
        (0x0123456789, 100, 7, "unknown", None),
        (2**32 - 4, 100, 19, "unknown", None),
        (2**63 - 1, 100, 19, "unknown", None),
        (0, 0, 19, "unknown", None),
        (0, -2, 7, "unknown", None),
    ],
)
def test_a_level_is_a_percentage_only_where_it_is_measured(
    level: int | None, capacity: int | None, unit: int | None, state: str, percent: int | None
) -> None:
    row = state_of(supply("1.1", level, capacity, unit=unit)).supplies[0]
    assert (row.level_state, row.level_percent) == (state, percent)
    assert (row.level, row.max_capacity) == (level, capacity)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize(
    ("sentinel", "state"), [(-1, "unlimited"), (-2, "unknown"), (-3, "some_remaining"), (-100, "unknown")]
)
def test_a_sentinel_in_unsigned_form_is_the_sentinel(bits: int, sentinel: int, state: str) -> None:
    wrapped = 2**bits + sentinel
    judged = state_of(supply("1.1", wrapped, wrapped), tray("1.1", wrapped, wrapped))
    rows: list[Supply | InputTray] = [*judged.supplies, *judged.input_trays]
    for row in rows:
        assert (row.level, row.max_capacity) == (sentinel, sentinel)
        assert (row.level_state, row.level_percent) == (state, None)


@pytest.mark.parametrize("level", [2**31 - 1, 2**32 - 4, 0x0123456789])
def test_a_tray_that_reports_an_impossible_number_is_not_known_to_hold_paper(level: int) -> None:
    parts = device(3, 3, b"\x40"), tray("1.1", level), tray("1.2", 0)
    assert state_of(*parts).input_trays[0].level_percent is None
    assert state_of(*parts).attention[0].severity == "critical"


def test_sentinels_in_unsigned_form_point_nowhere() -> None:
    parts = varbinds(
        {
            "prtMarkerSuppliesColorantIndex": {"1.1": 2**32 - 1},
            "prtMarkerSuppliesLevel": {"1.1": 5},
            "prtMarkerColorantValue": {"1.1": "black"},
        }
    )
    row = alert("1.9", 808, 4, group=8, group_index=2**32 - 1, location=2**32 - 2)
    state = state_of(parts, tray("1.1", 0) | tray("1.2", 0), row)
    assert state.supplies[0].colorant is None
    assert (state.alerts[0].group_index, state.alerts[0].location) == (-1, -2)


@pytest.mark.parametrize(
    ("raw", "count"),
    [
        (0, 0),
        (271_871, 271_871),
        (2**31, 2**31),
        (2**32 - 5, 2**32 - 5),
        (2**32 - 3, None),
        (2**32 - 2, None),
        (2**32 - 1, None),
        (2**31 - 1, None),
        (2**32, None),
        (2**64 - 2, None),
        (-2, None),
    ],
)
def test_a_life_count_is_what_a_counter_can_hold(raw: int, count: int | None) -> None:
    assert state_of(varbinds({"prtMarkerLifeCount": {"1.1": raw}})).marker_life_count == count


def test_time_ticks_use_all_32_bits() -> None:
    state = state_of(varbinds({"sysUpTime": {"0": 2**32 - 2}, "prtAlertTime": {"1.1": 2**32 - 1}}))
    assert (state.uptime_ticks, state.alerts[0].time) == (2**32 - 2, 2**32 - 1)


def test_a_tray_s_level_in_percent_needs_no_capacity() -> None:
    parts = varbinds({"prtInputCapacityUnit": {"1.1": 19}, "prtInputCurrentLevel": {"1.1": 40}})
    row = state_of(parts).input_trays[0]
    assert (row.capacity_unit, row.level_state, row.level_percent) == ("percent", "measured", 40)


@pytest.mark.parametrize(
    ("number", "given", "name"),
    [
        (3, None, "supply_that_is_consumed"),
        (4, None, "receptacle_that_is_filled"),
        (8, None, "receptacle_that_is_filled"),
        (26, None, "receptacle_that_is_filled"),
        (9, None, "supply_that_is_consumed"),
        (4, 3, "supply_that_is_consumed"),
        (3, 1, "other"),
        (3, 77, "code_77"),
        (None, None, None),
    ],
)
def test_a_missing_class_is_inferred_from_the_type(
    number: int | None, given: int | None, name: str | None
) -> None:
    assert state_of(supply("1.1", 50, type=number, supply_class=given)).supplies[0].supply_class == name


def test_enumerations_are_the_mib_s_names_and_unknown_numbers_keep_their_number() -> None:
    parts = alert("1.9", 40_001, 2, "x", group=99, training=5, group_index=-1)
    state = state_of(supply("1.1", 5, type=123, unit=7), parts, cover("1.1", 9))
    assert state.supplies[0].supply_type == "code_123"
    assert state.supplies[0].supply_unit == "impressions"
    assert state.covers[0].status == "code_9"
    row = state.alerts[0]
    assert (row.severity, row.code, row.group, row.training_level, row.group_index) == (
        "code_2",
        "code_40001",
        "code_99",
        "field_service",
        -1,
    )


def test_rows_are_sorted_by_number_and_may_be_sparse() -> None:
    state = state_of(*(supply(f"1.{row}", 50) for row in (30, 4, 100, 31)))
    assert [row.index for row in state.supplies] == ["1.4", "1.30", "1.31", "1.100"]


def test_a_colorant_is_found_by_its_index() -> None:
    parts = varbinds(
        {
            "prtMarkerSuppliesColorantIndex": {"1.1": 2, "1.2": 0, "1.3": 9},
            "prtMarkerSuppliesLevel": {"1.1": 5, "1.2": 5, "1.3": 5},
            "prtMarkerColorantValue": {"1.1": "Black", "1.2": "Cyan"},
        }
    )
    assert [row.colorant for row in state_of(parts).supplies] == ["cyan", None, None]


def device_at(index: int, kind: str | None, **columns: Any) -> dict[str, VarbindValue]:
    cells = {name: {str(index): value} for name, value in columns.items()}
    return varbinds({"hrDeviceType": {str(index): kind}} | cells)


PRINTER, OTHER = ".1.3.6.1.2.1.25.3.1.5", ".1.3.6.1.2.1.25.3.1.4"


def test_the_printer_is_the_device_of_that_type() -> None:
    network = device_at(1, OTHER, hrDeviceStatus=5, hrDeviceDescr="Ethernet")
    printer = device_at(65535, PRINTER, hrDeviceStatus=2, hrPrinterStatus=4, hrDeviceDescr="Laser")
    state = state_of(network, printer, supply("65535.1", 50), supply("1.1", 3))
    assert (state.device_status, state.printer_status, state.model) == ("running", "printing", "Laser")
    assert [row.index for row in state.supplies] == ["65535.1"]


def test_without_a_type_the_printer_is_where_its_status_is() -> None:
    network, printer = (
        device_at(1, None, hrDeviceStatus=5),
        device_at(2, None, hrDeviceStatus=2, hrPrinterStatus=3),
    )
    assert state_of(network, printer).device_status == "running"


def test_without_any_status_the_printer_is_where_its_rows_are() -> None:
    state = state_of(device_at(1, None), device_at(7, None, hrDeviceStatus=3), supply("7.1", 50))
    assert (state.device_status, [row.index for row in state.supplies]) == ("warning", ["7.1"])


def test_rows_of_another_device_show_where_the_printer_has_none() -> None:
    state = state_of(
        device_at(3, PRINTER, hrDeviceStatus=2, hrPrinterStatus=3), supply("1.1", 50), tray("3.1", 9)
    )
    assert [row.index for row in state.supplies] == ["1.1"]
    assert [row.index for row in state.input_trays] == ["3.1"]


@pytest.mark.parametrize("index", [0, 2, 65536])
def test_the_printer_mib_under_another_index_than_the_device_is_the_printer_s(index: int) -> None:
    tables = varbinds(
        {
            "prtGeneralCurrentLocalization": {f"{index}": 1},
            "prtGeneralSerialNumber": {f"{index}": "SN1"},
            "prtGeneralPrinterName": {f"{index}": "Print 1"},
            "prtLocalizationCharacterSet": {f"{index}.1": 2009, f"{index}.2": 4},
            "prtMarkerColorantValue": {"1.1": "cyan"},
            "prtMarkerSuppliesColorantIndex": {f"{index}.3": 1},
            "prtMarkerSuppliesDescription": {f"{index}.3": "Rückhalter".encode("cp850")},
        }
    )
    state = state_of(device_at(1, PRINTER, hrDeviceStatus=2, hrPrinterStatus=3), tables)
    assert (state.serial_number, state.system_name) == ("SN1", "Print 1")
    assert [(row.description, row.colorant) for row in state.supplies] == [("Rückhalter", "cyan")]


def test_the_serial_number_of_another_device_is_not_taken_for_a_printer_that_has_its_own() -> None:
    state = state_of(
        device_at(3, PRINTER, hrDeviceStatus=2, hrPrinterStatus=3),
        varbinds({"prtGeneralSerialNumber": {"1": "OTHER", "3": "OWN"}}),
    )
    assert state.serial_number == "OWN"


def test_a_status_under_another_index_than_the_device_is_still_the_printer_s() -> None:
    types = device_at(1, PRINTER, hrDeviceStatus=2)
    assert state_of(types, device_at(2, None, hrPrinterStatus=4)).printer_status == "printing"


def test_the_first_of_several_markers_counts() -> None:
    parts = varbinds(
        {"prtMarkerLifeCount": {"1.2": 7, "1.1": 271871}, "prtMarkerCounterUnit": {"1.1": 8, "1.2": 7}}
    )
    state = state_of(parts)
    assert (state.marker_life_count, state.counter_unit) == (271871, "sheets")


def test_a_panel_s_lines_are_one_text() -> None:
    parts = varbinds(
        {"prtConsoleDisplayBufferText": {"1.1": "Load tray 2", "1.2": "", "1.10": "A4", "1.3": " plain"}}
    )
    assert state_of(parts).console_text == "Load tray 2 plain A4"


def test_empty_texts_are_not_reported() -> None:
    parts = varbinds(
        {"sysName": {"0": b""}, "sysLocation": {"0": b"  \0"}, "prtGeneralPrinterName": {"1": "Print 1"}}
    )
    state = state_of(parts, supply("1.1", 5, description=""))
    assert (state.system_name, state.system_location, state.supplies[0].description) == (
        "Print 1",
        None,
        None,
    )


@pytest.mark.parametrize("value", ["zz", "abc", ".1.3.6", 2**63, -(2**70)])
def test_values_of_the_wrong_kind_are_not_reported(value: int | str) -> None:
    columns = [column for columns in POLL_TABLES.values() for column in columns]
    oids = {f"{COLUMN_OID[column]}.{'0' if column.startswith('sys') else '1'}": value for column in columns}
    oids |= {f"{COLUMN_OID[column]}.1.1": value for column in columns if not column.startswith("sys")}
    state = state_of(oids)
    assert state.supplies[0].level is None
    assert state.supplies[0].description is None
    assert state.alerts[0].code is None
    assert (state.model, state.marker_life_count, state.detected_errors) == (None, None, ())


@pytest.mark.parametrize("suffix", ["", ".", ".1.2.3", ".-1.2", ".1.-2", ".x.1", ".1.99999999999", ".١.1"])
def test_indexes_that_make_no_sense_are_passed_over(suffix: str) -> None:
    assert state_of({COLUMN_OID["prtMarkerSuppliesLevel"] + suffix: 5}).supplies == ()


def test_negative_counters_are_not_reported() -> None:
    state = state_of(varbinds({"prtMarkerLifeCount": {"1.1": -2}, "sysUpTime": {"0": -5}}))
    assert (state.marker_life_count, state.uptime_ticks) == (None, None)


def test_an_absent_table_empties_and_a_failed_one_keeps_what_it_held() -> None:
    printer = Printer()
    printer.says(supply("1.1", 50), tray("1.1", 100), varbinds({"sysDescr": {"0": "Laser 1"}}))
    kept = printer.says(tables={"supplies": "failed", "input_trays": "absent", "system": "failed"})
    assert [row.level_percent for row in kept.supplies] == [50]
    assert kept.input_trays == ()
    assert kept.model == kept.system_description == "Laser 1"
    assert kept.incomplete_tables == ("system", "supplies")


def test_of_a_table_in_pieces_what_is_new_is_laid_over_what_was_known() -> None:
    printer = Printer()
    printer.says(supply("1.1", 50, 200, type=1, supply_class=4, description="Box"), supply("1.2", 7))
    pieces = varbinds({"prtMarkerSuppliesLevel": {"1.1": 100, "1.3": 5}, "prtMarkerSuppliesType": {"1.1": 1}})
    rows = printer.says(pieces, tables={"supplies": "partial"}).supplies
    assert [(row.index, row.level, row.level_percent) for row in rows] == [
        ("1.1", 100, 50),
        ("1.2", 7, 7),
        ("1.3", 5, None),
    ]
    assert (rows[0].description, rows[0].supply_class) == ("Box", "receptacle_that_is_filled")


def test_of_an_alert_table_in_pieces_only_whole_rows_count() -> None:
    printer = Printer()
    printer.says(alert("1.4", 8, 3, "Jam", group=13), alert("1.5", 3, 3, "Open"))
    torn = varbinds({"prtAlertDescription": {"1.5": "Toner low", "1.6": "half a row"}})
    whole = alert("1.4", 807, 4, "Tray low")
    rows = printer.says(torn, whole, tables={"alerts": "partial"}).alerts
    assert [(row.index, row.code, row.description, row.group) for row in rows] == [
        ("1.4", "input_media_supply_low", "Tray low", None),
        ("1.5", "cover_open", "Open", None),
    ]


def test_a_device_table_in_pieces_keeps_status_and_bits() -> None:
    printer = Printer()
    printer.says(device(5, 1, b"\x04"))
    state = printer.says(device(None, None, None), tables={"device": "partial"})
    assert (state.device_status, state.printer_status, state.detected_errors) == (
        "down",
        "other",
        ("jammed",),
    )


def test_the_device_index_is_remembered_where_the_device_table_is_not_answered() -> None:
    printer = Printer()
    printer.says(device_at(5, PRINTER, hrDeviceStatus=2, hrPrinterStatus=3), supply("5.1", 50))
    unanswered = dict.fromkeys(("device", "general"), "failed")
    state = printer.judge(_reading_without_device(supply("1.1", 3), supply("5.1", 40), tables=unanswered))
    assert [row.level for row in state.supplies] == [40]


def _reading_without_device(*parts: dict[str, VarbindValue], **changes: Any) -> Reading:
    found: dict[str, VarbindValue] = {}
    for part in parts:
        found |= part
    return reading_of(found, 1, **changes)


def test_a_colorant_is_kept_while_the_colorants_are_not_answered() -> None:
    printer = Printer()
    with_index = supply("1.1", 50) | varbinds({"prtMarkerSuppliesColorantIndex": {"1.1": 1}})
    printer.says(with_index, varbinds({"prtMarkerColorantValue": {"1.1": "black"}}))
    assert printer.says(with_index, tables={"colorants": "failed"}).supplies[0].colorant == "black"
    assert printer.says(with_index, tables={"colorants": "absent"}).supplies[0].colorant is None


def test_the_state_names_the_printer_and_its_site() -> None:
    state: PrinterState = state_of(supply("1.1", 50))
    assert (state.printer_id, state.site, state.reachable) == ("printer-1", "main", True)
    assert state.taken_at == state.answered_at
    assert state.stale_at
    assert state.taken_at
    assert (state.stale_at - state.taken_at).total_seconds() == 600

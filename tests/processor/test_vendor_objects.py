"""What a vendor's own objects say beyond the Printer MIB: levels, pages left, low and empty."""

from typing import Any

import pytest

from core.contract.messages import PrinterState, VarbindValue
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from core.contract.vendor_objects import FIRMWARE, VENDOR_COLUMN_OID, VENDOR_TABLES, VENDORS, vendor_of
from tests.processor.printers import Printer, flag, flags, hex_of, state_of, supply, varbinds

SOME_LEFT = {"level": -3, "capacity": -2}
COMPLETE: dict[str, Any] = dict.fromkeys(POLL_TABLES, "complete")


def own(name: str, cells: dict[str, int | str]) -> dict[str, VarbindValue]:
    cells = {f"{VENDOR_COLUMN_OID[name]}.{index}": value for index, value in cells.items()}
    enterprise = next(
        vendor.enterprise for vendor in VENDORS if VENDOR_COLUMN_OID[name].startswith(vendor.enterprise)
    )
    return {f"{COLUMN_OID['sysObjectID']}.0": f".{enterprise}.1", **cells}


def record(key: str, value: int) -> str:
    return f"{key}0104{value:08x}"


def maintenance(*records: str) -> dict[str, VarbindValue]:
    return own("brInfoMaintenance", {"0": "".join(records) + "ff"})


def toner(index: str, colour: str, **levels: int) -> dict[str, VarbindValue]:
    return supply(index, **({**SOME_LEFT, **levels}), description=f"{colour.title()} Toner Cartridge")


def ricoh(level: int, name: str = "Black Toner") -> dict[str, VarbindValue]:
    return own("ricohEngTonerName", {"1": hex_of(name)}) | own("ricohEngTonerLevel", {"1": level})


def levels(state: PrinterState) -> list[tuple[int | None, str]]:
    return [(row.level_percent, row.source) for row in state.supplies]


def test_a_vendor_is_known_by_its_number_and_not_by_one_that_begins_alike() -> None:
    assert [vendor_of(f".{vendor.enterprise}.1.1") for vendor in VENDORS] == list(VENDORS)
    assert vendor_of("1.3.6.1.4.1.2435") is not None
    assert vendor_of("1.3.6.1.4.1.24351.2.3") is None
    assert vendor_of("1.3.6.1.4.1.11.2.3.9.1") is None


def test_no_table_or_object_of_a_vendor_has_a_name_that_is_taken() -> None:
    assert not VENDOR_TABLES.keys() & POLL_TABLES.keys()
    names = [name for columns in (*POLL_TABLES.values(), *VENDOR_TABLES.values()) for name in columns]
    assert len(names) == len(set(names))


def test_brother_s_maintenance_block_measures_what_the_mib_only_calls_some_left() -> None:
    parts = toner("1.1", "black"), toner("1.2", "yellow"), maintenance(record("6f", 2600), record("72", 210))
    state = state_of(*parts)
    assert levels(state) == [(26, "brInfoMaintenance"), (2, "brInfoMaintenance")]
    assert [row.level for row in state.supplies] == [-3, -3]
    assert flags(state) == {("supply_low", "1.2"): "critical"}
    seen = flag(state, "supply_low", "1.2").evidence[0]
    assert (seen.object, seen.index, seen.value) == ("brInfoMaintenance", "1.2", "2 %")


@pytest.mark.parametrize(
    ("block", "percent"),
    [
        (record("6f", 7500) + "ff", 75),
        (record("6f", 7500), 75),
        ("31010101" + record("6f", 7500) + "ff", 75),
        ("a101020414ff", 20),
        (record("6f", 0xFFFFFFFF) + "ff", None),
        (record("6f", 10001) + "ff", None),
        ("6f010103ff", None),
        ("6f0102ffff", None),
        ("a101020500ff", None),
        ("6f0104", None),
        ("6f01040000", None),
        ("6f01ff00001d4c", None),
        ("f", None),
        ("zz", None),
        ("6fzz", None),
        ("", None),
        (75, None),
    ],
)
def test_a_block_is_read_record_by_record_whatever_is_in_it(block: str | int, percent: int | None) -> None:
    state = state_of(toner("1.1", "black"), own("brInfoMaintenance", {"0": block}))
    assert state.supplies[0].level_percent == percent


def test_pages_that_are_left_and_pages_that_were_printed_come_from_their_blocks() -> None:
    drum = supply("1.2", 17211, 30000, "Drum Unit", type=9)
    care = own("brInfoNextCare", {"0": record("82", 11014) + "ff"})
    printed = own("brInfoCounter", {"0": record("00", 986) + record("01", 900) + "ff"})
    state = state_of(toner("1.1", "black"), drum, care, printed)
    assert [row.pages_left for row in state.supplies] == [None, 11014]
    assert levels(state)[1] == (57, "prtMarkerSuppliesLevel")
    assert state.marker_life_count == 986


def care(*records: str) -> dict[str, VarbindValue]:
    return own("brInfoNextCare", {"0": "".join(records) + "ff"})


def test_a_drum_without_pages_left_is_at_its_end_whatever_its_level_says() -> None:
    drum = supply("1.2", 12_000, 15_000, "Drum Unit", type=9)
    state = state_of(
        toner("1.1", "black"), drum, care(record("41", 0), record("82", 0), record("89", 30_589))
    )
    assert flags(state) == {("supply_empty", "1.2"): "critical"}
    assert state.attention[0].message == "Drum Unit is at the end of its life."
    seen = state.attention[0].evidence[0]
    assert (seen.object, seen.index, seen.value) == ("brInfoNextCare", "82", "00000000")


def test_the_pages_left_of_color_drums_are_their_own() -> None:
    names = ("Black", "Cyan", "Magenta", "Yellow")
    drums = [supply(f"1.{n}", -3, -2, f"{name} Drum Unit", type=9) for n, name in enumerate(names, 1)]
    left = (16_389, 9_061, 0, 7)
    records = [record(key, pages) for key, pages in zip(("a4", "a5", "a6", "a7"), left, strict=True)]
    state = state_of(*drums, care(*records))
    assert [row.pages_left for row in state.supplies] == [*left]
    assert flags(state) == {("supply_empty", "1.3"): "critical"}
    assert state.attention[0].message == "Magenta Drum Unit is at the end of its life."


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("82", "The drum is at the end of its life."),
        ("a5", "The cyan drum is at the end of its life."),
        ("88", "The transfer belt is at the end of its life."),
        ("89", "The fuser is at the end of its life."),
    ],
)
def test_a_part_at_its_end_that_the_printer_lists_no_row_of_is_the_printer_s(key: str, said: str) -> None:
    state = state_of(toner("1.1", "black"), care(record(key, 0)))
    assert flags(state) == {("supply_empty", ""): "critical"}
    assert state.attention[0].message == said


def test_a_drum_of_zero_percent_is_at_its_end() -> None:
    drum = supply("1.2", -3, -2, "Drum Unit", type=9)
    assert flags(state_of(drum, maintenance(record("41", 0)))) == {("supply_empty", "1.2"): "critical"}
    assert flags(state_of(drum, maintenance(record("41", 30)))) == {("supply_low", "1.2"): "critical"}


@pytest.mark.parametrize("pages", [0xFFFFFFFD, 0x7FFFFFFF, 0xFFFFFFFF])
def test_pages_left_that_no_part_can_have_are_not_reported(pages: int) -> None:
    state = state_of(supply("1.2", 50, 100, "Drum Unit", type=9), care(record("82", pages)))
    assert (state.supplies[0].pages_left, flags(state)) == (None, {})


def test_a_drum_that_was_replaced_is_no_longer_at_its_end() -> None:
    printer = Printer()
    asked = {**COMPLETE, "brother_maintenance": "complete"}
    printer.says(supply("1.2", 12_000, 15_000, "Drum Unit", type=9), care(record("82", 0)), tables=asked)
    for _ in range(2):
        fresh = supply("1.2", 15_000, 15_000, "Drum Unit", type=9)
        state = printer.says(fresh, care(record("82", 15_000)), tables=asked)
    assert flags(state) == {}


@pytest.mark.parametrize("instance", ["", ".0"])
@pytest.mark.parametrize(
    ("said", "flagged"),
    [(0, {}), (1, {("supply_low", "1.1"): "warning"}), (2, {}), (3, {("supply_empty", "1.1"): "critical"})],
)
def test_brother_s_flags_are_evidence_beside_the_bits(
    instance: str, said: int, flagged: dict[tuple[str, str], str]
) -> None:
    low = own("brTonerLow", {f"1{instance}": said, f"2{instance}": 2, f"3{instance}": 2})
    state = state_of(toner("1.1", "black"), low)
    assert flags(state) == flagged
    for code, subject in flagged:
        assert flag(state, code, subject).evidence[0].object == "brTonerLow"


def test_a_cartridge_listed_twice_has_one_level_and_no_ghost() -> None:
    twins = toner("1.1", "black"), toner("1.2", "black", level=0, capacity=100)
    state = state_of(*twins, maintenance(record("6f", 6300)))
    assert levels(state) == [(63, "brInfoMaintenance")] * 2
    assert flags(state) == {}


def test_a_word_that_fits_two_different_supplies_is_about_neither() -> None:
    supplies = toner("1.1", "black"), supply("1.2", -3, -2, "Black Toner, photo")
    assert levels(state_of(*supplies, maintenance(record("6f", 6300)))) == [
        (None, "prtMarkerSuppliesLevel"),
        (None, "prtMarkerSuppliesLevel"),
    ]


@pytest.mark.parametrize("name", ["Toner", "Black Toner", "Toner Black"])
def test_ricoh_s_own_table_comes_before_a_percentage_of_the_mib(name: str) -> None:
    state = state_of(supply("1.1", 50, 100, "Black Toner"), ricoh(34, name))
    assert levels(state) == [(34, "ricohEngTonerLevel")]
    assert state.supplies[0].level == 50


def test_ricoh_s_almost_empty_is_low_and_no_number() -> None:
    state = state_of(supply("1.1", -3, 100, "Black Toner"), ricoh(-100))
    assert levels(state) == [(None, "prtMarkerSuppliesLevel")]
    assert flags(state) == {("supply_low", "1.1"): "warning"}
    seen = flag(state, "supply_low", "1.1").evidence[0]
    assert (seen.object, seen.index, seen.value) == ("ricohEngTonerLevel", "1", "-100")


@pytest.mark.parametrize("level", [-2, -3, -1, 101, 2**31])
def test_what_ricoh_cannot_measure_changes_nothing(level: int) -> None:
    state = state_of(supply("1.1", 40, 100, "Black Toner"), ricoh(level))
    assert levels(state) == [(40, "prtMarkerSuppliesLevel")]


def test_a_waste_row_in_the_toner_table_is_no_toner() -> None:
    parts = toner("1.1", "black"), ricoh(-100, "Waste Toner")
    assert flags(state_of(*parts)) == {}


def test_a_level_stays_while_its_table_is_not_answered() -> None:
    printer, rows = Printer(), toner("1.1", "black")
    asked = {**COMPLETE, "brother_maintenance": "complete", "brother_toner_low": "complete"}
    first = printer.says(rows, maintenance(record("6f", 900)), tables=asked)
    assert levels(first) == [(9, "brInfoMaintenance")]
    for _ in range(5):
        torn = printer.says(rows, tables={**asked, "brother_maintenance": "failed"})
        assert levels(torn) == [(9, "brInfoMaintenance")]
        assert flags(torn) == {("supply_low", "1.1"): "warning"}
        assert torn.incomplete_tables == ("brother_maintenance",)


def test_a_printer_no_longer_asked_has_the_mib_s_levels_again() -> None:
    printer, rows = Printer(), toner("1.1", "black")
    printer.says(
        rows, maintenance(record("6f", 4000)), tables={**COMPLETE, "brother_maintenance": "complete"}
    )
    state = printer.says(rows, tables=COMPLETE)
    assert levels(state) == [(None, "prtMarkerSuppliesLevel")]
    assert state.incomplete_tables == ()


def test_a_flag_by_the_vendor_is_cleared_when_the_vendor_says_so() -> None:
    printer, rows = Printer(), toner("1.1", "black")
    asked = {**COMPLETE, "brother_toner_low": "complete"}
    printer.says(rows, own("brTonerLow", {"1": 1}), tables=asked)
    for _ in range(2):
        state = printer.says(rows, own("brTonerLow", {"1": 0}), tables=asked)
    assert flags(state) == {}


def test_a_state_written_before_there_were_sources_is_read() -> None:
    old = {"printer_id": "p", "supplies": [{"index": "1.1", "level": 40}]}
    assert PrinterState.model_validate(old).supplies[0].source == "prtMarkerSuppliesLevel"


def tells(told: str | None, description: str = "", maker: str = "11") -> dict[str, VarbindValue]:
    """An HP, or a printer of another maker, with a version in fw-rom-revision."""
    found = varbinds(
        {"sysObjectID": {"0": f".1.3.6.1.4.1.{maker}.1"}, "sysDescr": {"0": description or None}}
    )
    if told:
        found[f"{VENDOR_COLUMN_OID['fw-rom-revision']}.0"] = "0115" + hex_of(told)
    return found


def test_the_firmware_is_kept_in_the_hour_until_it_is_asked_for_again() -> None:
    printer = Printer()
    first = printer.says(tells("2506116_038417"), tables={FIRMWARE: "complete"})
    between = printer.says(tells(None), tables=COMPLETE)
    failed = printer.says(tells(None), tables={FIRMWARE: "failed"})
    updated = printer.says(tells("2507253_041172"), tables={FIRMWARE: "complete"})
    gone = printer.says(tells(None), tables={FIRMWARE: "absent"})
    found = [state.firmware for state in (first, between, failed, updated, gone)]
    assert found == ["2506116_038417", "2506116_038417", "2506116_038417", "2507253_041172", None]


def test_the_firmware_in_a_description_is_that_of_every_reading() -> None:
    printer = Printer()
    texts = ("Samsung X; V1.2.3;NIC", "Samsung X; V1.2.3;NIC", "Samsung X; V1.3.0;NIC")
    found = [printer.says(tells(None, text, "236"), tables=COMPLETE).firmware for text in texts]
    assert found == ["1.2.3", "1.2.3", "1.3.0"]


def test_another_device_has_its_own_firmware_or_none() -> None:
    printer = Printer()
    serials = [varbinds({"prtGeneralSerialNumber": {"1": serial}}) for serial in ("AB123456", "CD987654")]
    printer.says(serials[0], tells("2506116_038417"), tables={**COMPLETE, FIRMWARE: "complete"})
    for _ in range(3):
        state = printer.says(serials[1], tells(None), tables=COMPLETE)
    assert (state.serial_number, state.firmware) == ("CD987654", None)

"""Whole printers: our own recordings with their state and flags, and public ones with their levels."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.contract.messages import PrinterState
from core.contract.mib_names import OID
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from core.runtime.settings import RuleSettings
from processor.judgment.judge import Context, judge
from tests.paths import ROOT, SHARED, needs_shared
from tests.processor.printers import Printer, flags
from tests.recordings_reader import read_recording, reading_of

OURS = ROOT / "tests" / "recordings"
EXPECTED: dict[str, dict[str, Any]] = json.loads((OURS / "expected.json").read_text(encoding="utf-8"))
ALERTS = OID["prtAlertEntry"]
PUBLIC = SHARED / "recordings"
PUBLIC_NAMES = sorted(path.stem for path in PUBLIC.glob("*.snmprec"))


def judged(path: Path, **changes: Any) -> PrinterState:
    reading = reading_of(read_recording(path), **changes)
    return judge(reading, None, Context(RuleSettings(), reading.taken_at)).state


def test_every_recording_has_its_expectation() -> None:
    assert sorted(EXPECTED) == sorted(path.stem for path in OURS.glob("*.snmprec"))
    assert len(EXPECTED) >= 12


@pytest.mark.parametrize("name", EXPECTED)
def test_a_recorded_printer_is_judged_as_expected(name: str) -> None:
    expected = EXPECTED[name]
    state = judged(OURS / f"{name}.snmprec")
    assert state.state == expected["state"]
    assert state.severity == expected["severity"]
    flags = [
        flag.model_dump(include={"code", "subject", "severity", "fixer", "message"})
        for flag in state.attention
    ]
    assert flags == expected["attention"]
    assert all(flag.evidence for flag in state.attention)
    levels = {supply.index: [supply.level_percent, supply.source] for supply in state.supplies}
    assert levels == expected.get("levels", levels)
    assert state.model == expected.get("model", state.model)
    counters = {counter.name: counter.count for counter in state.counters}
    assert counters == expected.get("counters", counters)


def test_a_printer_that_is_not_device_1_is_found() -> None:
    state = judged(OURS / "sharp_device_index_5.snmprec")
    assert (state.device_status, state.printer_status) == ("running", "idle")
    assert [supply.index for supply in state.supplies] == ["5.1", "5.2", "5.3", "5.4", "5.5"]
    assert state.model == "SHARP MX-3071"
    assert state.serial_number == "7500000300"


def test_supplies_without_the_device_level_get_it() -> None:
    state = judged(OURS / "pantum_flat_supplies.snmprec")
    assert [(s.index, s.level_percent) for s in state.supplies] == [("1.1", 12), ("1.2", 88)]


def test_texts_are_read_in_the_printer_s_character_set() -> None:
    state = judged(OURS / "epson_ink_empty.snmprec")
    assert state.alerts[0].description == "Tintenpatrone für Cyan ersetzen"


def test_utf_8_is_read_as_such_though_the_printer_declares_another_set() -> None:
    state = judged(OURS / "lexmark_utf8_declared_cp850.snmprec")
    assert state.console_text == "Svart patron mycket låg, ungefär 150 sidor återstår"
    assert state.alerts[0].description == "Svart patron mycket låg"
    assert state.input_trays[0].name == "Låda 1"


def test_the_printer_mib_under_index_0_is_that_of_the_only_printer() -> None:
    state = judged(OURS / "hp_tables_under_index_0.snmprec")
    assert (state.serial_number, state.model) == ("CN0000000001", "HP Officejet Pro 8600")
    assert (state.console_text, state.input_trays[0].name) == ("Připraveno", "Fach für A4")
    assert [(supply.index, supply.colorant) for supply in state.supplies] == [("0.1", "black")]


def test_texts_ended_by_nul_and_broken_words_are_mended() -> None:
    state = judged(OURS / "hp_cartridge_missing.snmprec")
    assert state.covers[0].description == "Front door"
    assert state.alerts[0].description == "Yellow cartridge is missing"
    assert state.console_text == "Yellow cartridge missing"
    assert [supply.colorant for supply in state.supplies] == ["black", "cyan", "magenta", "yellow", None]


def test_an_alert_table_that_changes_under_the_walk_keeps_what_was_known() -> None:
    before, after = (read_recording(OURS / f"ricoh_alerts_{when}.snmprec") for when in ("before", "after"))
    late = tuple(COLUMN_OID[name] + "." for name in ("prtAlertCode", "prtAlertDescription", "prtAlertTime"))
    early = ALERTS + "."
    torn = {oid: value for oid, value in after.items() if not oid.startswith(early) or oid.startswith(late)}
    torn |= {oid: v for oid, v in before.items() if oid.startswith(early) and not oid.startswith(late)}
    printer = Printer()
    printer.judge(reading_of(before, 0))
    state = printer.judge(reading_of(torn, 1, tables={"alerts": "partial"}))
    assert [row.code for row in state.alerts] == ["marker_toner_almost_empty", "input_media_supply_empty"]
    assert set(flags(state)) == {("door_open", "1.1"), ("no_paper", "1.2"), ("supply_low", "1.3")}
    for number in (2, 3):
        state = printer.judge(reading_of(after, number))
    assert [*flags(state)] == [("door_open", "1.1"), ("supply_low", "1.3")]


def test_a_printer_without_supplies_has_none() -> None:
    state = judged(OURS / "zebra_no_supplies.snmprec")
    assert state.supplies == ()
    assert (state.marker_life_count, state.counter_unit) == (92211, "meters")


def test_sentinels_as_gauge32_are_sentinels_in_every_table() -> None:
    state = judged(OURS / "toshiba_sentinels_as_gauge32.snmprec")
    assert [(row.level_state, row.level_percent) for row in state.supplies] == [
        ("some_remaining", None),
        ("unknown", None),
        ("unknown", None),
        ("unknown", None),
        ("some_remaining", None),
    ]
    assert [row.level_state for row in state.input_trays] == ["some_remaining", "unknown"]
    assert state.marker_life_count is None


@needs_shared
@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_a_public_recording_has_its_known_levels(name: str) -> None:
    expected = json.loads((PUBLIC / "expected.json").read_text(encoding="utf-8"))[name]
    state = judged(PUBLIC / f"{name}.snmprec").model_dump()
    for table, rows in expected.items():
        names = set(rows[0]) - {"type", "class"} if rows else set()
        assert [{key: row[key] for key in names} for row in state[table]] == [
            {key: row[key] for key in names} for row in rows
        ]


@needs_shared
@pytest.mark.parametrize("name", PUBLIC_NAMES)
def test_a_public_recording_has_the_fields_of_a_whole_reading(name: str) -> None:
    state = judged(PUBLIC / f"{name}.snmprec", tables=dict.fromkeys(POLL_TABLES, "complete"))
    assert state.incomplete_tables == ()
    assert state.model


@needs_shared
@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("brother", "1.14"),
        ("canonprinter_tm", "01.21"),
        ("epson", None),
        ("jetdirect_m252dw", None),
        ("konica_c250i", None),
        ("okilan_9450g", "07.87"),
        ("ricoh_mpc3002", "2.20"),
        ("samsungprinter_m4080fx", "11.01.03.04"),
        ("sharp_mxm266nv", None),
        ("utax", "2TP_S000.003.402"),
    ],
)
def test_a_public_recording_has_the_firmware_that_it_tells(name: str, version: str | None) -> None:
    assert judged(PUBLIC / f"{name}.snmprec").firmware == version

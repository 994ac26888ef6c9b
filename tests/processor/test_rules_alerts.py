"""Alerts are judged by code: what is a fault, of which row, how bad, and who can mend it."""

from typing import Any

import pytest

from core.contract.messages import Alert
from core.contract.mib_names import ALERT_CODE
from processor.rules.alert_codes import BY_GROUP, FAILURES, FLAGS, NO_FAULT, meaning_of
from tests.processor.printers import (
    BINARY,
    CRITICAL,
    WARNING,
    Printer,
    alert,
    device,
    flag,
    flags,
    panel,
    state_of,
    supply,
    tray,
)
from tests.recordings_reader import START

TRAYS = tray("1.1", 300) | tray("1.2", 200)
TONERS = supply("1.1", 80, description="Black Toner") | supply("1.3", 60, description="Cyan Toner")
WASTE = supply("1.9", -3, -2, description="Waste Toner Box", type=4)
INPUT, OUTPUT, MARKER, SUPPLIES, COVER, MEDIA_PATH, GENERAL, FINISHER = 8, 9, 10, 11, 6, 13, 5, 30


@pytest.mark.parametrize(
    "code", [4, 6, 7, 19, 20, 21, 23, 24, 25, 26, 27, 28, 502, 503, 504, 505, 506, 507, 1801]
)
@pytest.mark.parametrize("severity", [1, CRITICAL, WARNING, BINARY])
def test_power_saver_warm_up_and_bookkeeping_are_no_faults(code: int, severity: int) -> None:
    assert flags(state_of(alert("1.1", code, severity, "any text, even: paper jam"))) == {}


@pytest.mark.parametrize(
    ("code", "group", "index", "expected"),
    [
        (8, MEDIA_PATH, 1, ("jam", "")),
        (8, INPUT, 2, ("jam", "1.2")),
        (3, COVER, -1, ("door_open", "")),
        (5, COVER, 4, ("door_open", "1.4")),
        (501, None, None, ("door_open", "")),
        (18, COVER, 4, ("door_open", "1.4")),
        (18, INPUT, 2, ("tray_missing", "1.2")),
        (9, INPUT, 1, ("tray_missing", "1.1")),
        (9, OUTPUT, 1, ("output_tray_missing", "1.1")),
        (9, SUPPLIES, 3, ("supply_missing", "1.3")),
        (801, INPUT, 2, ("tray_missing", "1.2")),
        (807, INPUT, 2, ("paper_low", "1.2")),
        (808, INPUT, 2, ("no_paper", "1.2")),
        (12, INPUT, 1, ("paper_low", "1.1")),
        (13, INPUT, 1, ("no_paper", "1.1")),
        (901, OUTPUT, 2, ("output_tray_missing", "1.2")),
        (902, OUTPUT, 1, ("output_nearly_full", "1.1")),
        (903, OUTPUT, 1, ("output_full", "1.1")),
        (14, OUTPUT, -1, ("output_nearly_full", "")),
        (15, OUTPUT, -1, ("output_full", "")),
        (1101, SUPPLIES, 3, ("supply_empty", "1.3")),
        (1104, SUPPLIES, 1, ("supply_low", "1.1")),
        (13, SUPPLIES, 1, ("supply_empty", "1.1")),
        (12, SUPPLIES, 9, ("waste_nearly_full", "1.9")),
        (16, SUPPLIES, 9, ("waste_nearly_full", "1.9")),
        (17, SUPPLIES, 9, ("waste_full", "1.9")),
        (10, SUPPLIES, 1, ("supply_low", "1.1")),
        (11, SUPPLIES, 1, ("supply_empty", "1.1")),
        (10, MARKER, 1, ("maintenance_due", "")),
        (1107, SUPPLIES, 9, ("waste_nearly_full", "1.9")),
        (1107, MARKER, 1, ("waste_nearly_full", "1.9")),
        (1109, MARKER, 1, ("waste_full", "1.9")),
        (1115, SUPPLIES, 3, ("supply_missing", "1.3")),
        (12, GENERAL, -1, ("alert_warning", "1.5")),
        (809, INPUT, 2, ("media_requested", "1.2")),
        (810, INPUT, 1, ("media_requested", "1.1")),
        (811, INPUT, 1, ("alert_warning", "1.5")),
        (1304, MEDIA_PATH, 1, ("alert_warning", "1.5")),
    ],
)
def test_a_code_is_a_flag_about_the_row_it_points_at(
    code: int, group: int | None, index: int | None, expected: tuple[str, str]
) -> None:
    row = alert("1.5", code, WARNING, None, group=group, group_index=index)
    assert [*flags(state_of(TRAYS, TONERS, WASTE, row))] == [expected]


def test_every_code_of_the_mib_is_thought_of() -> None:
    known = {*FLAGS, *BY_GROUP, *NO_FAULT, *FAILURES}
    assert known <= set(ALERT_CODE.values())
    for name in ALERT_CODE.values():
        meaning = meaning_of(Alert(index="1.1", severity="warning", code=name))
        assert (meaning is None) == (name in NO_FAULT or name in ("other", "unknown"))


@pytest.mark.parametrize(
    ("code", "severity", "expected"),
    [
        (8, CRITICAL, "critical"),
        (8, WARNING, "warning"),
        (1101, WARNING, "critical"),
        (1109, WARNING, "critical"),
        (1104, CRITICAL, "warning"),
        (1107, CRITICAL, "warning"),
        (807, CRITICAL, "warning"),
        (808, CRITICAL, "critical"),
        (808, BINARY, "warning"),
        (3, CRITICAL, "critical"),
        (3, WARNING, "warning"),
        (903, CRITICAL, "critical"),
        (903, WARNING, "warning"),
        (30, CRITICAL, "critical"),
        (811, 1, "warning"),
        (807, 1, "warning"),
        (807, None, "warning"),
    ],
)
def test_what_stops_printing_is_critical_and_what_comes_soon_a_warning(
    code: int, severity: int | None, expected: str
) -> None:
    assert [*flags(state_of(TRAYS, alert("1.5", code, severity))).values()] == [expected]


def test_a_device_that_is_down_makes_its_reasons_critical() -> None:
    state = state_of(device(5, 1), TRAYS, alert("1.5", 801, WARNING, group=INPUT, group_index=2))
    assert flags(state) == {("tray_missing", "1.2"): "critical"}


@pytest.mark.parametrize(
    ("code", "severity", "text"),
    [
        (1, WARNING, "Ready"),
        (1, WARNING, "Sleeping..."),
        (2, BINARY, "Energiesparmodus"),
        (1, WARNING, "Power Save Mode"),
        (1, WARNING, "deleted"),
        (1, WARNING, ""),
        (1, WARNING, None),
        (1, 1, "Something with paper"),
        (None, None, "Jam"),
        (0, 0, ""),
        (40_001, WARNING, "Printing..."),
    ],
)
def test_where_the_code_says_nothing_the_text_does(
    code: int | None, severity: int | None, text: str | None
) -> None:
    assert flags(state_of(alert("1.5", code, severity, text))) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Paper jam in tray 2", "jam"),
        ("Papierstau", "jam"),
        ("Front cover is open", "door_open"),
        ("Close the door", "door_open"),
        ("Toner low (black)", "supply_low"),
        ("Replace toner", "supply_empty"),
        ("Waste toner box near full", "waste_nearly_full"),
        ("Load paper in tray 1", "no_paper"),
        ("Not ready: call 5000", "alert_warning"),
        ("Printing stopped by an error", "alert_warning"),
    ],
)
def test_a_fault_without_a_code_is_known_by_its_text_if_it_can_be(text: str, code: str) -> None:
    assert [key[0] for key in flags(state_of(alert("1.5", 1, WARNING, text)))] == [code]


def test_a_critical_alert_that_says_nothing_is_still_one() -> None:
    state = state_of(alert("1.5", 1, CRITICAL, None))
    assert flags(state) == {("alert_critical", "1.5"): "critical"}
    assert state.attention[0].message == "The printer reports a fault and does not name it."
    assert state.state == "stopped"


def test_a_fault_without_a_flag_of_its_own_is_told_in_the_printer_s_words() -> None:
    state = state_of(
        device(3, 3),
        alert("1.5", 36, WARNING, "Fuser is hot."),
        alert("1.6", 34, WARNING),
        alert("1.7", 33, WARNING, "E-021", group=FINISHER),
    )
    assert {each.message for each in state.attention} == {
        "The printer reports: Fuser is hot.",
        "The printer has no memory left.",
        "A motor of the finisher has failed (E-021).",
    }


@pytest.mark.parametrize(
    ("training", "code", "fixer"),
    [
        (3, 1104, "anyone"),
        (4, 8, "technician"),
        (5, 8, "vendor"),
        (6, 8, "technician"),
        (1, 8, "anyone"),
        (2, 808, "anyone"),
        (7, 1104, "technician"),
        (None, 1107, "technician"),
        (None, 30, "vendor"),
        (None, 1001, "vendor"),
        (None, 34, "technician"),
    ],
)
def test_who_can_mend_it_is_what_the_printer_says_else_by_kind(
    training: int | None, code: int, fixer: str
) -> None:
    row = alert("1.5", code, WARNING, training=training)
    assert state_of(device(3, 3), row).attention[0].fixer == fixer


def test_the_message_names_the_row() -> None:
    state = state_of(
        tray("1.2", 0, name="2") | tray("1.3", 9),
        supply("1.1", -3, -2, description="Black Toner, PN 006R01697;SN123"),
        alert("1.5", 808, WARNING, group=INPUT, group_index=2),
        alert("1.6", 1104, WARNING, group=SUPPLIES, group_index=1),
    )
    assert {each.message for each in state.attention} == {"Tray 2 is out of paper.", "Black Toner is low."}


def test_a_row_that_the_printer_does_not_show_is_named_by_its_number() -> None:
    state = state_of(alert("1.5", 808, WARNING, group=INPUT, group_index=3))
    assert flag(state, "no_paper", "1.3").message == "Tray 3 is out of paper."


def test_a_pointer_to_no_row_is_about_the_printer() -> None:
    state = state_of(TRAYS, alert("1.5", 808, WARNING, group=INPUT, group_index=77))
    assert [*flags(state)] == [("no_paper", "")]


def test_a_colour_in_the_text_names_the_supply_where_no_pointer_does() -> None:
    row = alert("1.5", 1104, WARNING, "Cyan toner low", group=MARKER, group_index=1)
    assert [*flags(state_of(TONERS, row))] == [("supply_low", "1.3")]


FAILURES_AND_PASSING = [29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 1001, 1002, 1003, 1004, 1507, 1509]


@pytest.mark.parametrize("code", FAILURES_AND_PASSING)
@pytest.mark.parametrize("severity", [1, WARNING, BINARY])
def test_a_wordless_failure_of_a_device_that_runs_is_bookkeeping(code: int, severity: int) -> None:
    for text in (None, "", "Sleeping...", "Ready"):
        rows = [alert(f"1.{row}", code, severity, text, group=MARKER, group_index=1) for row in (23, 24)]
        assert flags(state_of(*rows)) == {}, text


@pytest.mark.parametrize("code", FAILURES_AND_PASSING)
def test_the_same_row_is_a_fault_of_a_device_that_suffers(code: int) -> None:
    for printer in (device(3, 3), device(2, 3, b"\x01"), device(None, None, None)):
        state = state_of(printer, alert("1.5", code, WARNING))
        assert {"alert_warning", "service_requested"} & {each.code for each in state.attention}, printer
    for printer in (device(), device(5, 1)):
        critical = alert("1.5", code, CRITICAL)
        assert flags(state_of(printer, critical)) == {("alert_critical", "1.5"): "critical"}


@pytest.mark.parametrize("code", sorted({*FAILURES_AND_PASSING} - {35, 1001}))
def test_a_failure_that_the_printer_puts_into_words_is_a_fault(code: int) -> None:
    state = state_of(alert("1.5", code, WARNING, "Finisher motor error"))
    assert flags(state) == {("alert_warning", "1.5"): "warning"}


@pytest.mark.parametrize("code", [35, 1001])
def test_a_cold_fuser_is_no_fault_of_a_device_that_runs_sleeps_or_warms_up(code: int) -> None:
    cold = alert("1.5", code, WARNING, "Fuser is cold")
    assert flags(state_of(cold)) == {}
    assert flags(state_of(device(3, 1), panel("Viloläge"), cold)) == {}
    assert flags(state_of(device(3, 5), cold)) == {}
    assert flags(state_of(device(3, 3), cold)) == {("alert_warning", "1.5"): "warning"}
    assert ("alert_warning", "1.5") in flags(state_of(device(5, 1), cold))


def test_a_jam_that_a_working_device_does_not_have_does_not_stop_it() -> None:
    jam = alert("1.5", 8, WARNING, group=MEDIA_PATH)
    state = state_of(device(2, 3), jam)
    assert (state.state, flags(state)) == ("idle", {("jam", ""): "warning"})
    for printer in (device(3, 3, b"\x04"), device(2, 3, b""), device(5, 1)):
        state = state_of(printer, jam)
        assert (state.state, flags(state)) == ("stopped", {("jam", ""): "critical"})


def test_a_device_that_runs_is_not_offline_by_a_row_alone() -> None:
    row = alert("1.5", 22, WARNING, group=GENERAL)
    assert flags(state_of(row)) == {}
    assert flags(state_of(device(2, 3, b"\x02"), row)) == {("offline", ""): "warning"}
    assert flags(state_of(device(3, 3), row)) == {("offline", ""): "warning"}
    assert flags(state_of(device(3, 1), panel("Sleeping"), row)) == {("offline", ""): "info"}
    assert flags(state_of(device(5, 1), row)) == {("offline", ""): "critical"}
    assert flags(state_of(alert("1.5", 22, CRITICAL, group=GENERAL))) == {("offline", ""): "critical"}


def test_rows_about_different_things_under_one_flag_are_all_told() -> None:
    rows = [alert(f"1.{code}", code, WARNING, text) for code, text in ((1101, "Schwarz"), (1112, None))]
    state = state_of(*rows)
    assert [*flags(state)] == [("supply_empty", "")]
    assert state.attention[0].message == "A toner is empty: Schwarz. A drum is at the end of its life."


def test_a_door_and_its_safety_switch_are_told_once() -> None:
    state = state_of(*(alert(f"1.{code}", code, WARNING, group=COVER, group_index=-1) for code in (3, 5)))
    assert [each.message for each in state.attention] == ["A cover is open."]


def test_rows_alike_are_one_flag_with_the_evidence_of_all() -> None:
    alike = {"group": INPUT, "group_index": 1, "location": 7}
    state = state_of(TRAYS, *(alert(f"1.{row}", 811, WARNING, None, **alike) for row in (5, 6, 7)))
    assert [*flags(state)] == [("alert_warning", "1.5")]
    assert [seen.index for seen in state.attention[0].evidence] == ["1.5", "1.6", "1.7"]


def test_the_worst_of_rows_alike_counts() -> None:
    rows = alert("1.5", 811, WARNING, "Lift", group=INPUT), alert("1.6", 811, CRITICAL, "Lift", group=INPUT)
    assert [*flags(state_of(TRAYS, *rows)).values()] == ["critical"]


@pytest.mark.parametrize(
    "other",
    [
        {"group_index": 2},
        {"group": MARKER, "group_index": 1},
        {"group_index": 1, "location": 8},
        {"group_index": 1, "text": "Lift"},
        {"group_index": 1, "code": 812},
    ],
)
def test_rows_that_differ_are_two_flags(other: dict[str, Any]) -> None:
    first = alert("1.5", 811, WARNING, None, group=INPUT, group_index=1, location=7)
    changed: dict[str, Any] = {"code": 811, "text": None, "group": INPUT, "location": 7} | other
    second = alert("1.6", changed.pop("code"), WARNING, changed.pop("text"), **changed)
    assert [*flags(state_of(TRAYS, first, second))] == [("alert_warning", "1.5"), ("alert_warning", "1.6")]


def test_two_rows_alike_but_for_their_tray_stay_two_flags_when_they_are_numbered_anew() -> None:
    printer = Printer()
    for start in (5, 15):
        rows = [
            alert(f"1.{start + at}", 811, WARNING, None, group=INPUT, group_index=-1, location=at)
            for at in (1, 2)
        ]
        state = printer.says(TRAYS, *rows)
        assert len(state.attention) == 2
    assert {each.since_at for each in state.attention} == {START}


FIVE = {oid: value for row in range(1, 6) for oid, value in tray(f"1.{row}", -3).items()}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ("Fach 3 leer", "Fach 4 leer"),
            {"1.3": "Tray 3 is out of paper.", "1.4": "Tray 4 is out of paper."},
        ),
        (("Bac 4 vide",), {"1.4": "Tray 4 is out of paper."}),
        (("Magasin 2 tomt",), {"1.2": "Tray 2 is out of paper."}),
        (("A4 in 5 einlegen",), {"1.5": "Tray 5 is out of paper."}),
        (("Fach 9 leer",), {"1.9": "Tray 9 is out of paper."}),
        (("Großraum leer",), {"": "A paper tray is out of paper: Großraum leer."}),
        (
            ("Großraum leer", "Einzug leer", "Großraum leer"),
            {"": "A paper tray is out of paper: Großraum leer; Einzug leer."},
        ),
        ((None,), {"": "A paper tray is out of paper."}),
    ],
)
@pytest.mark.parametrize("group", [INPUT, GENERAL, None])
def test_a_tray_that_only_the_text_names_is_named(
    texts: tuple[str | None, ...], expected: dict[str, str], group: int | None
) -> None:
    rows = [alert(f"1.{n}", 808, WARNING, text, group=group) for n, text in enumerate(texts, 50)]
    state = state_of(device(3, 3, b"\x40"), FIVE, *rows)
    assert {each.subject: each.message for each in state.attention} == expected
    assert {each.code for each in state.attention} == {"no_paper"}


def test_the_printer_s_own_words_are_shown_where_no_row_is_named() -> None:
    jam = alert("1.5", 8, CRITICAL, "Papierstau an der Fixiereinheit.", group=MEDIA_PATH)
    assert state_of(jam).attention[0].message == "Paper is jammed: Papierstau an der Fixiereinheit."


def test_words_without_end_are_cut() -> None:
    rows = [alert(f"1.{n}", 808, WARNING, chr(96 + n) * 250) for n in range(1, 9)]
    message = state_of(FIVE, *rows).attention[0].message
    assert message.count("…") == 3
    assert len(message) < 400


def test_several_rows_about_one_thing_are_one_flag() -> None:
    rows = [alert(f"1.{n}", 808, WARNING, "No paper", group=INPUT, group_index=2) for n in (5, 6, 7)]
    state = state_of(TRAYS, *rows)
    assert [*flags(state)] == [("no_paper", "1.2")]
    assert [seen.index for seen in state.attention[0].evidence if seen.object == "prtAlertCode"] == [
        "1.5",
        "1.6",
        "1.7",
    ]


def test_evidence_is_the_raw_number_and_the_text() -> None:
    seen = state_of(alert("1.5", 40_100, WARNING, "Odd")).attention[0].evidence
    assert [(each.object, each.index, each.value) for each in seen] == [
        ("prtAlertCode", "1.5", "40100"),
        ("prtAlertDescription", "1.5", "Odd"),
    ]

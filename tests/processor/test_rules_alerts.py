"""Alerts are judged by code: what is a fault, of which row, how bad, and who can mend it."""

import pytest

from fleet.messages import Alert
from fleet.mib_names import ALERT_CODE
from processor.rules.alert_codes import BY_GROUP, FAILURES, FLAGS, NO_FAULT, meaning_of
from tests.processor.printers import (
    BINARY,
    CRITICAL,
    WARNING,
    alert,
    device,
    flag,
    flags,
    state_of,
    supply,
    tray,
)

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

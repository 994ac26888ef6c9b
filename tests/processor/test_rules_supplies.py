"""Supplies: low and empty by level, which one a vague report is about, waste containers."""

import pytest

from core.contract.messages import VarbindValue
from core.runtime.settings import RuleSettings
from tests.processor.printers import (
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

LOW, EMPTY = device(3, 3, b"\x20"), device(3, 3, b"\x10")
WASTE_TYPE, DRUM, FUSER, OTHER = 4, 9, 15, 1


@pytest.mark.parametrize(
    ("level", "capacity", "expected"),
    [
        (16, 100, {}),
        (15, 100, {("supply_low", "1.1"): "warning"}),
        (6, 100, {("supply_low", "1.1"): "warning"}),
        (5, 100, {("supply_low", "1.1"): "critical"}),
        (20, 6000, {("supply_low", "1.1"): "critical"}),
        (0, 6000, {("supply_empty", "1.1"): "critical"}),
        (0, -1, {("supply_empty", "1.1"): "critical"}),
        (0, -2, {("supply_empty", "1.1"): "critical"}),
        (0, 2**31 - 1, {("supply_empty", "1.1"): "critical"}),
        (0, 0, {}),
        (0, -3, {}),
        (-2, 100, {}),
        (-3, 100, {}),
        (-1, 100, {}),
        (9, -2, {}),
        (-100, -2, {("supply_low", "1.1"): "warning"}),
    ],
)
def test_a_level_below_its_threshold_is_a_flag(
    level: int, capacity: int, expected: dict[tuple[str, str], str]
) -> None:
    assert flags(state_of(supply("1.1", level, capacity))) == expected


@pytest.mark.parametrize("capacity", [-1, -2])
@pytest.mark.parametrize("kind", [3, 5, 6, 7, 21])
def test_zero_of_a_toner_or_ink_is_empty_whatever_fits_into_it(kind: int, capacity: int) -> None:
    state = state_of(supply("1.1", 0, capacity, "Toner Schwarz", type=kind), supply("1.2", -3, capacity, "B"))
    assert flags(state) == {("supply_empty", "1.1"): "critical"}
    assert state.attention[0].message == "Toner Schwarz is empty."
    assert [row.level_percent for row in state.supplies] == [None, None]
    assert [seen.value for seen in state.attention[0].evidence] == ["0", str(capacity)]


@pytest.mark.parametrize(
    ("kind", "description", "capacity"),
    [
        (WASTE_TYPE, "Resttoner", -2),
        (DRUM, "Drum", -2),
        (FUSER, "Fuser", -1),
        (OTHER, "Roller", -2),
        (3, "Waste Toner Box", -2),
        (3, "Black Toner", 0),
        (3, "Black Toner", None),
    ],
)
def test_zero_of_what_is_no_toner_or_has_no_room_at_all_says_nothing(
    kind: int, description: str, capacity: int | None
) -> None:
    assert flags(state_of(supply("1.1", 0, capacity, description, type=kind))) == {}


def test_zero_of_an_untold_type_is_empty_where_it_has_a_color() -> None:
    assert [*flags(state_of(supply("1.1", 0, -2, "Cyan", type=OTHER)))] == [("supply_empty", "1.1")]


def test_zero_of_an_unknown_capacity_beside_a_living_twin_is_passed_over() -> None:
    assert flags(state_of(supply("1.1", 0, -2), supply("1.2", -3, -2))) == {}
    assert flags(state_of(supply("1.1", 0, -2), supply("1.2", 2**32 - 3, 2**32 - 2))) == {}


def test_a_toner_at_zero_that_is_replaced_is_no_longer_empty() -> None:
    printer = Printer()
    assert [*flags(printer.says(supply("1.1", 0, -2)))] == [("supply_empty", "1.1")]
    printer.says(supply("1.1", -3, -2))
    assert flags(printer.says(supply("1.1", -3, -2))) == {}


def test_no_toner_by_bit_is_about_the_rows_at_zero_by_name() -> None:
    for capacity in (100, -2, -1, None, 0):
        rows = [
            supply(f"1.{n}", level, capacity, COLOURS[n - 1]) for n, level in enumerate((-3, 0, -3, 0), 1)
        ]
        state = state_of(device(5, 1, b"\x10"), *rows)
        assert flags(state) == {("supply_empty", "1.2"): "critical", ("supply_empty", "1.4"): "critical"}
        assert {each.message for each in state.attention} == {"Cyan is empty.", "Yellow is empty."}


@pytest.mark.parametrize(
    ("words", "subjects"),
    [
        ("Niedrig: Toner Magenta", ["1.3"]),
        ("Toner noir faible", ["1.1"]),
        ("Жёлтый тонер заканчивается", ["1.4"]),
        ("Toner Low (C)", ["1.2"]),
        ("Low: Cyan, Yellow", ["1.2", "1.4"]),
        ("Toner low", [""]),
        ("Bereit", [""]),
    ],
)
def test_the_color_that_only_the_panel_names_names_the_supply(words: str, subjects: list[str]) -> None:
    names = ("Toner Schwarz", "Toner Cyan", "Toner Magenta", "Toner Gelb")
    rows = [supply(f"1.{n}", -3, -2, name) for n, name in enumerate(names, 1)]
    state = state_of(LOW, panel(words), *rows)
    assert [*flags(state)] == [("supply_low", subject) for subject in subjects]
    told = {seen.object for each in state.attention for seen in each.evidence}
    assert ("prtConsoleDisplayBufferText" in told) == (subjects != [""])


def test_the_panel_s_color_stays_named_while_the_panel_shows_something_else() -> None:
    printer = Printer()
    rows = [supply(f"1.{n}", -3, -2, name) for n, name in enumerate(COLOURS, 1)]
    printer.says(LOW, panel("Magenta low"), *rows)
    for _ in range(4):
        assert [*flags(printer.says(LOW, panel("Ready"), *rows))] == [("supply_low", "1.3")]


def test_a_tray_that_only_the_panel_names_names_the_tray_of_a_paper_bit() -> None:
    trays = [tray(f"1.{row}", -3) for row in range(1, 6)]
    state = state_of(device(3, 3, b"\x40"), panel("Papier einlegen: Fach 4"), *trays)
    assert flags(state) == {("no_paper", "1.4"): "warning"}


def test_a_tray_that_the_panel_asks_to_be_inserted_is_the_one_that_is_missing() -> None:
    trays = [tray(f"1.{row}", -3) for row in range(1, 6)]
    state = state_of(device(3, 3, b"\x40\x80"), panel("Kassette 4 einschieben"), *trays)
    assert flags(state) == {("tray_missing", "1.4"): "warning"}


def test_a_panel_is_not_believed_about_a_tray_where_a_row_names_another() -> None:
    trays = [tray(f"1.{row}", -3) for row in range(1, 6)]
    row = alert("1.9", 808, WARNING, group=8, group_index=2)
    state = state_of(device(3, 3, b"\x40"), panel("Tray 4: A4"), row, *trays)
    assert flags(state) == {("no_paper", "1.2"): "warning"}


def test_thresholds_are_settings() -> None:
    printer = Printer(RuleSettings(supply_low_percent=40, supply_critical_percent=20))
    assert flags(printer.says(supply("1.1", 40) | supply("1.2", 20) | supply("1.3", 41))) == {
        ("supply_low", "1.2"): "critical",
        ("supply_low", "1.1"): "warning",
    }


def test_the_message_names_the_supply_and_its_percentage() -> None:
    toner = supply("1.1", 7, description="Black Toner Cartridge S/N:CRUM-123")
    nameless = supply("1.2", 7, description="", type=21)
    drum = supply("1.3", 7, description="Drum Unit", type=DRUM)
    assert {each.message for each in state_of(toner | nameless | drum).attention} == {
        "Black Toner Cartridge is low (7 %).",
        "Toner cartridge is low (7 %).",
        "Drum Unit is near the end of its life (7 %).",
    }


def test_the_critical_toner_does_not_say_that_the_printer_is_stopped() -> None:
    assert state_of(supply("1.1", 0)).state == "idle"


@pytest.mark.parametrize("description", ["Waste Toner Box", "Resttonerbehälter"])
@pytest.mark.parametrize("level", [0, 3, 50, 97, 100])
def test_a_waste_container_s_level_alone_is_no_flag(description: str, level: int) -> None:
    for kind, supply_class in ((WASTE_TYPE, 4), (WASTE_TYPE, 3), (OTHER, 4), (OTHER, None), (None, None)):
        row = supply("1.1", level, description=description, type=kind, supply_class=supply_class)
        assert flags(state_of(row)) == {}


def test_a_type_that_is_told_outweighs_a_wrong_class() -> None:
    assert flags(state_of(supply("1.1", 3, supply_class=4))) == {("supply_low", "1.1"): "critical"}


def test_of_a_cartridge_listed_twice_the_row_that_stays_at_zero_is_passed_over() -> None:
    assert flags(state_of(supply("1.1", 0, 100), supply("1.2", -3, -2))) == {}
    assert [*flags(state_of(supply("1.1", 0), supply("1.2", 0)))] == [
        ("supply_empty", "1.1"),
        ("supply_empty", "1.2"),
    ]


def test_low_by_bit_alone_is_about_the_only_toner() -> None:
    state = state_of(
        LOW, supply("1.1", -3, -2, description="Toner"), supply("1.2", 90, type=DRUM, description="Drum")
    )
    assert flags(state) == {("supply_low", "1.1"): "warning"}
    assert flag(state, "supply_low", "1.1").message == "Toner is low."


def test_bit_alert_and_level_are_one_flag_about_the_supply() -> None:
    row = alert("1.5", 1104, WARNING, "Toner low", group=11, group_index=2)
    toners = supply("1.1", 70, description="Black") | supply("1.2", 3, description="Cyan")
    state = state_of(LOW, toners, row)
    assert flags(state) == {("supply_low", "1.2"): "critical"}
    assert [seen.object for seen in state.attention[0].evidence] == [
        "prtMarkerSuppliesLevel",
        "prtMarkerSuppliesMaxCapacity",
        "prtAlertCode",
        "prtAlertDescription",
        "hrPrinterDetectedErrorState",
    ]


COLOURS = ("Black", "Cyan", "Magenta", "Yellow")


def toners(*levels: int) -> dict[str, VarbindValue]:
    rows = [supply(f"1.{n}", level, description=COLOURS[n - 1]) for n, level in enumerate(levels, 1)]
    return {oid: value for row in rows for oid, value in row.items()}


@pytest.mark.parametrize(
    ("levels", "subject"),
    [
        ((80, 70, 60, 18), "1.4"),
        ((80, 70, 60, -3), "1.4"),
        ((80, 70, 60, 50), ""),
        ((-3, -3, -3, -3), ""),
        ((18, 18, 60, 50), ""),
        ((80, 3, 60, 50), "1.2"),
    ],
)
def test_low_by_bit_is_about_the_supply_it_must_be_about_else_the_printer(
    levels: tuple[int, ...], subject: str
) -> None:
    assert [*flags(state_of(LOW, toners(*levels)))] == [("supply_low", subject)]


def test_the_bits_for_toner_are_no_words_about_a_fuser() -> None:
    fuser = supply("1.5", 3, description="Fuser", type=FUSER)
    assert set(flags(state_of(LOW, toners(-3, 60), fuser))) == {("supply_low", "1.5"), ("supply_low", "1.1")}


def test_no_toner_by_bit_makes_the_low_supply_an_empty_one() -> None:
    state = state_of(device(5, 1, b"\x10"), toners(80, 2))
    assert flags(state) == {("supply_empty", "1.2"): "critical"}


def test_no_toner_that_the_levels_contradict_is_a_warning() -> None:
    assert flags(state_of(EMPTY, toners(80, 70))) == {("supply_empty", ""): "warning"}
    assert flags(state_of(EMPTY, toners(-3, -3))) == {("supply_empty", ""): "critical"}


def test_a_missing_cartridge_is_not_an_empty_one_too() -> None:
    row = alert("1.5", 1115, CRITICAL, group=11, group_index=2)
    assert flags(state_of(device(5, 1, b"\x10\x20"), toners(80, 0), row)) == {
        ("supply_missing", "1.2"): "critical"
    }
    assert [*flags(state_of(device(5, 1, b"\x10\x20"), toners(80, 70)))] == [("supply_missing", "")]


def waste(level: int) -> dict[str, VarbindValue]:
    return supply("1.9", level, description="Waste Toner Box", type=WASTE_TYPE)


NEARLY_FULL = alert("1.5", 1107, WARNING, group=11, group_index=9)
WASTE_FLAG = ("waste_nearly_full", "1.9")
ASKED = {"refresh_id": "r1"}  # by a person: one reading without it clears a flag


@pytest.mark.parametrize(("at_alert", "emptied"), [(92, 3), (8, 97)])
def test_what_a_waste_level_means_is_learnt_from_its_alert(at_alert: int, emptied: int) -> None:
    printer = Printer()
    assert flags(printer.says(waste(at_alert))) == {}
    assert flags(printer.says(waste(at_alert), NEARLY_FULL)) == {WASTE_FLAG: "warning"}
    assert flags(printer.says(waste(emptied), **ASKED)) == {}
    assert flags(printer.says(waste(at_alert))) == {WASTE_FLAG: "warning"}


def test_an_alert_that_outlasts_the_emptying_of_its_box_teaches_nothing() -> None:
    printer = Printer()
    printer.says(waste(50), NEARLY_FULL)
    printer.says(waste(100), NEARLY_FULL)
    assert flags(printer.says(waste(100), **ASKED)) == {}


def test_knowledge_of_a_waste_level_that_is_contradicted_is_forgotten() -> None:
    printer = Printer()
    printer.says(waste(95), NEARLY_FULL)
    printer.says(waste(50), **ASKED)
    printer.says(waste(5), NEARLY_FULL)
    printer.says(waste(50), **ASKED)
    assert flags(printer.says(waste(95))) == {}


def test_a_full_box_is_not_a_nearly_full_one_too() -> None:
    full = alert("1.6", 1109, CRITICAL, group=10, group_index=1)
    assert flags(state_of(waste(-3), NEARLY_FULL, full)) == {("waste_full", "1.9"): "critical"}

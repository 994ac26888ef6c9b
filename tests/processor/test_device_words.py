"""Words of panels and alerts in many languages: sleep, the colors of supplies, the numbers of trays."""

import pytest

from core.contract.messages import InputTray
from processor.decode.device_words import (
    colors_in,
    folded,
    names_sleep,
    tray_numbers_in,
    trays_named_in,
)


@pytest.mark.parametrize(
    "text",
    [
        "Sleeping", "Sleep mode on. Press any key to wake", "Deep Sleep", "POWERSAVE ON", "Energy Saver Mode",
        "Low Power Mode", "Auto Power Shut-Off Mode", "Standby",
        "ENERGIESPAREN   TROMMEL ERSETZ.", "Ruhezustand", "Schlafmodus",
        "Mode veille", "En veille", "Économie d'énergie", "Modo de reposo",
        "Ahorro de energía",
        "Modo suspensión", "Risparmio energetico", "A riposo", "Modo de repouso", "Economia de energia",
        "Slaapstand", "Energiebesparing", "Viloläge", "Strømsparing", "Dvale", "Hvilemodus", "Virransäästö",
        "Lepotila", "tryb uśpienia", "Oszczędzanie energii", "Režim spánku",
        "Úsporný režim", "Režim úspory energie",
        "Alvó mód", "Energiatakarékos", "Mod repaus", "Uyku modu", "Güç tasarrufu", "Stanje mirovanja",
        "Спящий режим", "СПЯЩИЙ РЕЖИМ", "Режим ожидания", "Энергосбережение", "Сплячий режим",
        "Λειτουργία ύπνου", "スリープモード", "ｽﾘｰﾌﾟ", "節電中", "省電力モード",
        "睡眠模式", "节能模式", "절전 모드",
    ],
)  # fmt: skip
def test_sleep_is_known_in_the_languages_of_panels(text: str) -> None:
    assert names_sleep(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Ready", "Bereit", "Toner sparen", "Ahorro de tóner", "Économie de toner", "Sleep mode off",
        "Sleep timer: 5 min", "Waking up from sleep", "Papierstau", "Low toner", "Surveillance", "準備完了",
    ],
)  # fmt: skip
def test_what_is_not_sleep_is_not_taken_for_it(text: str) -> None:
    assert not names_sleep(text)


@pytest.mark.parametrize(
    ("text", "colours"),
    [
        ("Niedrig: Toner Magenta", ("magenta",)),
        ("Toner Schwarz", ("black",)),
        ("Toner Gelb fast leer", ("yellow",)),
        ("Toner noir faible", ("black",)),
        ("Encre jaune", ("yellow",)),
        ("Tóner negro bajo", ("black",)),
        ("Toner ciano in esaurimento", ("cyan",)),
        ("Toner amarelo", ("yellow",)),
        ("Cyan patron mycket låg", ("cyan",)),
        ("Svart toner", ("black",)),
        ("Żółty toner", ("yellow",)),
        ("Žlutý toner", ("yellow",)),
        ("Sarı toner", ("yellow",)),
        ("Мало тонера: голубой", ("cyan",)),
        ("Жёлтый тонер", ("yellow",)),
        ("マゼンタトナー残りわずか", ("magenta",)),
        ("ブラックトナー", ("black",)),
        ("黑色墨粉不足", ("black",)),
        ("Low: Cyan, Yellow", ("cyan", "yellow")),
        ("Toner Low (Y)", ("yellow",)),
        ("TONER K", ("black",)),
        ("TK-5240M", ("magenta",)),
        ("TN-247BK", ("black",)),
        ("Black & White copy", ()),
        ("Schwarzweiß", ()),
        ("SIN PAPEL Y TONER", ()),
        ("SC 542", ()),
        ("CF303A", ()),
        ("Toner low", ()),
    ],
)  # fmt: skip
def test_colors_are_known_by_word_letter_and_part_number(text: str, colours: tuple[str, ...]) -> None:
    assert colors_in(text) == colours


def test_folding_takes_case_and_accents_away() -> None:
    assert folded("ÜBER Łódź Øre Straße") == "uber lodz ore strasse"


NUMBERED = tuple(
    InputTray(index=f"1.{row}", name=name) for row, name in enumerate(("Bypass", "Tray 1", "Tray 2"), 1)
)
NAMED = tuple(InputTray(index=f"1.{row}", name=name) for row, name in enumerate(("Upper", "Lower"), 1))


@pytest.mark.parametrize(
    ("text", "trays", "rows"),
    [
        ("Fach 1 leer", NUMBERED, ["1.2"]),
        ("Bac 2 vide", NUMBERED, ["1.3"]),
        ("Magasin 2: tomt", NUMBERED, ["1.3"]),
        ("Лоток 2 пуст", NUMBERED, ["1.3"]),
        ("トレイ2", NUMBERED, ["1.3"]),
        ("Load A4 in bypass", NUMBERED, ["1.1"]),
        ("Tray 12 empty", NUMBERED, []),
        ("Load A4 80 g paper", NUMBERED, []),
        ("Fach 2 leer", NAMED, ["1.2"]),
        ("Lower is empty", NAMED, ["1.2"]),
        ("No paper", NAMED, []),
    ],
)
def test_trays_are_named_by_name_or_number(text: str, trays: tuple[InputTray, ...], rows: list[str]) -> None:
    assert [tray.index for tray in trays_named_in(text, trays)] == rows


def test_a_lone_number_is_a_tray_s_only_if_asked_for() -> None:
    assert tray_numbers_in("2: leer") == []
    assert tray_numbers_in("2: A4", lone=True) == []
    assert tray_numbers_in("Papier in 2 einlegen (A4, 80 %, 13.05.00)", lone=True) == [2]

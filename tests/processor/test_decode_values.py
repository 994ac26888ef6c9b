"""Decoding of single values: error bits of any length, texts in any character set."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.charsets import CODECS
from core.domain.device_texts import MAX_TEXT, clean
from processor.decode.values import detected_errors_of, text_of
from tests.processor.printers import Printer, state_of, varbinds


@pytest.mark.parametrize(
    ("octets", "errors"),
    [
        ("", ()),
        ("00", ()),
        ("20", ("low_toner",)),
        ("2020", ("low_toner", "marker_supply_missing")),
        ("0020", ("marker_supply_missing",)),
        ("0001", ("code_15",)),
        ("8000", ("low_paper",)),
        ("04", ("jammed",)),
        ("0100", ("service_requested",)),
        ("0002", ("overdue_prevent_maint",)),
        ("00000080", ("code_24",)),
        (
            "ff00",
            (
                "low_paper",
                "no_paper",
                "low_toner",
                "no_toner",
                "door_open",
                "jammed",
                "offline",
                "service_requested",
            ),
        ),
        ("0", ()),
        ("zz", ()),
    ],
)
def test_error_bits_count_from_the_most_significant_bit_of_the_first_octet(
    octets: str, errors: tuple[str, ...]
) -> None:
    assert detected_errors_of(octets) == errors


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        (3, "ascii", "Toner"),
        (4, "latin-1", "Résiduel"),
        (5, "iso8859-2", "Zásobník"),
        (8, "iso8859-5", "Тонер"),
        (12, "iso8859-9", "Kağıt"),
        (17, "shift_jis", "トナー"),
        (18, "euc_jp", "トナー"),
        (39, "iso2022_jp", "用紙"),
        (106, "utf-8", "Čierny toner"),
        (1000, "utf-16-be", "Toner 黒"),
        (1014, "utf-16-le", "Toner 黒"),
        (1018, "utf-32-be", "Toner"),
        (2004, "hp-roman8", "Schließen"),
        (2025, "gb2312", "墨粉"),
        (2084, "koi8-r", "Тонер"),
        (None, "utf-8", "Behälter"),
        (None, "latin-1", "Behälter"),
        (3, "utf-8", "Behälter"),
        (106, "latin-1", "Behälter"),
        (99_999, "utf-8", "Behälter"),
    ],
)
def test_texts_are_read_in_the_declared_set_else_utf_8_else_latin_1(
    charset: int | None, codec: str, text: str
) -> None:
    assert text_of(text.encode(codec).hex(), charset) == text


def test_plain_ascii_is_itself_whatever_set_is_declared() -> None:
    for charset in CODECS:
        assert text_of(b"Black Toner\0".hex(), charset) == "Black Toner"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Black Cartridge\0", "Black Cartridge"),
        ("Toner cart-\nridge", "Toner cartridge"),
        ("Toner-\r\nBehälter", "Toner-Behälter"),
        ("Close\nfront\tcover", "Close front cover"),
        ("two  spaces stay", "two  spaces stay"),
        ("a\x00\x00b", "a b"),
        ("\u202egnitnirp", "gnitnirp"),
        ("\x1b[31mred", "[31mred"),
        ("  ", None),
        ("\0\0", None),
        ("x" * 900, "x" * MAX_TEXT),
    ],
)
def test_texts_are_made_fit_to_be_shown(raw: str, text: str | None) -> None:
    assert clean(raw) == text


@given(st.binary(max_size=300), st.one_of(st.none(), st.sampled_from(sorted(CODECS)), st.integers()))
def test_any_octets_in_any_set_are_clean_text_or_none(data: bytes, charset: int | None) -> None:
    text = text_of(data.hex(), charset)
    if text is not None:
        assert 0 < len(text) <= MAX_TEXT
        assert text == text.strip() == clean(text)
        text.encode("utf-8")
        assert "\0" not in text


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert once is None or clean(once) == once


def test_the_set_is_that_of_the_current_localization() -> None:
    parts = varbinds(
        {
            "prtGeneralCurrentLocalization": {"1": 2},
            "prtLocalizationCharacterSet": {"1.1": 106, "1.2": 2004},
            "prtInputName": {"1.1": "Großes Fach".encode("hp-roman8")},
        }
    )
    assert state_of(parts).input_trays[0].name == "Großes Fach"


def test_one_set_declared_for_all_localizations_is_used_where_the_current_one_is_not_told() -> None:
    parts = varbinds(
        {
            "prtLocalizationCharacterSet": {"1.1": 8, "1.2": 8},
            "prtInputName": {"1.1": "Лоток".encode("iso8859-5")},
        }
    )
    assert state_of(parts).input_trays[0].name == "Лоток"


CYRILLIC: Final = "Спящий режим"


@pytest.mark.parametrize(
    ("localization", "codec"), [(2, "iso8859-5"), (0, "latin-1"), (9, "latin-1"), (None, "latin-1")]
)
def test_the_panel_s_set_is_that_of_the_console_localization_where_there_is_one(
    localization: int | None, codec: str
) -> None:
    console = CYRILLIC if codec == "iso8859-5" else "Sparmodus für später"
    parts = varbinds(
        {
            "prtGeneralCurrentLocalization": {"1": 1},
            "prtConsoleLocalization": {"1": localization},
            "prtLocalizationCharacterSet": {"1.1": 4, "1.2": 8},
            "prtInputName": {"1.1": "Großes Fach".encode("latin-1")},
            "prtConsoleDisplayBufferText": {"1.1": console.encode(codec)},
        }
    )
    state = state_of(parts)
    assert (state.input_trays[0].name, state.console_text) == ("Großes Fach", console)


def test_the_panel_s_set_is_remembered_where_it_is_not_answered() -> None:
    printer = Printer()
    text = varbinds({"prtConsoleDisplayBufferText": {"1.1": CYRILLIC.encode("iso8859-5")}})
    sets = varbinds(
        {
            "prtGeneralCurrentLocalization": {"1": 1},
            "prtConsoleLocalization": {"1": 2},
            "prtLocalizationCharacterSet": {"1.1": 4, "1.2": 8},
        }
    )
    assert printer.says(text, sets).console_text == CYRILLIC
    assert (
        printer.says(text, tables={"general": "failed", "localizations": "failed"}).console_text == CYRILLIC
    )

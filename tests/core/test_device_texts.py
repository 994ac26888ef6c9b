"""Octets of devices as text: UTF-8 whatever is declared, the declared set, and what a limit has cut off."""

import pytest

from core.domain.charsets import CODECS, MULTI_BYTE
from core.domain.device_texts import readable

EUROPEAN = sorted(charset for charset, codec in CODECS.items() if codec not in {*MULTI_BYTE, "utf-8"})
JAPANESE, KOREAN, CHINESE, GB2312, CP850, ROMAN8, LATIN1, UTF8 = 17, 38, 113, 2025, 2009, 2004, 4, 106


@pytest.mark.parametrize("charset", EUROPEAN)
@pytest.mark.parametrize(
    "text", ["Cyan patron mycket låg", "Нет бумаги", "25 °C", "à", "用紙がありません", "5 €"]
)
def test_utf_8_is_utf_8_whatever_set_of_one_octet_a_character_is_declared(charset: int, text: str) -> None:
    assert readable(text.encode(), charset) == text
    assert readable(text.encode() + b"\0\0", charset) == text


@pytest.mark.parametrize("charset", sorted(set(CODECS) - set(EUROPEAN)))
@pytest.mark.parametrize("text", ["Tonerbehälter", "Нет бумаги", "用紙がありません"])
def test_utf_8_is_utf_8_also_where_a_set_of_several_octets_is_declared(charset: int, text: str) -> None:
    assert readable(text.encode(), charset) == text


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        (CP850, "cp850", "Tonerbehälter fast voll"),
        (CP850, "cp850", "Épuisé"),
        (ROMAN8, "hp-roman8", "Schließen Ö"),
        (LATIN1, "latin-1", "Papier épuisé"),
        (LATIN1, "latin-1", "Verschluß"),
        (LATIN1, "latin-1", "IMPRESSÃO"),
        (UTF8, "latin-1", "Café"),
        (None, "latin-1", "Café"),
        (2251, "cp1251", "Нет бумаги"),
        (JAPANESE, "shift_jis", "用紙がありません"),
        (JAPANESE, "shift_jis", "ﾃｽﾄ"),
        (KOREAN, "euc_kr", "용지 없음"),
        (1000, "utf-16-be", "용지 없음"),
        # Valid UTF-8 by chance: two characters of two alphabets.
        (GB2312, "gb2312", "缺纸"),
        (CHINESE, "gbk", "缺纸"),
    ],
)
def test_what_is_not_meant_as_utf_8_is_read_in_the_declared_set(
    charset: int | None, codec: str, text: str
) -> None:
    assert readable(text.encode(codec), charset) == text


@pytest.mark.parametrize("charset", [CP850, ROMAN8, LATIN1, UTF8, JAPANESE, None])
@pytest.mark.parametrize("text", ["Cyan patron mycket låg, nära slut å", "用紙がありません", "Größe: 5 €"])
def test_utf_8_that_a_limit_cut_in_the_middle_of_a_character_is_whole_but_for_that_one(
    charset: int | None, text: str
) -> None:
    assert readable(text.encode()[:-1], charset) == text[:-1].strip()


@pytest.mark.parametrize("charset", [CP850, LATIN1, UTF8, None])
@pytest.mark.parametrize("octets", ["mycket låg".encode()[:9], "Preis€".encode()[:7]])
def test_a_single_character_that_was_cut_is_left_out(charset: int | None, octets: bytes) -> None:
    assert readable(octets, charset) == octets.decode(errors="ignore").strip()


def test_a_cut_text_of_a_set_of_several_octets_is_whole_but_for_its_last_character() -> None:
    assert readable("用紙がありません".encode("shift_jis")[:-1], JAPANESE) == "用紙がありませ"
    assert readable("용지 없음".encode("euc_kr")[:-1], KOREAN) == "용지 없"

"""Text from elsewhere is on one line or several, bounded, and nothing in it is hidden or turned round."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.text import lines, one_line

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=200)


@given(ANYTHING)
def test_nothing_that_is_hidden_is_left_on_one_line(text: str) -> None:
    shown = one_line(text)
    assert [c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")] == []
    assert [c for c in shown if unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF")] == []
    assert [c for c in shown if unicodedata.bidirectional(c) in ("LRI", "RLI", "FSI", "PDI")] == []
    assert shown == shown.strip()
    assert one_line(shown) == shown
    assert len(one_line(text, 20)) <= 20
    shown.encode()


@given(ANYTHING)
def test_the_same_holds_for_each_of_several_lines(text: str) -> None:
    for line in lines(text).split("\n"):
        assert one_line(line) == line.strip()
    assert lines(lines(text)) == lines(text)
    assert len(lines(text, 20, ellipsis=True)) <= 20


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert one_line(text) == text.strip()
    assert lines(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00\r\n\tb", "a b"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("Toner\u00adpatrone", "Tonerpatrone"),
        ("two  blanks", "two  blanks"),
        ("\ud800x\ufffd", "x"),
        ("用紙がありません", "用紙がありません"),
    ],
)
def test_controls_are_a_blank_and_marks_are_nothing(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_lines_are_kept_however_they_end() -> None:
    assert lines("a\r\n  b\rc\u2028d\x00e") == "a\n  b\nc\nd e"


def test_what_is_cut_can_say_so() -> None:
    assert one_line("x" * 30, 10) == "x" * 10
    assert one_line("x" * 30, 10, ellipsis=True) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Paper is jammed in tray", "Paper is…"),
        ("Paper is jam", "Paper is jam"),
        ("Paper is jam today", "Paper is jam…"),
        ("Not a paperjammer", "Not a paperj…"),
    ],
)
def test_what_is_cut_ends_with_a_word_unless_that_leaves_little(text: str, shown: str) -> None:
    assert one_line(text, 13, ellipsis=True) == shown

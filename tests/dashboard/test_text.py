"""What printers and people wrote reaches a page as text, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ui.templates import environment, render
from dashboard.ui.text import clean, in_markdown, sentences
from tests.dashboard.html_text import parsed

ANYTHING = st.text(max_size=400)


@given(ANYTHING)
def test_html_of_any_text_has_no_element_and_says_the_same(text: str) -> None:
    template = environment().from_string('<b title="{{ text | up_to(1000) }}">{{ text | up_to(1000) }}</b>')
    found = parsed(template.render(text=text))
    assert found.tags == ["b"]
    assert found.text == clean(text, 1000).replace("\xa0", " ")


@given(ANYTHING)
def test_without_a_word_about_its_length_a_text_is_cut_and_escaped(text: str) -> None:
    found = parsed(environment().from_string('<b title="{{ text }}">{{ text }}</b>').render(text=text))
    assert found.tags == ["b"]
    assert found.text == clean(text).replace("\xa0", " ")


@given(ANYTHING)
def test_several_lines_keep_their_breaks_and_nothing_else(text: str) -> None:
    found = parsed(render("printer/console", text=text))
    lines = clean(text, 1000).replace("\xa0", " ").splitlines()
    assert found.tags == ["div"] + ["br"] * max(0, len(lines) - 1)
    assert found.text.rstrip("\n") == "".join(lines)


@given(ANYTHING)
def test_in_markdown_every_mark_is_escaped_and_there_is_one_line(text: str) -> None:
    shown = in_markdown(text)
    assert "\n" not in shown
    bare = shown.replace("\\\\", "")
    for mark in "*_`[]()<>#$!:~|":
        assert bare.count(mark) == bare.count(f"\\{mark}")


@pytest.mark.parametrize(
    "text", [":smile:", ":material/home:", "http://evil.example", "www.evil.example", "a@evil.example"]
)
def test_what_a_backslash_does_not_stop_is_broken_up(text: str) -> None:
    shown = in_markdown(text).replace("\\", "")
    assert text not in shown
    assert shown.replace("\u2060", "") == text


def test_a_long_text_is_cut_and_says_so() -> None:
    assert clean("x" * 400).endswith("…")
    assert len(clean("x" * 400)) == 300


def test_control_characters_and_turned_directions_are_left_out() -> None:
    assert clean("a\x00b\x1b[31m\u202ec") == "a b [31mc"


def test_nothing_is_an_empty_text() -> None:
    assert clean(None) == ""
    assert sentences(["", "Library", "", "HP"]) == "Library · HP"


def test_a_number_and_its_unit_stay_on_one_line_wherever_they_come_from() -> None:
    template = environment().from_string("{{ said }}, {{ 7 | percent }}")
    assert template.render(said="Low (4 %) for 12 min") == "Low (4\xa0%) for 12\xa0min, 7\xa0%"
    assert in_markdown("1.4 MB in 9 days") == "1\\.4\xa0MB in 9 days"

"""The colors can be read, and Streamlit knows every option."""

from typing import Literal

import pytest
from streamlit import config

from dashboard.ui import theme
from dashboard.ui.theme import COLORANTS, OTHER_SUPPLY, PAGE, PANEL, THEME, TONES, Shade, style
from tests.dashboard import colors

Side = Literal["light", "dark"]
SIDES: tuple[Side, ...] = ("light", "dark")
READABLE = 4.5
SEEN = 3.0


def contrast(one: Shade, other: Shade, side: Side) -> float:
    return colors.contrast(getattr(one, side), getattr(other, side))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("tone", TONES)
def test_every_tone_is_readable_on_its_surface_and_on_the_page(tone: str, side: Side) -> None:
    assert contrast(TONES[tone].text, TONES[tone].surface, side) >= READABLE
    assert contrast(TONES[tone].text, PAGE, side) >= READABLE
    assert contrast(theme.TEXT, TONES[tone].surface, side) >= READABLE


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", ["TEXT", "QUIET", "LINK", "PRIMARY"])
def test_text_is_readable_on_page_and_panel(name: str, side: Side) -> None:
    for surface in (PAGE, PANEL):
        assert contrast(getattr(theme, name), surface, side) >= READABLE


@pytest.mark.parametrize("side", SIDES)
def test_what_stands_on_the_primary_color_is_readable(side: Side) -> None:
    assert contrast(theme.ON_PRIMARY, theme.PRIMARY, side) >= READABLE


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", [name for name in COLORANTS if name != "yellow"])
def test_bars_stand_out_from_their_track(name: str, side: Side) -> None:
    # Yellow is yellow: its bar has an outline, and the level stands beside it.
    assert contrast({**COLORANTS, "other": OTHER_SUPPLY}[name], PANEL, side) >= SEEN


def test_streamlit_knows_every_option_of_the_theme() -> None:
    known = set(config.get_config_options())
    assert set(THEME) <= known


def test_the_style_sheet_has_every_color_and_no_stray_variable() -> None:
    sheet = style()
    assert sheet.startswith("<style>")
    used = {part.split(")")[0] for part in sheet.split("var(--")[1:]}
    assert used <= {part.split(":")[0] for part in sheet.split("--")[1:]}
    for tone in TONES:
        assert f".tone-{tone}" in sheet
    for ink in (*COLORANTS, "other"):
        assert f".ink-{ink}" in sheet

"""The look of everything: Streamlit's theme, light and dark, and the style sheet of what is drawn as HTML."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from dashboard.ui.templates import render

Theme = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Shade:
    """One color in the light and in the dark theme."""

    light: str
    dark: str

    @property
    def css(self) -> str:
        """Chosen by the theme that the page has."""
        return f"light-dark({self.light},{self.dark})"


@dataclass(frozen=True)
class Tone:
    """Text and the surface it stands on; at least 4.5:1, and told apart without red and green."""

    text: Shade
    surface: Shade


PAGE: Final = Shade("#ffffff", "#10151b")
PANEL: Final = Shade("#f3f6f9", "#1a2129")
TEXT: Final = Shade("#1b2430", "#e8edf2")
QUIET: Final = Shade("#566170", "#a6b1bd")
LINE: Final = Shade("#d5dce4", "#36414d")
LINK: Final = Shade("#0b5cab", "#7cbcf8")
PRIMARY: Final = Shade("#0b5cab", "#6cb2f7")
ON_PRIMARY: Final = Shade("#ffffff", "#08131f")

TONES: Final[Mapping[str, Tone]] = {
    "critical": Tone(Shade("#a4161a", "#ffb4ab"), Shade("#fdecec", "#43191a")),
    "warning": Tone(Shade("#7a4b00", "#ffd27a"), Shade("#fff2d1", "#3d2e08")),
    "stale": Tone(Shade("#54388f", "#d0bfff"), Shade("#f0ebfc", "#2d2349")),
    "info": Tone(Shade("#0b4f8a", "#9fd0ff"), Shade("#e3f0fc", "#122c45")),
    "ok": Tone(Shade("#0b5d4b", "#86dfc4"), Shade("#e0f4ee", "#0f3129")),
    "quiet": Tone(Shade("#4a5563", "#b9c3cd"), Shade("#edf1f4", "#262e37")),
}

# Toners are as their names say, and told apart without red, green or blue: a test holds them to it.
COLORANTS: Final[Mapping[str, Shade]] = {
    "black": Shade("#2a2f36", "#d4dbe3"),
    "cyan": Shade("#0092b8", "#27b3d6"),
    "magenta": Shade("#c01f7b", "#e0559f"),
    "yellow": Shade("#b38a00", "#e6c02e"),
    "gray": Shade("#77808b", "#98a2ad"),
    "red": Shade("#b83227", "#e0695f"),
    "green": Shade("#2f7d46", "#56b174"),
    "blue": Shade("#2d55b4", "#6d90e8"),
}
OTHER_SUPPLY: Final = Shade("#5b6f86", "#8ba0b8")
"""Bars of what has no color: drums, fusers, waste containers."""


def ink_of(colorant: str | None) -> str:
    """Return the name in COLORANTS that a printer's colorant comes closest to, or `other`."""
    said = (colorant or "").lower().replace("grey", "gray")
    return next((name for name in COLORANTS if name in said), "other")


def _side(side: str, look: str) -> dict[str, Any]:
    """Return the options of one side of Streamlit's theme, `light` or `dark`, in the colors of `look`."""

    def of(shade: Shade) -> str:
        return str(getattr(shade, look))

    def semantic(name: str, tone: str) -> dict[str, str]:
        return {
            f"{name}Color": of(TONES[tone].text),
            f"{name}TextColor": of(TONES[tone].text),
            f"{name}BackgroundColor": of(TONES[tone].surface),
        }

    options = {
        "primaryColor": of(PRIMARY),
        "backgroundColor": of(PAGE),
        "secondaryBackgroundColor": of(PANEL),
        "textColor": of(TEXT),
        "linkColor": of(LINK),
        "borderColor": of(LINE),
        "dataframeHeaderBackgroundColor": of(PANEL),
        "dataframeHeaderTextColor": of(QUIET),
        "chartCategoricalColors": [of(shade) for shade in SERIES],
        **semantic("red", "critical"),
        **semantic("orange", "warning"),
        **semantic("yellow", "warning"),
        **semantic("green", "ok"),
        **semantic("blue", "info"),
        **semantic("violet", "stale"),
        **semantic("gray", "quiet"),
    }
    sidebar = {"backgroundColor": of(PANEL), "secondaryBackgroundColor": of(PAGE)}
    return {f"theme.{side}.{name}": value for name, value in options.items()} | {
        f"theme.{side}.sidebar.{name}": value for name, value in sidebar.items()
    }


# Okabe and Ito's colors, darkened or lightened to stand out from the page.
SERIES: Final = (
    Shade("#0b6fb8", "#56b4e9"),
    Shade("#b85c00", "#e69f00"),
    Shade("#00755a", "#35c29a"),
    Shade("#a3407c", "#dd8fbd"),
    Shade("#806b00", "#f0e442"),
    Shade("#4a5563", "#b9c3cd"),
)

THEME: Final[Mapping[str, Any]] = {
    "theme.baseRadius": "0.5rem",
    "theme.headingFontSizes": ["1.9rem", "1.4rem", "1.15rem", "1rem", "0.95rem", "0.9rem"],
    "theme.headingFontWeights": [650, 600, 600, 600, 600, 600],
    "theme.metricValueFontSize": "1.6rem",
    "theme.linkUnderline": True,
    "theme.paddingTop": "1rem",
    "theme.paddingBottom": "4rem",
}


def theme_options(theme: Theme) -> dict[str, Any]:
    """Return Streamlit's options: each side in its own colors, or both in those of one.

    Streamlit takes the side that the device is set to, whatever its option theme.base says.
    """
    looks = {"light": "dark" if theme == "dark" else "light", "dark": "light" if theme == "light" else "dark"}
    return {**THEME, **_side("light", looks["light"]), **_side("dark", looks["dark"])}


_OVERLAYS: Final = "[data-testid=stDialog],[data-testid=stPopoverBody],.printers-dialog"
"""What is beside the app, by Streamlit or by us, outside of what it gives a color scheme."""


@cache
def css_variables() -> tuple[tuple[str, str], ...]:
    """Every color by the name that the style sheets know it by."""
    plain = {
        "quiet-text": QUIET,
        "line": LINE,
        "panel": PANEL,
        "page": PAGE,
        "link": LINK,
        "text": TEXT,
        "primary": PRIMARY,
        "on-primary": ON_PRIMARY,
    }
    tones = {name: tone.text for name, tone in TONES.items()}
    surfaces = {f"{name}-surface": tone.surface for name, tone in TONES.items()}
    inks = {f"ink-{name}": shade for name, shade in {**COLORANTS, "other": OTHER_SUPPLY}.items()}
    return tuple((name, shade.css) for name, shade in (plain | tones | surfaces | inks).items())


@cache
def style(scheme: str = "light") -> str:
    """Return the style sheet of what the widgets draw as HTML; the frame puts it on every page."""
    variables = ";".join(f"--{name}:{value}" for name, value in css_variables())
    folder = Path(__file__).parent
    sheets = [(folder / name).read_text(encoding="utf-8") for name in ("assets/shapes.css", "look.css")]
    overlays = f"{_OVERLAYS}{{color-scheme:{scheme}}}"
    rules = "\n".join((f".stApp,{_OVERLAYS}{{{variables}}}", overlays, *sheets))
    return render("ui/style", sheet=rules)

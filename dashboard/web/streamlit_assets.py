"""Find the parts of Streamlit's bundle that the first page needs, to be fetched during the sign-in."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from streamlit import file_util

_LINKED: Final = re.compile(r'(?:src|href)="\./static/([\w./-]+\.(?:js|css|woff2))"')
_IMPORTED: Final = re.compile(r'(?:from|import)"\./([\w.-]+\.js)"')
_DRAWN: Final = (
    *("ButtonGroup", "Button", "Checkbox", "Html", "MenuButton", "PageLink", "Pagination", "Popover"),
    *("Selectbox", "StreamlitMarkdown", "Text", "TextInput"),
)
"""What our pages draw most, each a piece that is asked for only when it is drawn."""
_CHARTS: Final = ("ArrowVegaLiteChart", "loadVegaEmbed", "vega-interpreter")


@cache
def prefetched() -> tuple[str, ...]:
    """Return the paths of the pieces, with what they import, too."""
    folder = Path(file_util.get_static_dir())
    linked = _LINKED.findall((folder / "index.html").read_text(encoding="utf-8"))
    fonts = (folder / "static" / "media").glob("MaterialSymbols*.woff2")
    icons = [f"/static/media/{file.name}" for file in fonts]
    return tuple(dict.fromkeys([*(f"/static/{asset}" for asset in linked), *drawn_modules(), *icons]))


@cache
def drawn_modules() -> tuple[str, ...]:
    """Return the paths of the modules that our pages draw with, and what they import."""
    return _modules(_DRAWN)


@cache
def chart_modules() -> tuple[str, ...]:
    """Return the modules of charts: large, and needed once somebody opens a printer."""
    return tuple(path for path in _modules(_CHARTS) if path not in drawn_modules())


def _modules(pieces: Iterable[str]) -> tuple[str, ...]:
    scripts = Path(file_util.get_static_dir()) / "static" / "js"
    return tuple(f"/static/js/{name}" for name in with_imports(scripts, _pieces(scripts, pieces)))


def with_imports(scripts: Path, names: Iterable[str]) -> list[str]:
    """Return these modules and whatever they import, and so on."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and (scripts / name).is_file():
            found[name] = None
            waiting += _IMPORTED.findall((scripts / name).read_text(encoding="utf-8"))
    return sorted(found)


def _pieces(scripts: Path, wanted: Iterable[str]) -> list[str]:
    """Return the files of what we draw.

    `Html.CzLZZ4bP.js` is `Html` with a hash that every version changes.
    """
    return [file.name for file in scripts.glob("*.js") if file.name.partition(".")[0] in set(wanted)]

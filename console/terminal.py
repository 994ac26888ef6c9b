"""The console's output: one rich Console, foreign text made plain, marks for small alphabets too."""

import json
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, Final, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markup import escape
from rich.measure import Measurement
from rich.text import Text

from console.called import as_called
from core.domain.text import one_line

if TYPE_CHECKING:
    from rich.progress import Progress

STYLES: Final = {"critical": "bold red", "warning": "yellow", "info": "cyan", "ok": "green", "quiet": "dim"}
_MARKS: Final = {
    "critical": "✖",
    "warning": "▲",
    "info": "•",
    "ok": "✔",
    "quiet": "○",
    "bar": "█",
    "rest": "░",
}
_PLAIN: Final = {
    "critical": "X",
    "warning": "!",
    "info": "i",
    "ok": "+",
    "quiet": "-",
    "bar": "#",
    "rest": ".",
}


class _Console(Console):
    """Tells commands as they are typed here."""

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(as_called(one) if isinstance(one, str) else one for one in objects), **options)


def make_console(*, stderr: bool = False) -> Console:
    """Return the console of a command; text that printers or people wrote must be escaped or be a Text."""
    return _Console(stderr=stderr, highlight=False, soft_wrap=False)


class Fitting:
    """Parts of one line with dots between them: as many as there is room for, each whole."""

    def __init__(self, parts: Sequence[Text], style: str = "") -> None:
        self._parts, self._style = parts, style

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text(no_wrap=True, overflow="ellipsis", style=self._style)
        for part in self._parts:
            longer = Text.assemble(line, (" · " if line else "", "dim"), part)
            if line and longer.cell_len > options.max_width:
                break
            line = longer
        line.no_wrap, line.overflow = True, "ellipsis"
        yield line

    def __rich_measure__(self, _console: Console, options: ConsoleOptions) -> Measurement:
        widths = [part.cell_len for part in self._parts] or [0]
        most = sum(widths) + 3 * (len(widths) - 1)
        return Measurement(min(widths[0], options.max_width), min(most, options.max_width))


def mark(console: Console, kind: str) -> str:
    """Return a sign beside a word, never instead of it."""
    return (_MARKS if console.encoding.lower().startswith("utf") else _PLAIN)[kind]


def plain(text: object) -> str:
    """Return a foreign text for rich markup: on one line, no markup of its own, nothing hidden."""
    return escape(one_line(str(text)))


def foreign(text: object, style: str = "") -> Text:
    """Return a foreign text as it is, on one line, nothing hidden."""
    return Text(one_line(str(text)), style=style)


def did_you_mean(name: str, known: Iterable[str], otherwise: str, most: int = 1) -> str:
    """Return the hint for a name that is not there: the nearest ones that are, else `otherwise`."""
    near = get_close_matches(name, [*known], n=most)
    return f"Did you mean {' or '.join(near)}?" if near else otherwise


def progress(before: str, after: str = "") -> "Progress":
    """Return bars on standard error with their counts and these words beside them; only on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # few commands have one

    words = (TextColumn(after),) if after else ()
    columns = TextColumn(before), BarColumn(), MofNCompleteColumn(), *words
    console = make_console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def data_output() -> TextIO:
    """Return standard output for programs: UTF-8 into a pipe or file, whatever the system's habit is."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdout


def print_json(value: Any) -> None:
    """Print JSON for programs, readable by people too."""
    data_output().write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

"""The console's output: one rich Console, foreign text made plain, marks for small alphabets too."""

import json
import sys
from io import TextIOWrapper
from typing import Any, Final, TextIO

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from core.domain.text import one_line

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


def make_console(*, stderr: bool = False) -> Console:
    """Return the console of a command; text that printers or people wrote must be escaped or be a Text."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def mark(console: Console, kind: str) -> str:
    """Return a sign beside a word, never instead of it."""
    return (_MARKS if console.encoding.lower().startswith("utf") else _PLAIN)[kind]


def plain(text: object) -> str:
    """Return a foreign text for rich markup: on one line, no markup of its own, nothing hidden."""
    return escape(one_line(str(text)))


def foreign(text: object, style: str = "") -> Text:
    """Return a foreign text as it is, on one line, nothing hidden."""
    return Text(one_line(str(text)), style=style)


def data_output() -> TextIO:
    """Return standard output for programs: UTF-8 into a pipe or file, whatever the system's habit is."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdout


def print_json(value: Any) -> None:
    """Print JSON for programs, readable by people too."""
    data_output().write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

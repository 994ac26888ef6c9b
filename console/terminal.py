"""How the console speaks: one rich Console, plain words for times, marks for small alphabets too."""

import json
import sys
from datetime import datetime
from io import TextIOWrapper
from typing import Any, Final, TextIO

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from core.domain.freshness import is_ahead
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
_STEPS: Final = ((60.0, 1, "s"), (3600.0, 60, "min"), (86400.0, 3600, "h"), (float("inf"), 86400, "d"))


def make_console(*, stderr: bool = False) -> Console:
    """The console of a command; text that printers or people wrote must be escaped or be a Text."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def mark(console: Console, kind: str) -> str:
    """A sign beside a word, never instead of it."""
    return (_MARKS if console.encoding.lower().startswith("utf") else _PLAIN)[kind]


def plain(text: object) -> str:
    """Return a foreign text for rich markup: on one line, no markup of its own, nothing hidden."""
    return escape(one_line(str(text)))


def foreign(text: object, style: str = "") -> Text:
    """Return a foreign text as it is, on one line, nothing hidden."""
    return Text(one_line(str(text)), style=style)


def duration(seconds: float) -> str:
    """`40 s`, `5 min`, `3 h`, `12 d`."""
    seconds = max(0.0, seconds)
    return next(f"{int(seconds // size)} {unit}" for limit, size, unit in _STEPS if seconds < limit)


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, in words."""
    if at is None:
        return "never"
    if is_ahead(at, now):
        return f"dated {duration((at - now).total_seconds())} ahead"
    seconds = (now - at).total_seconds()
    return "just now" if seconds < 1 else f"{duration(seconds)} ago"


def clock(at: datetime) -> str:
    """A time of day where we are."""
    return at.astimezone().strftime("%H:%M:%S")


def counted(number: int, one: str, many: str = "") -> str:
    """`1 printer`, `3 printers`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def data_output() -> TextIO:
    """Standard output for programs: UTF-8 into a pipe or file, whatever the system's habit is."""
    if isinstance(sys.stdout, TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    return sys.stdout


def print_json(value: Any) -> None:
    """JSON for programs, readable by people too."""
    data_output().write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

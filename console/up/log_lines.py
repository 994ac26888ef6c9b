"""The log lines of all processes of a run: one shape on the screen, one bounded file, the newest kept."""

import logging
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from core.domain.text import lines

_OURS: Final = re.compile(
    r"^(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?P<level>[A-Z]+) +[\w.-]+: (?P<text>.*)$", re.S
)
_FILE_BYTES: Final = 5_000_000
_FILES: Final = 4
_KEPT: Final = 200


@dataclass(frozen=True)
class LogLine:
    """A line of a service; `level` is empty for what is no log line, a traceback for instance."""

    at: str
    service: str
    level: str
    text: str

    def __str__(self) -> str:
        return f"{self.at} {self.level or '-':<7} {self.service}: {self.text}"


def parse(service: str, line: str, now: datetime) -> LogLine:
    """Return a line that a process printed; control characters do not reach the terminal."""
    clean = lines(line.rstrip().replace("\t", "    "))
    found = _OURS.match(clean)
    if found is None:
        return LogLine(now.strftime("%Y-%m-%d %H:%M:%S"), service, "", clean)
    return LogLine(found["at"], service, found["level"], found["text"])


class _LogFile(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Ignore a failed write: a full disk must neither end a run nor fill the screen."""


class LogSink:
    """Takes lines from any thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "printers.log"
        self.newest: deque[LogLine] = deque(maxlen=_KEPT)
        self.show: Callable[[LogLine], None] = lambda _line: None
        self._file = _LogFile(
            self.path, maxBytes=_FILE_BYTES, backupCount=_FILES, encoding="utf-8", delay=True
        )

    def take(self, service: str, line: str) -> None:
        """Take a line as a process printed it."""
        if line.strip():
            self.put(parse(service, line, datetime.now()))  # noqa: DTZ005 (logs are in local time)

    def say(self, text: str, level: str = "INFO") -> None:
        """Take a line of `up` itself."""
        at = datetime.now().strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ005 (logs are in local time)
        self.put(LogLine(at, "up", level, text))

    def put(self, line: LogLine) -> None:
        """Keep, write and show it."""
        self.newest.append(line)
        record = logging.LogRecord(line.service, logging.INFO, "", 0, str(line), None, None)
        self._file.handle(record)  # takes the handler's lock
        self.show(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

"""JSON files that services keep beside the database; what cannot be read or written is said in the log."""

import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.runtime.private_files import replace_file

log = logging.getLogger(__name__)


def read_json(path: Path) -> Any:
    """Return what is in the file; None where it is missing or cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read (%s): going on without it", path, error)
        return None


def write_json_list(path: Path, items: Iterable[Any]) -> bool:
    """Replace the file by a list; return whether the disk has it. What was there stays where it refuses."""
    return _write(path, _joined("[", map(_dumped, items), "]"))


def write_json_object(path: Path, items: Iterable[tuple[str, Any]]) -> bool:
    """Do the same with an object of these names and values."""
    return _write(path, _joined("{", (f"{_dumped(name)}:{_dumped(value)}" for name, value in items), "}"))


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _joined(begin: str, texts: Iterable[str], end: str) -> Iterator[str]:
    # Piece by piece: a hundred thousand printers as one text would stay in the process's memory.
    yield begin
    for number, text in enumerate(texts):
        yield f",{text}" if number else text
    yield end


def _write(path: Path, texts: Iterable[str]) -> bool:
    try:
        replace_file(path, (text.encode() for text in texts), durable=True)
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error.strerror)
        return False
    return True

"""Small JSON files the collector keeps: replaced as a whole, a crash leaves the old or the new."""

import json
import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def read_json(path: Path) -> Any:
    """Return what is in the file; None where it is missing or cannot be read (which is said)."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read (%s): going on without it", path, error)
        return None


def write_json_list(path: Path, items: Iterable[Any]) -> bool:
    """Replace the file by a list; a disk that refuses is said, and what was there stays."""
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
    scratch = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("w", encoding="utf-8") as file:
            file.writelines(texts)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error.strerror)
        return False
    return True

"""Small JSON files the collector keeps: replaced as a whole, a crash leaves the old or the new."""

import json
import logging
import os
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def read_json(path: Path) -> Any:
    """What is in the file; None where it is missing or cannot be read (which is said)."""
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read (%s): going on without it", path, error)
        return None


def write_json(path: Path, content: Any) -> bool:
    """Replace the file; a disk that refuses is said, and what was there stays."""
    scratch = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("w", encoding="utf-8") as file:
            file.write(json.dumps(content, separators=(",", ":")))  # dump() itself is many times slower
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error)
        return False
    return True

"""Files that people name on the command line: what the system refuses is one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from core.contract.errors import UserError


@contextmanager
def file_errors(path: Path, what: Literal["read", "written"]) -> Iterator[None]:
    """Raise UserError where a file or folder cannot be read or written."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{path} cannot be {what}: {error.strerror}.") from error


def write_spreadsheet(file: Path, text: str) -> None:
    """Write CSV with a byte order mark, by which spreadsheets know that it is UTF-8."""
    with file_errors(file, "written"):
        file.write_text(text, encoding="utf-8-sig", newline="")

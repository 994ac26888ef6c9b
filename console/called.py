"""How this program was called: commands that people are to copy begin like the one they typed."""

import os
import re
import shlex
import shutil
import sys
from functools import cache
from pathlib import Path
from typing import Final

from core.domain.text import one_line

NAME: Final = "printers"
CALLED_AS_VARIABLE: Final = "PRINTERS_CALLED_AS"
"""Set by what becomes this program (scripts/run.py, deploy/systemd/printers): `python3 scripts/run.py`."""
_COMMAND: Final = re.compile(r"(`|\[bold\]|&& )printers (?=[a-z-])")
"""How commands are written in help, errors and advice."""


@cache
def program() -> str:
    """Return what to type for this program: `printers`, its path, or `python3 scripts/run.py`."""
    called_as = os.environ.get(CALLED_AS_VARIABLE, "")
    if called_as and called_as == one_line(called_as):
        return called_as
    called = Path(sys.argv[0])
    if called.stem != NAME or _is_found(called):
        return NAME
    path = str(called.absolute())  # another terminal may be in another folder
    if os.name == "nt":
        return f"& '{path}'"
    return shlex.quote(path)


def as_called(text: str) -> str:
    """Return a text with its commands, `printers up`, as they are typed here."""
    typed = program()
    return text if typed == NAME else _COMMAND.sub(lambda found: f"{found[1]}{typed} ", text)


def with_data_dir(data_dir: Path) -> str:
    """Return what to type for this program in another terminal so that it finds this DATA_DIR."""
    if data_dir == Path("data").absolute():
        return program()
    if os.name == "nt":
        return f"$env:DATA_DIR='{data_dir}'; {program()}"
    return f"DATA_DIR={shlex.quote(str(data_dir))} {program()}"


def with_settings(file: Path) -> str:
    """Return what to type for this program so that it works with the settings of this file."""
    path = f"'{file}'" if os.name == "nt" else shlex.quote(str(file))
    return f"{program()} --env-file {path}"


def _is_found(called: Path) -> bool:
    """Return whether the shell finds this very program by its name."""
    found = shutil.which(NAME)
    try:
        return found is not None and called.exists() and Path(found).samefile(called)
    except OSError:
        return False

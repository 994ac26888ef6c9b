"""`printers` for tests: in this process, or as the real program."""

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from typer.testing import CliRunner, Result

from console.__main__ import make_app
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

WIDTH: Final = {"COLUMNS": "140", "TERM": "dumb", "NO_COLOR": "1"}


def printers(*arguments: str, env: Mapping[str, str] | None = None) -> Result:
    """Run a command here; `output` has both streams."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        return CliRunner().invoke(
            make_app(), list(arguments), env={**WIDTH, **(env or {})}, prog_name="printers"
        )
    finally:  # with DEBUG a command sends log lines to a stream that ends with it
        root.handlers[:] = handlers
        root.setLevel(level)


def call_printers(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command here; what it leaves is told as a process tells it. A traceback is raised."""
    said = printers(*arguments, env=env)
    if said.exception is not None and not isinstance(said.exception, SystemExit):
        raise said.exception
    return subprocess.CompletedProcess(arguments, said.exit_code, said.stdout, said.stderr)


def run_printers(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the real program in the current folder: about a second, for what only a process shows."""
    return subprocess.run(
        [sys.executable, "-m", "console", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **WIDTH, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=2 * PATIENCE_SECONDS,
        check=False,
    )

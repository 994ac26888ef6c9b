"""Linter, formatter, types and import rules are part of the tests; their settings stand in pyproject.toml."""

import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

import pytest

from tests.paths import ROOT

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(900),  # of everything at once, on a machine that is busy with other tests
]
CHECKS = {
    "lint": ["-m", "ruff", "check", "--output-format", "concise"],
    "format": ["-m", "ruff", "format", "--check", "--quiet"],
    # Services import the contract and never each other.
    "imports": ["-c", "from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"],
    "types": ["-m", "mypy"],
    # What only a POSIX system has (fork, fcntl, signals) does not pass for Windows, in tests as well.
    "types on Windows": [
        *("-m", "mypy", "--config-file", "tests/house/mypy_windows.ini"),
        *("--cache-dir", ".mypy_cache/win32"),
    ],
}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Popen[bytes], Path]]]:
    """All checks at once, each with the file of what it says: types take most of a minute."""
    folder = tmp_path_factory.mktemp("checks")
    running = {}
    for name, arguments in CHECKS.items():
        output = folder / name
        with output.open("wb") as file:
            command = [sys.executable, *arguments]
            running[name] = Popen(command, cwd=ROOT, stdin=DEVNULL, stdout=file, stderr=STDOUT), output
    yield running
    for process, _ in running.values():
        process.kill()
        process.wait()


@pytest.mark.parametrize("check", CHECKS)
def test_the_code_passes(check: str, started: dict[str, tuple[Popen[bytes], Path]]) -> None:
    process, output = started[check]
    assert process.wait() == 0, output.read_text(encoding="utf-8")

"""Linter, formatter, types and import rules are part of the tests; their settings stand in pyproject.toml."""

import subprocess
import sys

import pytest

from tests.paths import ROOT

pytestmark = pytest.mark.timeout(900)  # of everything at once, on a machine that is busy with other tests
CHECKS = {
    "lint": ["ruff", "check", "--output-format", "concise"],
    "format": ["ruff", "format", "--check", "--quiet"],
    "types": ["mypy"],
    # What only a POSIX system has (fork, fcntl, signals) does not pass for Windows, in tests as well.
    "types on Windows": ["mypy", "--platform", "win32", "--cache-dir", ".mypy_cache/win32"],
}


@pytest.mark.parametrize("check", CHECKS)
def test_the_code_passes(check: str) -> None:
    command = [sys.executable, "-m", *CHECKS[check]]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_services_import_the_contract_and_never_each_other() -> None:
    lint_imports = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    command = [sys.executable, "-c", lint_imports]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr

"""Commands are told as they are typed here: by name, by path, or by scripts/run.py."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.called import CALLED_AS_VARIABLE, as_called, program, with_data_dir, with_settings
from tests.console.cli import printers

RUN = "python3 scripts/run.py"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(CALLED_AS_VARIABLE, raising=False)
    program.cache_clear()
    yield
    program.cache_clear()


def test_a_program_on_the_path_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    there = tmp_path / "printers"
    there.write_text("#!/bin/sh\n", encoding="utf-8")
    there.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [str(there)])
    assert program() == "printers"


def test_a_program_elsewhere_is_called_by_its_whole_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", ["my env/bin/printers"])
    assert program() == f"'{tmp_path}/my env/bin/printers'"
    assert as_called("see `printers check`") == f"see `'{tmp_path}/my env/bin/printers' check`"


@pytest.mark.parametrize("argv", ["/usr/lib/python3/pytest", "-c"])
def test_a_module_is_called_as_the_documents_do(argv: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [argv])
    assert program() == "printers"


def test_help_errors_and_advice_begin_as_the_command_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CALLED_AS_VARIABLE, RUN)
    assert f"{RUN} poll HOST" in printers("--help").output
    assert f"Example: {RUN} users invite ada" in printers("users", "invite", "--help").output
    assert printers("users", "invite", "ada").exit_code == 0
    refused = printers("users", "password", "maya").output
    assert f"`{RUN} users list` shows all." in refused
    listed = printers("users", "list").output
    assert f"{RUN} users invite NAME --role admin" in listed
    assert f"`{RUN} up` runs everything on this machine" in printers("check").output


def test_words_that_are_no_command_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CALLED_AS_VARIABLE, RUN)
    assert as_called("[bold]printers check && printers up") == f"[bold]{RUN} check && {RUN} up"
    assert as_called("3 printers up and 2 printers added") == "3 printers up and 2 printers added"


def test_another_terminal_is_told_the_folder_or_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CALLED_AS_VARIABLE, RUN)
    monkeypatch.chdir(tmp_path)
    assert with_data_dir(tmp_path / "data") == RUN
    assert with_data_dir(tmp_path / "my data") == f"DATA_DIR='{tmp_path}/my data' {RUN}"
    assert with_settings(tmp_path / ".env") == f"{RUN} --env-file {tmp_path}/.env"


def test_what_cannot_be_typed_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CALLED_AS_VARIABLE, "printers\x1b[31m")
    monkeypatch.setattr(sys, "argv", ["-c"])
    assert program() == "printers"

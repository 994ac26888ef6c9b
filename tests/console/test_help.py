"""Help, version and the way commands fail."""

import subprocess
import sys

import pytest

from console.registry import COMMANDS
from console.up.options import SERVICES
from tests.console.cli import call_printers, printers, run_printers
from tests.paths import ROOT


def test_the_help_names_every_command_with_its_line() -> None:
    said = printers("--help")
    assert said.exit_code == 0
    for entry in COMMANDS:
        assert f" {entry.name} " in said.output
        assert entry.line in said.output


def test_without_arguments_the_help_is_shown() -> None:
    assert "Usage: printers" in printers().output


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    said = printers(name, "--help")
    assert said.exit_code == 0, said.output
    assert f"Usage: printers {name}" in said.output
    assert f"printers {name}" in said.output.split("Usage:")[1].split("\n", 1)[1], "an example"


def test_the_version_is_shown() -> None:
    said = run_printers("--version")
    assert (said.returncode, said.stdout.startswith("printers 0.")) == (0, True)


def test_a_mistyped_command_is_told_its_neighbor() -> None:
    said = printers("statsu")
    assert said.exit_code == 2
    assert "Did you mean 'status'?" in said.output


def test_help_imports_no_library_of_a_command() -> None:
    heavy = ("sqlalchemy", "pydantic", "paho", "sqlmodel", "alembic")
    code = (
        "import sys, contextlib, io\n"
        "from console.__main__ import make_app\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    make_app()(['--help'])\n"
        f"sys.exit(', '.join(name for name in {heavy} if name in sys.modules) or 0)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert said.returncode == 0, said.stderr


def test_what_a_person_can_mend_is_one_sentence_and_exit_code_2() -> None:
    said = run_printers("status", env={"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    assert said.returncode == 2
    assert said.stderr.startswith("error: the database postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert "Traceback" not in said.stderr


def test_a_setting_that_cannot_be_used_is_named() -> None:
    said = call_printers("status", env={"DATABASE_URL": "nonsense"})
    assert said.returncode == 2
    assert said.stderr.startswith("error: DATABASE_URL cannot be used")
    assert said.stderr.count("\n") == 1


def test_the_help_of_up_names_all_that_it_starts() -> None:
    text = printers("up", "--help").output
    for service in ("broker", *(spec.name for spec in SERVICES)):
        assert service in text, service

"""The systemd units, as systemd itself judges them; and that what they and Windows start is there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.runtime.env_file import ENV_FILE_VARIABLE, parse_env_file
from core.runtime.healthy import main
from tests.house.documents import command_of, commands_of
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
MODULES = ("collector", "processor", "notifier", "dashboard")


def analyze(unit: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """systemd-analyze on a unit whose programs are those of this environment."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    text = unit.read_text(encoding="utf-8")
    text = text.replace("/opt/printer-system/.venv/bin", str(Path(sys.executable).parent))
    copy = folder / unit.name.replace("@.", "@collector.")
    copy.write_text(text, encoding="utf-8")
    return subprocess.run(
        [program, *arguments, str(copy)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_a_unit(unit: Path, tmp_path: Path) -> None:
    said = analyze(unit, tmp_path, "verify", "--man=no")
    assert (said.returncode, unit.stem.rstrip("@") in said.stderr) == (0, False), said.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_hardened(unit: Path, tmp_path: Path) -> None:
    said = analyze(unit, tmp_path, "security", "--offline=true", "--no-pager", "--threshold=20")
    if "not supported" in said.stderr or "Unknown" in said.stderr or "unrecognized" in said.stderr:
        pytest.skip("this systemd-analyze does not judge files")
    assert said.returncode == 0, said.stdout[-600:] + said.stderr


def test_both_units_are_hardened_alike() -> None:
    one, other = (unit.read_text(encoding="utf-8").split("UMask")[1] for unit in UNITS)
    assert one == other


def test_what_is_started_is_there() -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in (*UNITS, ROOT / "deploy/windows/install-services.ps1")
    ]
    assert "-P -m %i" in "".join(texts)
    assert "up --plain" in texts[0]
    named = set(re.findall(r"\b(collector|processor|notifier|dashboard)\b", "".join(texts)))
    assert named == set(MODULES)
    for module in MODULES:
        assert (ROOT / module / "__main__.py").is_file()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_services_and_commands_read_one_settings_file(unit: Path) -> None:
    text = unit.read_text(encoding="utf-8")
    (file,) = re.findall(rf"^Environment={ENV_FILE_VARIABLE}=(.+)$", text, re.MULTILINE)
    wrapper = (ROOT / "deploy/systemd/printers").read_text(encoding="utf-8")
    guide = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (user,) = re.findall(r"^User=(.+)$", text, re.MULTILINE)
    assert f"sudo -u {user} /opt/printer-system/.venv/bin/printers --env-file {file} " in wrapper
    assert f"deploy/systemd/printers.env {file}" in guide
    others = set(re.findall(r"^EnvironmentFile=(.+)$", text, re.MULTILINE)) - {"-/etc/printers/%i.env"}
    assert (others, "DATA_DIR=" in text) == (set(), False)


def test_the_settings_file_of_the_guide_names_the_folder_of_the_units() -> None:
    template = ROOT / "deploy/systemd/printers.env"
    found = parse_env_file(template.read_text(encoding="utf-8"), template.name)
    for unit in UNITS:
        assert f"WorkingDirectory={found['DATA_DIR']}\n" in unit.read_text(encoding="utf-8")


@pytest.mark.skipif(not shutil.which("systemctl"), reason="systemctl is not installed")
def test_the_guide_puts_everything_where_the_units_look(tmp_path: Path) -> None:
    """The lines of the guide in a folder that stands for the root of a machine, without its users."""
    machine = tmp_path / "machine"
    for folder in ("etc/systemd/system", "usr/local/bin", "var/lib/printers"):
        (machine / folder).mkdir(parents=True)
    programs = Path(sys.executable).parent

    def run(line: str, *allowed: int) -> str:
        line = re.sub(r"^sudo (-u printers )?|-[go] printers |--now ", "", line)
        line = line.replace("systemctl", f"systemctl --root={machine}")
        line = line.replace("/opt/printer-system/.venv/bin", str(programs))
        line = re.sub(r" /(?=etc/|usr/|var/)", f" {machine}/", line)
        said = subprocess.run(
            ["sh", "-c", line],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "500"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert said.returncode in {0, *allowed}, f"{line}: {said.stderr}"
        return said.stdout + said.stderr

    for line in commands_of(ROOT / "docs/operations.md"):
        if line.startswith(("sudo install ", "sudo cp ", "sudo systemctl enable ")):
            run(line)
    enabled = {path.name for path in (machine / "etc/systemd/system/multi-user.target.wants").iterdir()}
    assert enabled == {"printers-up.service", *(f"printers@{module}.service" for module in MODULES)}
    assert os.access(machine / "usr/local/bin/printers", os.X_OK)
    settings = machine / "etc/printers/printers.env"
    assert settings.stat().st_mode & 0o777 == 0o640
    data = str(machine / "var/lib/printers")
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("/var/lib/printers", data), encoding="utf-8"
    )
    said = run(command_of("docs/operations.md", "sudo -u printers "), 1)
    assert str(settings) in said
    assert data in said


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
def test_the_wrapper_hands_on_every_argument(tmp_path: Path) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    sudo.chmod(0o755)
    said = subprocess.run(
        ["sh", ROOT / "deploy/systemd/printers", "add", "10.0.0.5", "--name", "Room 1"],
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.splitlines()[7:] == ["add", "10.0.0.5", "--name", "Room 1"]


@pytest.mark.parametrize("arguments", [[], ["ftp://x"], ["http://x", "a", "b"]])
def test_a_health_check_that_is_called_wrongly_says_how(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "usage" in capsys.readouterr().err

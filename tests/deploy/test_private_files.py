"""Whatever a process of ours makes is its owner's alone, whatever the umask it was started with."""

import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.brokers import free_port
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes of files")

MADE = {"collector": "spool", "processor": "db.sqlite3"}
"""What a service makes in DATA_DIR at its start; notifier and dashboard what the processor makes."""


def environment(data_dir: Path) -> dict[str, str]:
    ours = {
        "DATA_DIR": str(data_dir),
        "PYTHONPATH": str(ROOT),
        "MQTT_HOST": "127.0.0.1",
        "MQTT_PORT": str(free_port()),  # where nobody listens
        "DASHBOARD_LISTEN": f"127.0.0.1:{free_port()}",
        "SECRET_KEY": "a key of the tests, long enough for anybody",
    }
    return {**os.environ, **ours}


def open_to_others(folder: Path) -> list[str]:
    """What in a folder, or it itself, somebody else may read or write."""
    return [
        f"{path} {stat.S_IMODE(path.lstat().st_mode):o}"
        for path in (folder, *folder.rglob("*"))
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


@pytest.mark.parametrize("service", MADE)
def test_a_service_closes_its_data_to_others(service: str, tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    data_dir.chmod(0o755)  # as an earlier version made it
    log = (tmp_path / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", service],
        cwd=tmp_path,
        env=environment(data_dir),
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        umask=0,
    )
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not any(MADE[service] in path.name for path in data_dir.rglob("*")):
            assert process.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.1)
        assert open_to_others(data_dir) == []
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        log.close()


def test_a_command_makes_data_that_is_closed_to_others(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-m", "console", "add", "192.0.2.1"],
        cwd=tmp_path,
        env=environment(data_dir),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=0,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert any(data_dir.iterdir())
    assert open_to_others(data_dir) == []


def test_every_entry_begins_by_closing_its_files() -> None:
    entries = [
        path
        for path in ROOT.glob("*/**/__main__.py")
        if path.relative_to(ROOT).parts[0] not in {".venv", "tests"}
    ]
    assert len(entries) >= 7
    for path in entries:
        body = re.search(r"def main\(.*?\n    \"\"\".*?\"\"\"\n(?P<first>.*?)\n", path.read_text(), re.S)
        assert body, path
        assert body["first"].strip() == "keep_files_private()", path


def test_on_windows_data_and_settings_are_for_administrators_and_the_services_alone() -> None:
    script = (ROOT / "deploy/windows/install-services.ps1").read_text(encoding="utf-8")
    protect = script.index('Protect-Path $data "(OI)(CI)" "M"')
    assert "icacls $Path /inheritance:r" in script
    assert '"*S-1-5-32-544", "*S-1-5-18", "*S-1-5-19"' in script  # also where groups have other names
    assert 'Protect-Path $settingsFile "" "R"' in script
    for start in ("Start-ScheduledTask", "& $Nssm start"):
        assert script.index(start) > protect

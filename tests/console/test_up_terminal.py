"""`printers up` on a terminal: the live view, with the first admin's link in it and in no log."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.brokers import free_port
from tests.console.embedded import all_gone, family
from tests.console.runs import LINK, OF_SYSTEMD, UP, holders_of
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal")


@dataclass(frozen=True)
class Seen:
    """A run on a terminal of 80 columns that has been ended by Ctrl-C."""

    picture: str
    code: int
    processes: list[psutil.Process]
    folder: Path


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What a person sees who waits for the first service and the link."""
    assert hasattr(os, "openpty")
    folder = tmp_path_factory.mktemp("terminal")
    ours, theirs = os.openpty()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in OF_SYSTEMD},
        "PYTHONPATH": str(ROOT),
        "MQTT_PORT": str(free_port()),
        "DASHBOARD_LISTEN": f"127.0.0.1:{free_port()}",
        "DATA_DIR": str(folder / "data"),
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        "LINES": "24",
    }
    process = subprocess.Popen(
        UP[:-1], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    picture, deadline = "", time.monotonic() + PATIENCE_SECONDS
    while not ("running" in picture and LINK.search(picture)) and time.monotonic() < deadline:
        picture += _read(ours)
    processes = family(process)
    process.send_signal(signal.SIGINT)
    while chunk := _read(ours):
        picture += chunk
    code = process.wait(PATIENCE_SECONDS)
    os.close(ours)
    return Seen(picture, code, processes, folder)


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # the other side has closed it
        return ""


def test_a_terminal_gets_the_live_view_and_ctrl_c_gives_it_back(seen: Seen) -> None:
    assert seen.code == 0
    assert all_gone(seen.processes)
    assert "Services" in seen.picture
    assert "\x1b[?1049h" in seen.picture  # the other screen and back
    assert "\x1b[?1049l" in seen.picture
    assert "Stopped. The log is in" in seen.picture.replace("\r\n", "")


def test_the_link_of_the_first_admin_stands_in_the_view_and_in_no_file(seen: Seen) -> None:
    found = LINK.search(seen.picture)
    assert found, seen.picture
    assert not holders_of(found[1], seen.folder / "data")

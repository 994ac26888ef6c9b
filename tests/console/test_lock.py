"""The lock of a DATA_DIR, between real processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from console.lock import DataDirLock, DataDirTaken
from tests.paths import ROOT

_HOLD = """
import sys
from pathlib import Path
from console.lock import DataDirLock
with DataDirLock(Path(sys.argv[1]), "printers up"):
    print("held", flush=True)
    sys.stdin.read()
"""


def _holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_one_is_told_who_holds_it(tmp_path: Path) -> None:
    with _holder(tmp_path) as process:
        with pytest.raises(DataDirTaken, match=rf"printers up \(process {process.pid}\) is running in"):
            DataDirLock(tmp_path, "printers restore").acquire()
        process.communicate()
    with DataDirLock(tmp_path, "printers restore"):
        pass


def test_the_death_of_its_holder_frees_it(tmp_path: Path) -> None:
    with _holder(tmp_path) as process:
        process.kill()
        process.communicate()
    with DataDirLock(tmp_path, "printers up"):
        pass


def test_it_can_be_taken_again_after_its_release(tmp_path: Path) -> None:
    lock = DataDirLock(tmp_path / "not there yet", "printers up")
    for _ in range(2):
        lock.acquire()
        lock.release()
    lock.release()

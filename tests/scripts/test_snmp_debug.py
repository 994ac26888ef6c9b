"""The old SNMP debugging script: another name for `printers poll`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT


@pytest.mark.parametrize(
    ("given", "poll"), [(["10.0.0.5", "--raw"], ["10.0.0.5", "--raw"]), ([], ["--help"])]
)
def test_it_starts_poll_by_run_py(given: list[str], poll: list[str]) -> None:
    shutil.copy(ROOT / "scripts" / "snmp_debug.py", "snmp_debug.py")
    Path("run.py").write_text("import sys\nif __name__ == '__main__':\n    print(sys.argv[1:])\n")
    said = subprocess.run(
        [sys.executable, "snmp_debug.py", *given], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"{['poll', *poll]}\n"

"""scripts/bench.py runs everything for real and prints its figures as JSON."""

import json
import subprocess
import sys
from pathlib import Path

from tests.paths import ROOT

BENCH = [sys.executable, str(ROOT / "scripts" / "bench.py")]


def test_its_help_says_what_is_measured() -> None:
    done = subprocess.run([*BENCH, "--help"], capture_output=True, text=True, check=True, timeout=90)
    for words in ("--printers", "--seconds", "--responder", "0.5 ms", "150 MB"):
        assert words in done.stdout


def test_it_measures_the_three_processes_on_simulated_printers(tmp_path: Path) -> None:
    options = ["--printers", "30", "--seconds", "2", "--interval", "1", "--responder", "simulator"]
    done = subprocess.run(
        [*BENCH, *options], capture_output=True, text=True, check=False, timeout=250, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["printers"] == 30
    assert found["responder"] == "simulator"
    assert found["burst"]["printers_per_second"] > 0
    for service in ("collector", "broker", "processor"):
        figures = found["steady"][service]
        assert figures["cpu_ms_per_reading"] > 0 or service == "broker"  # clocks tick in hundredths
        assert figures["rss_mb"] > 1
    assert {(goal["service"], goal["figure"]) for goal in found["goals"]} >= {
        ("collector", "cpu_ms_per_reading"),
        ("processor", "cpu_ms_per_reading"),
        ("processor", "rss_mb"),
    }
    assert list(tmp_path.iterdir()) == []

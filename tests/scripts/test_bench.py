"""scripts/bench.py runs everything for real and prints its figures as JSON."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core.contract.printer_mib import COLUMN_OID
from scripts.bench_others import exporter_config, telegraf_config
from tests.paths import ROOT

BENCH = [sys.executable, str(ROOT / "scripts" / "bench.py")]


def test_its_help_says_what_is_measured() -> None:
    done = subprocess.run([*BENCH, "--help"], capture_output=True, text=True, check=True, timeout=90)
    for words in ("--printers", "--seconds", "--changing", "0.40 ms", "150 MB"):
        assert words in done.stdout


@pytest.mark.parametrize("kind", [[], ["--living"]])
def test_it_measures_the_three_processes_on_simulated_printers(kind: list[str], tmp_path: Path) -> None:
    options = ["--printers", "30", "--seconds", "2", "--interval", "1", *kind]
    done = subprocess.run(
        [*BENCH, *options], capture_output=True, text=True, check=False, timeout=250, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["printers"] == 30
    assert found["responder"] == ("recordings" if sys.platform == "linux" and not kind else "simulator")
    if found["responder"] == "recordings":
        assert found["changing_percent"] == 15
        assert 1 <= found["steady"]["requests_per_reading"] < 20
        assert found["steady"]["octets_per_reading"] > 500
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


def test_storing_is_measured_by_batches() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "bench_store.py"), "--printers", "30", "--batch", "10"]
    done = subprocess.run(script, capture_output=True, text=True, check=False, timeout=250)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["readings"] == 150
    assert found["cpu_ms_per_reading"] > 0
    assert {goal["figure"] for goal in found["goals"]} == {
        "cpu_ms_per_reading",
        "octets_written_per_reading",
    }


def test_other_pollers_are_asked_for_every_column_of_ours() -> None:
    exporter, telegraf = exporter_config(), telegraf_config(["127.0.0.1"], 161)
    for name in COLUMN_OID:
        assert f"  - name: {name}\n" in exporter
        assert f'name = "{name}"' in telegraf
    assert "udp://127.0.0.1:161" in telegraf
    tables = {COLUMN_OID[name].rpartition(".")[0] for name in ("prtAlertCode", "prtMarkerSuppliesLevel")}
    assert all(f"  - {table}\n" in exporter for table in tables)

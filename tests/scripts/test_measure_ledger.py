"""scripts/measure_ledger.py: the ledger finds nearly every replacement, and hardly any that was none."""

import json
import subprocess
import sys

from tests.paths import ROOT

SCRIPT = [sys.executable, str(ROOT / "scripts" / "measure_ledger.py")]


def test_nearly_all_replacements_are_found_and_hardly_any_is_false() -> None:
    done = subprocess.run(
        [*SCRIPT, "--json", "--seed", "1", "--printers", "10"],
        capture_output=True,
        text=True,
        check=False,
        timeout=550,
    )
    figures = json.loads(done.stdout)
    assert len(figures) >= 8
    poor = [one for one in figures if one["found_percent"] < 95 or one["false_percent"] > 1]
    assert poor == [] and done.returncode == 0
    assert all(one["replaced"] >= 100 for one in figures)

"""`printers history` and `printers influx`, from the terminal to a server and back."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet.settings import HistorySettings
from processor.history.embedded import EmbeddedSeries
from tests.console.cli import run_printers
from tests.processor.history_points import NOON, point, stored
from tests.processor.paper_influx import paper_influx
from tests.processor.victoria import victoria

YESTERDAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


def fill(folder: Path, printers: int) -> None:
    series = EmbeddedSeries(HistorySettings(data_dir=folder))
    series.write([point(YESTERDAY - NOON, f"p-{n}") for n in range(printers)])
    while series.tidy(datetime.now(UTC)):
        pass
    series.close()


def test_history_is_copied_to_a_server_and_back(tmp_path: Path) -> None:
    fill(tmp_path / "data", 3)
    with victoria(tmp_path) as server:
        settings = {"INFLUXDB_URL": server.url, "DATA_DIR": str(tmp_path / "data")}
        said = run_printers("history", "copy", "--to", "influx", env=settings)
        assert (said.returncode, said.stdout) == (0, "✔ 3 printers, 3 points, 3 sums of days\n"), said.stderr
        server.flush()
        before = stored(tmp_path / "data", "p-2")
        shutil.rmtree(tmp_path / "data")
        said = run_printers("history", "copy", "--to", "embedded", env=settings)
        assert (said.returncode, said.stdout) == (0, "✔ 3 printers, 3 points, 3 sums of days\n"), said.stderr
    assert stored(tmp_path / "data", "p-2") == before != []


def test_without_a_server_copy_and_setup_say_so_in_one_sentence() -> None:
    for command in (("history", "copy", "--to", "influx"), ("influx", "setup")):
        said = run_printers(*command)
        assert (said.returncode, said.stdout) == (2, "")
        assert said.stderr.startswith("error: INFLUXDB_URL is not set")
        assert said.stderr.count("\n") == 1


def test_setup_says_what_it_has_done() -> None:
    with paper_influx() as paper:
        settings = {"INFLUXDB_URL": paper.url, "INFLUXDB_TOKEN": "t"}
        said = run_printers("influx", "setup", env=settings)
        assert said.returncode == 0, said.stderr
        assert said.stdout.splitlines()[0] == "bucket printers: made, keeps points for 90 days"
        assert "printers: days" in paper.tasks
        again = run_printers("influx", "setup", "--set-retention", env=settings)
        assert "bucket printers: keeps points for 90 days" in again.stdout

"""`printers history` and `printers influx`, from the terminal to a server and back."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from core.runtime.settings import DatabaseSettings, HistorySettings
from core.storage.database import open_database, writing
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.influx.lines import lines_of
from core.timeseries.points import milliseconds
from processor.tables import REFUSED_POINTS
from tests.console.cli import call_printers
from tests.processor.history_points import NOON, point, stored
from tests.processor.paper_influx import paper_influx
from tests.processor.victoria import victoria

YESTERDAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
"""Its beginning: InfluxDB keeps weeks apart, and a day lies in one."""


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
        said = call_printers("history", "copy", "--to", "influx", env=settings)
        assert (said.returncode, said.stdout) == (0, "✔ 3 printers, 3 points, 3 sums of days\n"), said.stderr
        server.flush()
        before = stored(tmp_path / "data", "p-2")
        shutil.rmtree(tmp_path / "data")
        said = call_printers("history", "copy", "--to", "embedded", env=settings)
        assert (said.returncode, said.stdout) == (0, "✔ 3 printers, 3 points, 3 sums of days\n"), said.stderr
    assert stored(tmp_path / "data", "p-2") == before != []


def test_without_a_server_copy_and_setup_say_so_in_one_sentence() -> None:
    for command in (("history", "copy", "--to", "influx"), ("influx", "setup")):
        said = call_printers(*command)
        assert (said.returncode, said.stdout) == (2, "")
        assert said.stderr.startswith("error: INFLUXDB_URL is not set")
        assert said.stderr.count("\n") == 1


def test_setup_says_what_it_has_done() -> None:
    with paper_influx() as paper:
        settings = {"INFLUXDB_URL": paper.url, "INFLUXDB_TOKEN": "t"}
        said = call_printers("influx", "setup", env=settings)
        assert said.returncode == 0, said.stderr
        assert said.stdout.splitlines()[0] == "bucket printers: made, keeps points for 90 days"
        assert "printers: days" in paper.tasks
        again = call_printers("influx", "setup", "--set-retention", env=settings)
        assert "bucket printers: keeps points for 90 days" in again.stdout


OLD = "422: points beyond retention policy"


def refuse(folder: Path, count: int) -> None:
    """Refused points of yesterday, a minute apart, as the processor keeps them."""
    points = [point(YESTERDAY - NOON + timedelta(minutes=n)) for n in range(count)]
    engine = open_database(DatabaseSettings(data_dir=folder))
    with writing(engine) as connection:
        base = {"reason": OLD, "at": datetime.now(UTC) - timedelta(hours=3)}
        connection.execute(
            insert(REFUSED_POINTS), [{"payload": each.model_dump_json(), **base} for each in points]
        )
    engine.dispose()


def test_refused_points_are_shown_by_reason_and_sent_again(tmp_path: Path) -> None:
    refuse(tmp_path / "data", 1200)
    with paper_influx() as paper:
        settings = {"INFLUXDB_URL": paper.url, "INFLUXDB_TOKEN": "t", "DATA_DIR": str(tmp_path / "data")}
        dry = call_printers("history", "resend-refused", "--dry-run", env=settings)
        assert (dry.returncode, paper.writes) == (0, 0), dry.stderr
        assert dry.stdout == (
            f"1,200 refused points would be sent again:\n    1,200  {OLD} (the last 3 h ago)\n"
        )
        sent = call_printers("history", "resend-refused", env=settings)
        assert (sent.returncode, sent.stdout) == (0, "✔ 1,200 points sent, 0 refused again.\n"), sent.stderr
        assert (len(paper.storage.stored), paper.writes) == (3600, 1)
        again = call_printers("history", "resend-refused", env=settings)
        assert again.stdout == "No refused point of history is kept: there is nothing to send.\n"
        assert again.returncode == 0


def test_what_is_refused_again_is_told_with_its_reason(tmp_path: Path) -> None:
    refuse(tmp_path / "data", 1000)
    with paper_influx() as paper:
        for each in (point(YESTERDAY - NOON - timedelta(days=7)), point(YESTERDAY - NOON)):
            paper.storage.write(lines_of(each))  # the fields have their types
        paper.storage.take_type(milliseconds(YESTERDAY), "printer", "marker_life_count", "float")
        settings = {"INFLUXDB_URL": paper.url, "INFLUXDB_TOKEN": "t", "DATA_DIR": str(tmp_path / "data")}
        said = call_printers("history", "resend-refused", env=settings)
    assert said.returncode == 1, said.stderr
    first, reason = said.stdout.splitlines()
    assert first == "▲ 0 points sent, 1,000 refused again."
    assert reason == (
        '    1,000  422: partial write: field type conflict: input field "marker_life_count" on measurement '
        '"printer" is type integer, already exists as type float'
    )


def test_while_the_time_series_is_away_the_refused_points_stay(tmp_path: Path) -> None:
    refuse(tmp_path / "data", 3)
    settings = {"INFLUXDB_URL": "http://127.0.0.1:9", "DATA_DIR": str(tmp_path / "data")}
    said = call_printers("history", "resend-refused", env=settings)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith("error: the time series at http://127.0.0.1:9 does not answer")
    assert said.stderr.count("\n") == 1
    dry = call_printers("history", "resend-refused", "--dry-run", env=settings)
    assert dry.stdout.startswith("3 refused points would be sent again:")


def test_without_a_database_there_is_nothing_to_send_and_none_is_made(tmp_path: Path) -> None:
    said = call_printers("history", "resend-refused", env={"DATA_DIR": str(tmp_path / "data")})
    assert said.returncode == 2
    assert said.stderr.startswith(f"error: there is no database {tmp_path / 'data' / 'db.sqlite3'}")
    assert not (tmp_path / "data").exists()

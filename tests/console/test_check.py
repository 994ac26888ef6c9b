"""`check`: what it finds in real surroundings, and that every finding says how to mend it."""

import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from console.check.database import check_database
from core.contract.errors import DatabaseError
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, open_existing_database, writing
from core.storage.tables import RefusedPoint, ServiceRow
from tests.brokers import BROKERS, free_port
from tests.builders import put
from tests.console.checked import findings, levels, said
from tests.console.cli import printers
from tests.console.embedded import running_broker
from tests.console.small_fleet import fill
from tests.processor.paper_influx import paper_influx, parameters
from tests.processor.victoria import victoria

_NOBODY = 65534


def test_an_empty_folder_is_no_error_and_says_what_comes_next() -> None:
    found = findings()
    assert levels(found, "settings") == ["ok"]
    assert levels(found, "database") == ["warning"]
    assert f"there is no database {Path('data/db.sqlite3').absolute()}" in said(found, "database")
    assert f"there is no .env in {Path.cwd()}" in said(found, "database")
    assert "printers up" in said(found, "broker")
    assert levels(found, "time series") == ["ok"]
    assert list(Path.cwd().iterdir()) == [], "looking makes nothing"


def test_a_new_database_says_what_comes_next() -> None:
    open_database(DatabaseSettings()).dispose()
    found = findings()
    assert levels(found, "database") == ["ok"]
    assert "printers up" in said(found, "services")
    assert "printers import" in said(found, "SNMP")


def test_people_get_a_verdict() -> None:
    shown = printers("check")
    assert shown.exit_code == 0
    assert "Nothing is broken; " in shown.output
    assert "▲ warning" in shown.output


def test_every_wrong_setting_is_named_and_the_rest_is_not_guessed() -> None:
    found = findings({"MQTT_PORT": "99999", "SNMP_TIMEOUT": "soon"})
    assert levels(found, "settings") == ["error", "error"]
    assert "MQTT_PORT" in said(found, "settings")
    assert "SNMP_TIMEOUT" in said(found, "settings")
    assert set(found) == {"settings"}


def test_a_wrong_setting_that_several_services_read_is_named_once() -> None:
    assert levels(findings({"TIME_ZONE": "Mars"}), "settings") == ["error"]


def test_a_secret_whose_file_is_away_is_one_sentence() -> None:
    text = said(findings({"SECRET_KEY_FILE": "away"}), "settings")
    assert "the file away cannot be read: No such file or directory. " in text


def test_a_mistyped_name_in_env_is_found() -> None:
    Path(".env").write_text("SNMP_COMUNITY=secret\nUNRELATED=1\nSNMP_TIMEOUT=1\n")
    found = findings()
    assert levels(found, "settings") == ["ok", "warning"]
    assert "SNMP_COMUNITY" in said(found, "settings")
    assert "Did you mean SNMP_COMMUNITY?" in said(found, "settings")


def test_what_is_no_setting_any_more_is_told_with_its_value_and_its_place() -> None:
    Path(".env").write_text("SPOOL_MAX_READINGS=1000\n", encoding="utf-8")
    found = findings({"BATCH_READINGS": "50"})
    assert levels(found, "settings") == ["ok", "warning", "warning"]
    assert (
        "BATCH_READINGS is no setting any more: it is fixed at 500; remove it. It is set in the environment."
    ) in said(found, "settings")
    assert (
        "SPOOL_MAX_READINGS is no setting any more: it is fixed at 500000; remove it. It is set in .env."
    ) in said(found, "settings")


def test_a_database_that_is_away_is_an_error() -> None:
    found = findings({"DATABASE_URL": "postgresql://nobody:hush@127.0.0.1:1/none"})
    assert levels(found, "database") == ["error"]
    assert "hush" not in str(found)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_database_that_cannot_be_written_is_an_error() -> None:
    open_database(DatabaseSettings()).dispose()
    Path("data/db.sqlite3").chmod(0o400)
    assert "error" in levels(findings(), "database")


def _act_as(user: int) -> None:
    if sys.platform != "win32":
        os.seteuid(user)


@pytest.fixture
def files_of_root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with everything that a run of root left, readable by all; the test is somebody else."""
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    with TemporaryDirectory() as folder:
        monkeypatch.chdir(folder)
        findings()  # imports what somebody else may not be able to read
        open_database(DatabaseSettings()).dispose()
        for name in ("broker", "collector"):
            Path("data", name).mkdir()
        Path("data/broker/credentials.json").write_text("{}")
        with closing(sqlite3.connect("data/history.sqlite3")) as base:
            base.execute("CREATE TABLE points (at)")
        for path in (Path(folder), *Path(folder).rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        Path("data/broker/credentials.json").chmod(0o600)
        _act_as(_NOBODY)
        try:
            yield Path(folder)
        finally:
            _act_as(0)


_OF_ROOT = "it belongs to the user root, and this runs as "


def test_files_of_another_user_are_told_with_their_owner(files_of_root: Path) -> None:
    found = findings()
    for subject in ("database", "time series"):
        assert levels(found, subject) == ["error"], subject
        assert f"attempt to write a readonly database ({_OF_ROOT}" in said(found, subject)
        assert "Run this as the user of the services" in said(found, subject)
    assert "cannot be read: Permission denied Run this as the user of the services" in said(found, "broker")


def test_a_folder_of_another_user_is_told_with_its_owner(files_of_root: Path) -> None:
    _act_as(0)
    (files_of_root / "data").chmod(0o700)
    _act_as(_NOBODY)
    found = findings()
    for subject in ("database", "time series"):
        assert levels(found, subject) == ["error"], subject
        assert f"Permission denied ({_OF_ROOT}" in said(found, subject)


def test_who_opens_a_database_of_another_user_is_told_its_owner(files_of_root: Path) -> None:
    with pytest.raises(
        DatabaseError,
        match=re.escape(f"db.sqlite3 cannot be opened: attempt to write a readonly database ({_OF_ROOT}"),
    ):
        open_existing_database(DatabaseSettings(data_dir=files_of_root / "data"))


def test_a_folder_in_which_nothing_can_be_written_is_told_before_there_is_a_database(
    files_of_root: Path,
) -> None:
    found = findings({"DATA_DIR": str(files_of_root / "new" / "data")})
    assert levels(found, "database") == ["warning", "error"]
    assert f"nothing can be written in {files_of_root} ({_OF_ROOT}" in said(found, "database")


def test_a_file_in_the_place_of_the_data_folder_is_told() -> None:
    Path("data").write_text("")
    assert f"{Path('data').absolute()} is no folder" in said(findings(), "database")


def test_a_database_of_a_newer_program_is_no_damage() -> None:
    engine = open_database(DatabaseSettings())
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    found = said(findings(), "database")
    assert "schema 9999" in found
    assert "Install the newer program, or restore a backup of the older one." in found


def test_no_password_in_the_address_of_the_database_is_told(tmp_path: Path) -> None:
    address = "postgresql://ada:s3cret@db.example/printers?password=s3cret&sslpassword=s3cret"
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    findings = check_database(DatabaseSettings(data_dir=tmp_path, database_url=SecretStr(address)), engine)
    told = " ".join(each.text for each in findings)
    engine.dispose()
    assert "db.example" in told
    assert "s3cret" not in told


def test_services_are_known_by_their_heartbeats() -> None:
    fill(open_database(DatabaseSettings()))
    found = findings({"SNMP_TIMEOUT": "0.1", "SNMP_RETRIES": "0"})
    assert levels(found, "services") == ["ok", "warning", "warning", "ok", "ok"]
    assert "the notifier has never reported: no summary" in said(found, "services")
    assert "the dashboard has never reported" in said(found, "services")
    assert "asks 1 printer of the site annex" in said(found, "services")
    assert levels(found, "SNMP") == ["error"]


def test_a_notifier_or_dashboard_that_died_and_a_collector_that_hears_no_traps_are_told() -> None:
    engine = open_database(DatabaseSettings())
    now = datetime.now(UTC)
    fill(engine, now)
    put(
        engine,
        ServiceRow(
            service="notifier",
            instance="here",
            status="online",
            seen_at=now - timedelta(hours=2),
            counters={},
        ),
        ServiceRow(service="dashboard", instance="here", status="offline", seen_at=now, counters={}),
        ServiceRow(service="dashboard", instance="other", status="online", seen_at=now, counters={}),
        ServiceRow(
            service="collector",
            instance="deaf",
            site="annex",
            status="online",
            seen_at=now + timedelta(seconds=1),
            counters={"trap_port_missing": 1},
        ),
    )
    found = findings({"SNMP_TIMEOUT": "0.1", "SNMP_RETRIES": "0"})
    assert "the notifier was last heard of 2 h ago" in said(found, "services")
    assert "the dashboard on other lives" in said(found, "services")
    assert "the collector on deaf hears no traps: its UDP port is not open" in said(found, "services")


def test_a_printer_whose_profile_is_missing_is_an_error() -> None:
    printers("add", "127.0.0.1:1", "--profile", "secure")
    found = findings()
    assert levels(found, "SNMP") == ["error"]
    assert "SNMP_PROFILES" in said(found, "SNMP")


@pytest.mark.parametrize("kind", BROKERS)
def test_a_broker_that_takes_us_is_proved_by_an_echo(kind: str) -> None:
    with BROKERS[kind]() as broker:
        found = findings({"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port)})
    assert levels(found, "broker") == ["ok", "ok"], found["broker"]


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_a_user_who_may_not_ask_for_a_reading_is_found_although_the_broker_acknowledges(
    kind: str, tmp_path: Path
) -> None:
    with running_broker(kind, tmp_path) as (_, credentials):
        notifier = findings(credentials.environment("notifier"))
        console = findings(credentials.environment("console"))
        embedded = findings({"DATA_DIR": str(tmp_path / "data")})
        stranger = findings({**credentials.environment("reader"), "MQTT_PASSWORD": "wrong"})
    assert levels(notifier, "broker") == ["ok", "error"]
    # mosquitto accepts every subscription and then delivers nothing; amqtt refuses it.
    assert re.search("does not come back|does not let us read", said(notifier, "broker"))
    assert levels(console, "broker") == levels(embedded, "broker") == ["ok", "ok"]
    assert levels(stranger, "broker") == ["error"]
    assert "MQTT_PASSWORD" in said(stranger, "broker")


def test_a_broker_that_is_away_is_an_error_only_where_it_is_not_ours(tmp_path: Path) -> None:
    port = free_port()
    found = findings({"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(port)})
    assert levels(found, "broker") == ["error"]
    (tmp_path / "data/broker").mkdir(parents=True)
    kept = {"host": "127.0.0.1", "port": port, "passwords": {"console": "x"}}
    (tmp_path / "data/broker/credentials.json").write_text(json.dumps(kept))
    assert levels(findings(), "broker") == ["warning"]


def influx_settings(url: str) -> dict[str, str]:
    return {"INFLUXDB_URL": url, "INFLUXDB_TOKEN": "t0ken", "INFLUXDB_BUCKET": "levels"}


@pytest.mark.parametrize(
    ("status", "level", "says"),
    [
        (401, "error", "Give INFLUXDB_TOKEN the right to write to levels"),
        (404, "error", "INFLUXDB_BUCKET"),
        (500, "error", "refuses a write into levels (500)"),
    ],
)
def test_a_time_series_that_refuses_writes_is_an_error(status: int, level: str, says: str) -> None:
    with paper_influx() as paper:
        paper.write_statuses["levels"] = status
        found = findings(influx_settings(paper.url))
    assert levels(found, "time series") == [level]
    assert says in said(found, "time series")
    assert "t0ken" not in str(found)


def test_writing_and_reading_are_tried_and_nothing_is_left_in_the_bucket() -> None:
    with paper_influx() as paper:
        paper.buckets["levels_daily"] = {}
        found = findings(influx_settings(paper.url))
    assert levels(found, "time series") == ["ok", "ok"]
    assert paper.tokens == ["Token t0ken"] * 2
    assert {bucket: lines for bucket, lines in paper.lines.items() if lines} == {}
    assert {parameters(query)["_bucket"] for query in paper.queries} == {"levels", "levels_daily"}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_time_series_that_cannot_be_read_is_an_error(status: int) -> None:
    """A token that may only write, or Flux switched off: charts and forecasts would stay empty."""
    with paper_influx() as paper:
        paper.status = status
        found = findings(influx_settings(paper.url))
    assert levels(found, "time series") == ["ok", "error"]
    assert f"points can be written but not read: the time series at {paper.url} answers {status}" in said(
        found, "time series"
    )
    assert "flux-enabled" in said(found, "time series")


@pytest.mark.parametrize(
    ("version", "says"),
    [
        ("1.13.2", "Make the databases levels and levels_daily there, set flux-enabled = true"),
        ("3.9.2", "it has no Flux, so it can be written and never read"),
    ],
)
def test_an_influxdb_of_another_version_is_told_what_it_lacks(version: str, says: str) -> None:
    with paper_influx() as paper:
        paper.version, paper.status = version, 500
        found = findings(influx_settings(paper.url))
        assert levels(found, "time series") == ["ok", "error"]
        assert says in said(found, "time series")
        paper.write_statuses["levels"] = 404
        found = findings(influx_settings(paper.url))
    assert levels(found, "time series") == ["error"]
    assert says in said(found, "time series")


def test_an_influxdb_that_was_never_set_up_is_told_with_the_command() -> None:
    with paper_influx() as paper:
        paper.write_statuses["levels_daily"] = 404
        found = findings(influx_settings(paper.url))
    assert levels(found, "time series") == ["ok", "ok", "warning"]
    assert "there is no bucket levels_daily" in said(found, "time series")
    assert "printers influx setup" in said(found, "time series")


def test_victoriametrics_needs_no_second_bucket_and_keeps_no_trace(tmp_path: Path) -> None:
    with victoria(tmp_path) as server:
        found = findings(influx_settings(server.url))
        assert levels(found, "time series") == ["ok", "ok"]
        assert server.points('{__name__!=""}') == {}


def test_a_time_series_that_is_away_is_an_error() -> None:
    assert levels(findings({"INFLUXDB_URL": "http://127.0.0.1:1"}), "time series") == ["error"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "nonsense"])
def test_a_time_series_that_is_nowhere_in_the_web_is_a_wrong_setting(url: str) -> None:
    assert "INFLUXDB_URL: " in said(findings({"INFLUXDB_URL": url}), "settings")


def test_a_history_file_that_is_none_is_an_error() -> None:
    Path("data").mkdir()
    Path("data/history.sqlite3").write_text("no database, but long enough to be looked at" * 50)
    assert levels(findings(), "time series") == ["error"]


def test_refused_points_are_told_with_their_reasons_and_the_command() -> None:
    engine = open_database(DatabaseSettings())
    reasons = ["422: points beyond retention policy"] * 3 + ["400: unable to parse: missing fields"]
    put(engine, *(RefusedPoint(payload="{}", reason=each, at=datetime.now(UTC)) for each in reasons))
    engine.dispose()
    found = findings()
    assert levels(found, "time series") == ["ok", "warning"]
    assert (
        "4 points were refused by the time series: 3 with “422: points beyond retention policy”; "
        "1 with “400: unable to parse: missing fields”"
    ) in said(found, "time series")
    assert "printers history resend-refused" in said(found, "time series")

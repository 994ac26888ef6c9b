"""The outside watchdog hears of us only while readings arrive and the last summary really went out."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.contract.errors import SettingsError
from core.contract.messages import PrinterState
from core.runtime.settings import load_blocks
from core.storage.database import open_database, reading, writing
from notifier.heartbeat import OutsideHeartbeat
from notifier.settings import NotifierSettings
from notifier.summary.composer import Composer
from tests.builders import printer, put, snapshot
from tests.http_servers import answering
from tests.postgres import DATABASES, database

MORNING = datetime(2026, 3, 10, 7, tzinfo=UTC)
"""When the summary is due."""
LATER = MORNING + timedelta(hours=2)
FRESH = timedelta(minutes=5)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Two sites with a printer each, read five minutes ago (of LATER)."""
    with database(request.param, tmp_path) as settings:
        opened = open_database(settings)
        for name, site in (("lib", "main"), ("annex", "annex")):
            state = PrinterState(printer_id=name, taken_at=LATER - FRESH, reachable=False)
            born = MORNING - timedelta(days=9)
            put(opened, printer(name, site=site, created_at=born, updated_at=born), snapshot(name, state))
        yield opened
        opened.dispose()


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> NotifierSettings:
    monkeypatch.setenv("ISSUE_SUMMARY_RECIPIENT", "lead@college.example, head@college.example")
    monkeypatch.setenv("HEARTBEAT_URL", "http://127.0.0.1:9/ping")
    return load_blocks(NotifierSettings)


def problem(engine: Engine, settings: NotifierSettings, now: datetime = LATER) -> str:
    with reading(engine) as connection:
        return OutsideHeartbeat(engine, settings).problem(connection, now)


def composed(engine: Engine, settings: NotifierSettings) -> None:
    assert Composer(engine, settings, settings.links(), "test").step(MORNING + timedelta(minutes=1))


def edit(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(statement)


def test_all_is_well_once_the_summary_was_sent_to_everybody(
    engine: Engine, settings: NotifierSettings
) -> None:
    assert problem(engine, settings) == "the last daily summary was not made"
    composed(engine, settings)
    assert problem(engine, settings) == "the summary of 2026-03-10 is unsent to 2"
    edit(engine, "UPDATE mail_outbox SET status = 'failed' WHERE recipient = 'lead@college.example'")
    edit(engine, "UPDATE mail_outbox SET status = 'sent' WHERE recipient = 'head@college.example'")
    assert problem(engine, settings) == "the summary of 2026-03-10 is unsent to 1"
    edit(engine, "UPDATE mail_outbox SET status = 'sent'")
    assert problem(engine, settings) == ""


def test_a_summary_has_an_hour_to_go_out(engine: Engine, settings: NotifierSettings) -> None:
    composed(engine, settings)
    edit(engine, "UPDATE mail_outbox SET status = 'sent'")
    next_day = MORNING + timedelta(days=1)
    edit(engine, "UPDATE snapshots SET stale_at = '2027-01-01 00:00:00+00:00'")
    assert problem(engine, settings, next_day + timedelta(minutes=59)) == ""
    assert (
        problem(engine, settings, next_day + timedelta(minutes=61)) == "the last daily summary was not made"
    )


def test_signs_go_on_where_nobody_is_to_receive_the_summary(
    engine: Engine, settings: NotifierSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ISSUE_SUMMARY_RECIPIENT")
    composed(engine, load_blocks(NotifierSettings))
    assert problem(engine, settings) == ""


def test_a_site_that_is_silent_ends_the_signs_and_a_printer_that_is_off_does_not(
    engine: Engine, settings: NotifierSettings
) -> None:
    composed(engine, settings)
    edit(engine, "UPDATE mail_outbox SET status = 'sent'")
    assert problem(engine, settings, LATER + FRESH) == "no readings arrive from annex, main"
    edit(engine, "DELETE FROM snapshots WHERE printer_id = 'annex'")
    assert problem(engine, settings) == "no readings arrive from annex"
    edit(engine, "UPDATE printers SET enabled = false WHERE printer_id = 'annex'")
    assert problem(engine, settings) == ""
    edit(engine, "DELETE FROM printers")
    assert problem(engine, settings) == "there are no printers"


@contextmanager
def watchdog(*answers: int) -> Iterator[tuple[str, list[str]]]:
    """A server that answers so, one after the other; its address and what was fetched."""
    fetched, waiting = list[str](), list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(waiting.pop(0))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not on the test's screen."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    with answering(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/ping/secret", fetched


def test_the_address_is_fetched_while_all_is_well_and_never_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with database("sqlite", tmp_path) as where, watchdog(200, 500, 200) as (url, fetched):
        monkeypatch.setenv("HEARTBEAT_URL", url)
        engine = open_database(where)
        now = datetime.now(UTC)
        put(engine, printer("lib", created_at=now, updated_at=now))
        state = PrinterState(printer_id="lib", taken_at=now, reachable=True)
        put(engine, snapshot("lib", state))
        caplog.set_level("INFO")
        heartbeat = OutsideHeartbeat(engine, load_blocks(NotifierSettings))
        for _ in range(3):
            heartbeat.step()
        edit(engine, "DELETE FROM printers")
        heartbeat.step()
        heartbeat.step()
        engine.dispose()
    assert fetched == ["/ping/secret"] * 3
    said = [record.message for record in caplog.records]
    assert said == [
        "signs of life are given outside",
        "no sign of life is given outside: HEARTBEAT_URL answers 500",
        "signs of life are given outside",
        "no sign of life is given outside: there are no printers",
    ]
    assert not any("secret" in text for text in said)


def test_an_address_that_is_none_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTBEAT_URL", "file:///etc/passwd")
    with database("sqlite", tmp_path) as where:
        engine = open_database(where)
        with pytest.raises(SettingsError, match="HEARTBEAT_URL"):
            OutsideHeartbeat(engine, load_blocks(NotifierSettings))
        engine.dispose()


def test_a_day_without_a_summary_is_no_missing_one(
    engine: Engine, settings: NotifierSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed(engine, settings)
    edit(engine, "UPDATE mail_outbox SET status = 'sent'")
    edit(engine, "UPDATE snapshots SET stale_at = '2026-03-20 00:00:00.000000+00:00'")
    next_day = LATER + timedelta(days=1)
    assert problem(engine, settings, next_day) == "the last daily summary was not made"
    monkeypatch.setenv("SUMMARY_QUIET_DAYS", "wednesday")
    assert problem(engine, load_blocks(NotifierSettings), next_day) == ""

"""The summary at once, as `printers send-issue-summary`, and whether mail can leave."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import Engine, select

from core.runtime.settings import DatabaseSettings, load_blocks
from core.storage.core_tables import WINDOWS
from core.storage.database import open_database, reading
from notifier.checks import check_channels
from notifier.settings import NotifierSettings
from tests.brokers import free_port
from tests.builders import printer, put
from tests.console.cli import call_printers
from tests.notifier.making import flag, mail, outbox, put_mails, store
from tests.notifier.smtp_servers import Mailbox, mail_server

NOW = datetime.now(UTC)
Found = Callable[..., dict[str, list[str]]]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def engine(data_dir: Path) -> Iterator[Engine]:
    """A fleet of some age with a jam."""
    with store("sqlite", data_dir) as (engine, _):
        put(engine, printer("lib", created_at=NOW - timedelta(days=9)))
        put(engine, flag("lib", "jam", since_at=NOW - timedelta(hours=1)))
        yield engine


def run(data_dir: Path, *arguments: str, **settings: str) -> CompletedProcess[str]:
    """The command, its mails as files unless told otherwise."""
    environment = {
        "DATA_DIR": str(data_dir),
        "INSTANCE": "test",
        "EMAIL_BACKEND": "file",
        "ISSUE_SUMMARY_RECIPIENT": "lead@example.org",
        **settings,
    }
    return call_printers(*arguments, env=environment)


def send(data_dir: Path, *arguments: str, **settings: str) -> CompletedProcess[str]:
    return run(data_dir, "send-issue-summary", *arguments, **settings)


def files(data_dir: Path) -> list[Path]:
    return sorted((data_dir / "outbox").glob("*.eml"))


def test_a_new_database_is_one_sentence(data_dir: Path) -> None:
    open_database(DatabaseSettings(data_dir=data_dir)).dispose()
    done = send(data_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "There are no printers and no issues yet: there is nothing to summarise.\n"


def test_without_a_database_nothing_is_created(data_dir: Path) -> None:
    done = send(data_dir)
    assert (done.returncode, done.stdout, data_dir.exists()) == (2, "", False)
    assert done.stderr.startswith(f"error: there is no database {data_dir.absolute() / 'db.sqlite3'}.")


def test_it_is_sent_once_and_by_force_once_more(engine: Engine, data_dir: Path) -> None:
    first = send(data_dir)
    assert (first.returncode, first.stdout) == (0, "lead@example.org: sent\n"), first.stderr
    again = send(data_dir)
    assert (again.returncode, len(files(data_dir))) == (0, 1)
    assert "--force sends one now" in again.stdout
    assert send(data_dir, "--force").stdout == "lead@example.org: sent\n"
    assert len({row["message_id"] for row in outbox(engine)}) == 2


def test_where_printers_came_after_the_time_of_day_the_first_one_is_a_day_like_others(data_dir: Path) -> None:
    with store("sqlite", data_dir) as (engine, _):
        put(engine, printer("lib", created_at=datetime.now(UTC)))
        assert send(data_dir).stdout == "lead@example.org: sent\n"
        with reading(engine) as connection:
            window = connection.execute(select(WINDOWS.c.window)).scalar_one()
    assert date.fromisoformat(window)
    again = send(data_dir).stdout
    assert again.startswith(f"The summary of {window} was composed")


def test_an_extra_one_leaves_the_daily_one_due(engine: Engine, data_dir: Path) -> None:
    done = send(data_dir, "--to", "me@example.org", "--lookback-hours", "72", "--include-closed")
    assert (done.returncode, done.stdout) == (0, "me@example.org: sent\n"), done.stderr
    assert send(data_dir).stdout == "lead@example.org: sent\n"
    assert [row["recipient"] for row in outbox(engine)] == ["me@example.org", "lead@example.org"]


def test_a_dry_run_prints_the_text_writes_the_html_and_sends_nothing(engine: Engine, data_dir: Path) -> None:
    done = send(data_dir, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "To: lead@example.org" in done.stdout
    assert "Jam." in done.stdout
    assert "Jam." in (data_dir / "issue-summary.html").read_text(encoding="utf-8")
    assert (outbox(engine), files(data_dir)) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("--to", "nobody"), {}, "'nobody' is no mail address"),
        ((), {"ISSUE_SUMMARY_RECIPIENT": ""}, "Nobody receives the daily summary"),
        ((), {"ISSUE_SUMMARY_RECIPIENT": "lead"}, "ISSUE_SUMMARY_RECIPIENT: 'lead' is no mail address"),
        ((), {"EMAIL_USE_TLS": "1", "EMAIL_USE_SSL": "1"}, "EMAIL_USE_TLS and EMAIL_USE_SSL exclude"),
        ((), {"TIME_ZONE": "Mars"}, "TIME_ZONE: 'Mars' is no time zone"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_cannot_be_done_is_one_sentence(
    data_dir: Path, arguments: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    done = send(data_dir, *arguments, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mail_server_that_is_away_is_told_and_left_to_the_notifier(engine: Engine, data_dir: Path) -> None:
    away = {"EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(free_port())}
    done = send(data_dir, **away)
    assert done.returncode == 1
    assert "cannot be used" in done.stdout
    assert "The notifier tries again." in done.stdout
    assert [row["status"] for row in outbox(engine)] == ["due"]


@pytest.fixture
def found(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Found:
    """The findings about mail by level, under such settings."""

    def look(**settings: str) -> dict[str, list[str]]:
        usual = {"EMAIL_BACKEND": "file", "ISSUE_SUMMARY_RECIPIENT": "lead@example.org"}
        for name, value in {"DATA_DIR": str(data_dir), **usual, **settings}.items():
            monkeypatch.setenv(name, value)
        findings = check_channels(load_blocks(NotifierSettings))
        levels = ("error", "warning", "hint", "ok")
        return {level: [one.text for one in findings if one.level == level] for level in levels}

    return look


def test_the_check_looks_whether_mail_can_leave_and_sends_nothing(engine: Engine, found: Found) -> None:
    mailbox = Mailbox()
    put_mails(engine, mail(0), now=NOW - timedelta(hours=2))
    with mail_server(mailbox) as port:
        server = {"EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}
        seen = found(**server, NOTIFY_URLS="json://127.0.0.1/x, nonsense://x")
    assert seen["ok"] == [
        "the daily summary goes to lead@example.org",
        f"the mail server 127.0.0.1:{port} answers",
        "notices go to json 1, nonsense 2",
    ]
    assert seen["error"] == ["Apprise does not understand the target nonsense 2"]
    assert any("works on this machine only" in text for text in seen["warning"])
    assert any("waiting for more than an hour" in text for text in seen["warning"])
    assert "mails come from printers@localhost, which others may refuse" in seen["warning"]
    assert mailbox.received == []


@pytest.mark.usefixtures("engine")
def test_the_check_finds_no_server(found: Found) -> None:
    away = {"EMAIL_BACKEND": "smtp", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(free_port())}
    assert "cannot be used" in found(**away)["error"][0]


@pytest.mark.parametrize("printers", [True, False])
def test_that_nobody_receives_the_summary_is_a_hint(
    found: Found, printers: bool, request: pytest.FixtureRequest
) -> None:
    if printers:
        request.getfixturevalue("engine")
    seen = found(ISSUE_SUMMARY_RECIPIENT="")
    assert seen["hint"] == ["nobody receives the daily summary"]
    assert seen["error"] == []

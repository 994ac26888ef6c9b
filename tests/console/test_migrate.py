"""`printers migrate-database`: every row of every table, to the other kind of database and back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.mail_tables import MailOutbox
from core.storage.people_tables import User
from core.storage.tables import IssuePhoto
from tests.builders import NOW, put
from tests.console.cli import call_printers, printers
from tests.console.small_fleet import fill
from tests.console.tables import everything
from tests.postgres import DATABASES, database

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


def filled(settings: DatabaseSettings, people: int = 1200) -> Engine:
    """The small fleet with its services gone, more people than one batch, and a mail with an attachment."""
    engine = open_database(settings)
    fill(engine)
    users = (User(name=f"u{n}", role="technician", created_at=NOW, updated_at=NOW) for n in range(people))
    mail = MailOutbox(
        key="k", recipient="a@b", subject="s", body_text="ä\n", headers={"b": 1, "a": [None, 1.5]},
        attachment=b"\x00\xff", created_at=NOW, next_try_at=NOW, kind="order",
    )  # fmt: skip
    photo = IssuePhoto(event_id=1, created_at=NOW, image=b"\xff\xd8\x00", thumbnail=b"\xff\xd9")
    put(engine, *users, mail, photo)
    with writing(engine) as connection:
        connection.execute(text("UPDATE services SET status = 'offline'"))
    return engine


def where(settings: DatabaseSettings) -> str:
    return settings.url.replace("postgresql+psycopg", "postgresql")


@pytest.mark.parametrize("from_kind", DATABASES)
@pytest.mark.parametrize("to_kind", DATABASES)
def test_everything_arrives_and_numbers_go_on(from_kind: str, to_kind: str, tmp_path: Path) -> None:
    with (
        database(from_kind, tmp_path / "from") as source,
        database(to_kind, tmp_path / "to") as target,
    ):
        engine = filled(source)
        before = everything(engine)
        assert {"users", "mail_outbox", "printers", "issues", "issue_photos"} <= {
            name for name, rows in before.items() if rows
        }
        said = printers("migrate-database", where(source), where(target))
        assert said.exit_code == 0, said.output
        assert "1,200 users" in said.output
        assert "compared" in said.output
        moved = open_database(target)
        assert everything(moved) == before == everything(engine)
        with writing(moved) as connection:
            assert open_issue(connection, NewIssue(printer_id="low", title="next"), actor="a", now=NOW) == 2
        again = printers("migrate-database", where(source), where(target))
        assert (again.exit_code, "not empty" in again.output) == (2, True)
        assert printers("migrate-database", where(source), where(target), "--replace").exit_code == 0
        assert everything(moved) == before
        for one in (engine, moved):
            one.dispose()


def test_a_folder_or_a_file_names_a_database_and_the_program_shows_its_way(tmp_path: Path) -> None:
    filled(DatabaseSettings(data_dir=tmp_path / "data"), people=2).dispose()
    said = call_printers("migrate-database", "data", "copy/new.sqlite3")
    assert (said.returncode, said.stderr) == (0, ""), said
    assert (tmp_path / "copy" / "new.sqlite3").is_file()
    assert call_printers("migrate-database", "data/db.sqlite3", "elsewhere").returncode == 0
    assert (tmp_path / "elsewhere" / "db.sqlite3").is_file()


def test_what_cannot_be_is_one_sentence_and_copies_nothing(tmp_path: Path) -> None:
    engine = filled(DatabaseSettings(data_dir=tmp_path / "data"), people=2)
    nowhere = printers("migrate-database", "nothing.sqlite3", "copy.sqlite3")
    assert (nowhere.exit_code, "there is no database" in nowhere.output) == (2, True)
    same = printers("migrate-database", "data", "data/db.sqlite3")
    assert (same.exit_code, "the same database" in same.output) == (2, True)
    with writing(engine) as connection:
        now = {"now": datetime.now(UTC).isoformat()}
        connection.execute(text("UPDATE services SET status = 'online', seen_at = :now"), now)
    running = printers("migrate-database", "data", "copy.sqlite3")
    assert (running.exit_code, "stop what runs first" in running.output) == (2, True)
    copied = open_database(DatabaseSettings(data_dir=tmp_path, database_url=None))
    assert not any(everything(copied).values())


def test_rows_that_come_back_different_are_not_kept(tmp_path: Path) -> None:
    filled(DatabaseSettings(data_dir=tmp_path / "data"), people=2).dispose()
    target = open_database(DatabaseSettings(data_dir=tmp_path / "copy"))
    with writing(target) as connection:
        connection.execute(
            text(
                "CREATE TRIGGER spoil AFTER INSERT ON users BEGIN"
                " UPDATE users SET email = 'x' WHERE id = NEW.id; END"
            )
        )
    said = printers("migrate-database", "data", "copy")
    assert (said.exit_code, "other rows than it was given (users)" in " ".join(said.output.split())) == (
        2,
        True,
    )
    assert not any(everything(target).values())

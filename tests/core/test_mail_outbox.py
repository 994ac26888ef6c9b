"""The keys of messages: what they are about, how those about one thing are found, and how keys are freed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.domain.mail_kinds import MailKind
from core.storage.core_tables import MAILS
from core.storage.database import open_database, reading, writing
from core.storage.mail_outbox import NewMail, enqueue, mail_key, mails_about, set_aside
from tests.postgres import DATABASES, database

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as settings:
        opened = open_database(settings)
        yield opened
        opened.dispose()


def put(engine: Engine, kind: MailKind, *about: object) -> int:
    mail = NewMail(mail_key(kind, *about), kind, str(about[-1]), "Printers", "…")
    with writing(engine) as connection:
        return enqueue(connection, [mail], domain="example.org", now=NOW)


def recipients(engine: Engine, kind: MailKind, *about: object) -> list[str]:
    with reading(engine) as connection:
        query = select(MAILS.c.recipient).where(mails_about(kind, *about)).order_by(MAILS.c.recipient)
        return list(connection.execute(query).scalars())


def test_mails_about_one_issue_are_none_of_another_whose_number_begins_alike(engine: Engine) -> None:
    put(engine, MailKind.ISSUE_NOTE, 1, 7, "a@example.org")
    put(engine, MailKind.ISSUE_NOTE, 12, 8, "b@example.org")
    put(engine, MailKind.ISSUE_NOTE, 1, 9, "c_%@example.org")
    put(engine, MailKind.ISSUE_RECEIPT, 1, "d@example.org")
    assert recipients(engine, MailKind.ISSUE_NOTE, 1) == ["a@example.org", "c_%@example.org"]
    assert recipients(engine, MailKind.ISSUE_NOTE, "%") == []


def test_a_key_that_was_set_aside_can_be_taken_again_and_what_was_sent_stays(engine: Engine) -> None:
    assert put(engine, MailKind.SUMMARY, "2026-11-29", "a@example.org") == 1
    assert put(engine, MailKind.SUMMARY, "2026-11-29", "a@example.org") == 0
    with writing(engine) as connection:
        set_aside(connection, MailKind.SUMMARY, "2026-11-29", now=NOW)
    assert recipients(engine, MailKind.SUMMARY, "2026-11-29") == []
    assert put(engine, MailKind.SUMMARY, "2026-11-29", "a@example.org") == 1
    with reading(engine) as connection:
        assert len(connection.execute(select(MAILS.c.id)).all()) == 2

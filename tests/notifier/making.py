"""Settings, printers, flags and mails for the tests of the notifier."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_type_hints

from sqlalchemy import Engine, insert, select

from core.domain.links import Links
from core.domain.mail_kinds import MailKind
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import ATTENTION, MAILS
from core.storage.database import open_database, reading, writing
from core.storage.mail_outbox import NewMail, enqueue
from core.storage.people_tables import Triage
from core.storage.tables import AttentionRow
from notifier.settings import NotifierSettings
from tests.builders import put
from tests.postgres import database

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LINKS = Links("https://print.example.edu", b"a key of this test")


def make_settings(data_dir: Path, **values: Any) -> NotifierSettings:
    """The blocks with these fields, the rest as by default."""
    hints = get_type_hints(NotifierSettings)
    values = {"data_dir": data_dir, "instance": "test", "secret_key": "a key of this test", **values}
    blocks = {
        field.name: hints[field.name](
            **{name: value for name, value in values.items() if name in hints[field.name].model_fields}
        )
        for field in fields(NotifierSettings)
    }
    return NotifierSettings(**blocks)


@contextmanager
def store(kind: str, folder: Path) -> Iterator[tuple[Engine, DatabaseSettings]]:
    """An empty database of that kind."""
    with database(kind, folder) as settings:
        engine = open_database(settings)
        try:
            yield engine, settings
        finally:
            engine.dispose()


def flag(printer_id: str, code: str, severity: str = "critical", **values: Any) -> AttentionRow:
    """A flag that is up since noon."""
    base: dict[str, Any] = {
        "subject": "",
        "message": f"{code.replace('_', ' ').capitalize()}.",
        "fixer": "anyone",
        "since_at": NOON,
        "evidence": [],
    }
    return AttentionRow(printer_id=printer_id, code=code, severity=severity, **(base | values))


def flag_ids(engine: Engine) -> dict[tuple[str, str], int]:
    """By printer and code."""
    with reading(engine) as connection:
        rows = connection.execute(select(ATTENTION.c.printer_id, ATTENTION.c.code, ATTENTION.c.id))
        return {(row.printer_id, row.code): row.id for row in rows}


def change_flag(engine: Engine, attention_id: int, **values: Any) -> None:
    """As the processor would."""
    with writing(engine) as connection:
        connection.execute(ATTENTION.update().where(ATTENTION.c.id == attention_id).values(**values))


def triage(engine: Engine, attention_id: int, **values: Any) -> None:
    """As the dashboard would."""
    put(engine, Triage(attention_id=attention_id, updated_at=NOON, **values))


def mail(number: int = 0, recipient: str = "", **values: Any) -> NewMail:
    """A message to r0@example.org, r1@example.org ..."""
    base: dict[str, Any] = {
        "key": f"test:{number}",
        "kind": MailKind.TEST,
        "recipient": recipient or f"r{number}@example.org",
        "subject": f"Number {number}",
        "body_text": "Words.\n",
    }
    return NewMail(**(base | values))


def put_mails(engine: Engine, *mails: NewMail, now: datetime | None = None) -> None:
    """Into the outbox."""
    with writing(engine) as connection:
        enqueue(connection, mails, domain="example.org", now=now or datetime.now(UTC))


def outbox(engine: Engine, **where: Any) -> list[Mapping[str, Any]]:
    """Its rows in order."""
    query = select(MAILS).order_by(MAILS.c.id)
    for name, value in where.items():
        query = query.where(MAILS.c[name] == value)
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def insert_rows(engine: Engine, table: Any, *rows: Mapping[str, Any]) -> None:
    """As they are."""
    with writing(engine) as connection:
        connection.execute(insert(table), [dict(row) for row in rows])


def minutes(count: float) -> timedelta:
    """So many of them."""
    return timedelta(minutes=count)

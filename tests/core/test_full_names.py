"""What people are called: by full names, namesakes told apart, also those who have left."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from core.domain.permissions import ROLES
from core.storage.core_tables import USERS
from core.storage.database import open_database, reading, writing
from core.storage.full_names import actor_name, full_names
from core.storage.users import NewUser, add_user
from tests.postgres import DATABASES, database

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PEOPLE = (("kim", "Kim Park"), ("kim2", "Kim Park"), ("tom", "Tom Adeyemi"), ("zoe", ""))


@pytest.mark.parametrize("kind", DATABASES)
def test_people_are_named_by_full_names_and_namesakes_told_apart(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as settings:
        engine = open_database(settings)
        with writing(engine) as connection:
            for name, full_name in PEOPLE:
                add_user(connection, NewUser(name, ROLES["technician"], full_name), actor="test", now=NOW)
            connection.execute(update(USERS).where(USERS.c.name == "tom").values(active=False))
        with reading(engine) as connection:
            everybody, active = full_names(connection), full_names(connection, only_active=True)
            names = [actor_name(connection, name) for name in ("tom", "unknown", "console")]
        engine.dispose()
    assert list(everybody.items()) == [
        ("kim", "Kim Park (kim)"),
        ("kim2", "Kim Park (kim2)"),
        ("tom", "Tom Adeyemi"),
        ("zoe", "zoe"),
    ]
    assert active.keys() == everybody.keys() - {"tom"}
    assert names == ["Tom Adeyemi", "unknown", "Somebody at the command line of the server"]

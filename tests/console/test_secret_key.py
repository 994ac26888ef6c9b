"""`rotate-secret-key`: accounts and links go on under another SECRET_KEY, and nobody is signed out."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine

from core.domain.links import Follower, follow_token, follower_of_token, unsubscribe_token, user_of_token
from core.domain.permissions import ROLES
from core.domain.second_factor import UnreadableSecret, decrypt, encrypt, make_secret
from core.runtime.settings import DatabaseSettings, load
from core.runtime.web_settings import AccountSettings, WebSettings
from core.storage.core_tables import AUDIT, SESSIONS
from core.storage.database import open_database, reading, writing
from core.storage.second_factors import NewFactor, turn_on, use_code
from core.storage.tables import ServiceRow
from core.storage.user_rows import UserRow
from core.storage.users import NewUser, add_user, find_user
from tests.builders import put
from tests.console.cli import printers
from tests.postgres import DATABASES, database

NOW = datetime.now(UTC)
THIRD_KEY = b"a key that nobody has any more"


@pytest.fixture(params=DATABASES)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """A database that commands use, too."""
    with database(request.param, tmp_path / "data") as found:
        if found.database_url is not None:
            monkeypatch.setenv("DATABASE_URL", found.database_url.get_secret_value())
        yield open_database(found)


@pytest.fixture
def sqlite(tmp_path: Path) -> Engine:
    return open_database(DatabaseSettings(data_dir=tmp_path / "data"))


def account(engine: Engine, name: str) -> UserRow:
    with reading(engine) as connection:
        found = find_user(connection, name)
    assert found is not None
    return found


def with_app(engine: Engine, name: str, key: bytes) -> str:
    """An account with an authenticator app, whose secret is encrypted under that key; returns the secret."""
    secret = make_secret()
    with writing(engine) as connection:
        add_user(connection, NewUser(name, ROLES["admin"]), actor="console", now=NOW)
        seen = find_user(connection, name)
        assert seen is not None
        turn_on(connection, seen, NewFactor(encrypt(secret, key), 1), AccountSettings(), now=NOW)
    return secret


def signs_in(engine: Engine, name: str, secret: str, key: bytes) -> bool:
    with writing(engine) as connection:
        code = pyotp.TOTP(secret).at(NOW)
        return use_code(connection, account(engine, name), code, key, AccountSettings(), now=NOW)


def test_a_key_that_was_made_here_gives_way_to_another(engine: Engine) -> None:
    old = load(WebSettings).signing_key()
    secret = with_app(engine, "ada", old)
    links = follow_token(old, 7), unsubscribe_token(old, "ada")
    with writing(engine) as connection:
        session: dict[str, Any] = {"token_hash": "x", "user_id": 1, "csrf": "", "created_at": NOW}
        session |= {"seen_at": NOW, "expires_at": NOW + timedelta(days=1), "method": "password"}
        connection.execute(SESSIONS.insert().values(address="", agent="", **session))
    said = printers("rotate-secret-key")
    assert said.exit_code == 0, said.output
    assert "Two-factor authentication of 1 account encrypted anew" in said.output

    settings = load(WebSettings)
    new = settings.signing_key()
    assert new != old
    for key in (old, new):
        assert key.decode() not in said.output
    assert account(engine, "ada").second_factor != ""
    with pytest.raises(UnreadableSecret):
        decrypt(account(engine, "ada").second_factor, old)
    assert signs_in(engine, "ada", secret, new)
    assert follower_of_token(settings.link_keys(), links[0]) == Follower(7, reported=True)
    assert user_of_token(settings.link_keys(), links[1]) == "ada"
    assert follower_of_token(settings.link_keys(), follow_token(new, 8)) == Follower(8, reported=True)
    settings.kept_previous_key.unlink()
    assert follower_of_token(load(WebSettings).link_keys(), links[0]) is None
    with reading(engine) as connection:
        assert connection.execute(SESSIONS.select()).mappings().one()["revoked_at"] is None
        last = connection.execute(AUDIT.select().order_by(AUDIT.c.id.desc())).mappings().first()
    assert last is not None
    assert (last["actor"], last["action"], last["details"]) == (
        "console",
        "secret_key.rotated",
        {"second_factors": 1},
    )


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_both_keys_are_their_owners_alone(sqlite: Engine) -> None:
    assert sqlite
    load(WebSettings).signing_key()
    assert printers("rotate-secret-key").exit_code == 0
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in Path("data").glob("secret_key*")}
    assert names == {"secret_key": 0o600, "secret_key.previous": 0o600}


def test_a_key_that_is_a_setting_is_changed_by_its_owner(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = b"the key of the year before", b"the key of this very year"
    secret = with_app(engine, "ada", old)
    monkeypatch.setenv("SECRET_KEY", new.decode())
    said = printers("rotate-secret-key")
    assert (said.exit_code, "the one before as SECRET_KEY_PREVIOUS" in said.output) == (2, True)
    Path("before").write_text(f"{old.decode()}\n")
    monkeypatch.setenv("SECRET_KEY_PREVIOUS_FILE", "before")
    assert printers("rotate-secret-key").exit_code == 0
    assert signs_in(engine, "ada", secret, new)
    assert follower_of_token(load(WebSettings).link_keys(), follow_token(old, 7)) == Follower(
        7, reported=True
    )
    again = printers("rotate-secret-key")
    assert again.exit_code == 0
    assert "Two-factor authentication of 0 accounts encrypted anew" in again.output
    assert not Path("data/secret_key").exists()


def test_one_that_was_interrupted_is_finished_by_calling_it_again(sqlite: Engine) -> None:
    old, new = load(WebSettings).signing_key(), b"a key that was made and not yet put in its place"
    secret = with_app(sqlite, "ada", new)  # the database had gone over
    other = with_app(sqlite, "tom", old)
    Path("data/secret_key.next").write_bytes(new)
    said = printers("rotate-secret-key")
    assert said.exit_code == 0
    assert "Two-factor authentication of 1 account encrypted anew" in said.output
    assert load(WebSettings).link_keys() == (new, old)
    assert signs_in(sqlite, "ada", secret, new)
    assert signs_in(sqlite, "tom", other, new)
    assert not Path("data/secret_key.next").exists()


def test_a_second_factor_of_a_third_key_is_named_and_left(sqlite: Engine) -> None:
    load(WebSettings).signing_key()
    with_app(sqlite, "ada", THIRD_KEY)
    before = account(sqlite, "ada").second_factor
    said = printers("rotate-secret-key")
    assert said.exit_code == 1
    assert "`printers users reset-second-factor ada`" in said.output
    assert account(sqlite, "ada").second_factor == before


def test_nothing_is_changed_while_services_run(sqlite: Engine) -> None:
    key = load(WebSettings).signing_key()
    put(
        sqlite,
        ServiceRow(
            service="dashboard", instance="here", status="online", seen_at=datetime.now(UTC), counters={}
        ),
    )
    said = printers("rotate-secret-key")
    assert (said.exit_code, "dashboard on here" in said.output) == (2, True)
    assert load(WebSettings).link_keys() == (key,)


def test_where_there_is_no_key_there_is_none_to_change(sqlite: Engine) -> None:
    assert sqlite
    said = printers("rotate-secret-key")
    assert (said.exit_code, "there is nothing to change" in said.output) == (2, True)
    assert list(Path("data").glob("secret_key*")) == []

"""The commands of a second factor on every database: who comes second with the same code is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine

from core.contract.errors import Conflict
from core.domain.permissions import ROLES
from core.domain.second_factor import (
    UnreadableSecret,
    decrypt,
    encrypt,
    make_secret,
    matching_step,
    setup_address,
)
from core.runtime.web_settings import AccountSettings
from core.storage.database import open_database, reading, writing
from core.storage.second_factors import NewFactor, count_recovery_codes, turn_off, turn_on, use_code
from core.storage.user_rows import UserRow
from core.storage.users import NewUser, add_user, find_user
from tests.postgres import DATABASES, database

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
KEY = b"a key of the tests, long enough"
SETTINGS = AccountSettings()


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as settings:
        opened = open_database(settings)
        with writing(opened) as connection:
            add_user(connection, NewUser("kim", ROLES["admin"]), actor="console", now=NOW)
        yield opened
        opened.dispose()


def kim(engine: Engine) -> UserRow:
    with reading(engine) as connection:
        found = find_user(connection, "kim")
    assert found is not None
    return found


def use(engine: Engine, seen: UserRow, code: str, now: datetime = NOW) -> bool:
    with writing(engine) as connection:
        return use_code(connection, seen, code, KEY, SETTINGS, now=now)


def test_of_two_with_the_same_code_at_the_same_moment_one_is_refused(engine: Engine) -> None:
    secret, before = make_secret(), kim(engine)
    with writing(engine) as connection:
        factor = NewFactor(encrypt(secret, KEY), 0)
        codes = turn_on(connection, before, factor, SETTINGS, now=NOW)
    seen, code = kim(engine), pyotp.TOTP(secret).at(NOW)  # both have read the account before either came
    assert [use(engine, seen, code), use(engine, seen, code)] == [True, False]
    assert [use(engine, seen, codes[0]), use(engine, seen, codes[0])] == [True, False]
    earlier = pyotp.TOTP(secret).at(NOW - timedelta(seconds=30))
    assert not use(engine, kim(engine), earlier)
    later = NOW + timedelta(seconds=30)
    assert use(engine, kim(engine), pyotp.TOTP(secret).at(later), later)
    with writing(engine) as connection:
        assert count_recovery_codes(connection, 1) == 9
        with pytest.raises(Conflict):
            turn_off(connection, before, SETTINGS, actor="console", now=NOW)
    with writing(engine) as connection:
        turn_off(connection, kim(engine), SETTINGS, actor="console", now=NOW)
        assert count_recovery_codes(connection, 1) == 0


def test_a_secret_is_read_under_its_key_alone() -> None:
    secret = make_secret()
    stored = encrypt(secret, KEY)
    assert secret not in stored
    assert decrypt(stored, KEY) == secret
    for wrong_stored, key in ((stored, b"another key of the tests"), ("x", KEY), ("", KEY)):
        with pytest.raises(UnreadableSecret):
            decrypt(wrong_stored, key)


def test_an_app_is_told_the_secret_and_whose_it_is() -> None:
    secret = make_secret()
    found = pyotp.parse_uri(setup_address(secret, "kim@college", "printers.college.example"))
    assert isinstance(found, pyotp.TOTP)
    assert (found.secret, found.name) == (secret, "kim@college")
    assert found.issuer == "Printers (printers.college.example)"
    assert matching_step(secret, found.at(NOW), NOW, after=0) == int(NOW.timestamp()) // 30

"""How long a session lives, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, select, update

from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.runtime.web_settings import DashboardSettings
from core.storage.core_tables import SESSIONS, USERS
from core.storage.database import reading, writing
from core.storage.users import NewUser, add_user, revoke_sessions
from dashboard.throttle import (
    LOGIN_ADDRESS,
    LOGIN_USER,
    TooManyAttempts,
    count_attempt,
    forget_attempts,
)
from dashboard.viewer import Viewer
from dashboard.web.sign_in.sessions import (
    ClientInfo,
    alive_sessions,
    end_session,
    find_session,
    open_session,
)
from tests.postgres import at_once

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SETTINGS = DashboardSettings(session_idle_hours=8, session_days=30)


def begin(engine: Engine, name: str = "maya") -> str:
    """A user who has signed in at NOW; the session's token_hash."""
    with writing(engine) as connection:
        user = add_user(connection, NewUser(name, ROLES["manager"]), actor="console", now=NOW)
        return hashed(open_session(connection, user, ClientInfo("::1", "a browser" * 100), SETTINGS, NOW))


def looks(engine: Engine, session: str, at: timedelta, *, renew: bool = True) -> Viewer | None:
    return find_session(engine, session, SETTINGS, NOW + at, renew=renew)


def test_a_session_says_who_it_is(engine: Engine) -> None:
    session = begin(engine)
    viewer = looks(engine, session, timedelta(minutes=5))
    assert viewer is not None
    assert (viewer.role, viewer.name, viewer.session) == (ROLES["manager"], "maya", session)
    assert viewer.csrf
    assert looks(engine, hashed("another token"), timedelta(0)) is None


def test_who_it_is_can_be_told_while_somebody_else_is_writing(engine: Engine) -> None:
    session = begin(engine)
    at = timedelta(hours=1)
    with writing(engine) as connection:
        connection.execute(update(SESSIONS).values(agent="another writer"))
        assert looks(engine, session, at) is not None
    assert looks(engine, session, at) is not None
    with reading(engine) as connection:
        assert connection.execute(select(SESSIONS.c.seen_at)).scalar() == NOW + at


def test_it_ends_when_nobody_uses_it(engine: Engine) -> None:
    session = begin(engine)
    assert looks(engine, session, timedelta(hours=7, minutes=59))
    assert looks(engine, session, timedelta(hours=15, minutes=58))
    assert looks(engine, session, timedelta(hours=24)) is None


def test_an_open_page_alone_does_not_use_it(engine: Engine) -> None:
    session = begin(engine)
    assert looks(engine, session, timedelta(hours=7), renew=False)
    assert looks(engine, session, timedelta(hours=9), renew=False) is None


def test_it_ends_in_the_end_however_busy_it_is(engine: Engine) -> None:
    session = begin(engine)
    for hours in range(6, 30 * 24, 6):
        assert looks(engine, session, timedelta(hours=hours)), hours
    assert looks(engine, session, timedelta(days=30)) is None


def test_its_use_is_written_once_a_minute_at_most(engine: Engine) -> None:
    session = begin(engine)

    def seen() -> datetime:
        with reading(engine) as connection:
            found: datetime = connection.execute(select(SESSIONS.c.seen_at)).scalar_one()
        return found

    looks(engine, session, timedelta(seconds=59))
    assert seen() == NOW
    looks(engine, session, timedelta(seconds=61))
    assert seen() == NOW + timedelta(seconds=61)


def test_what_is_ended_stays_ended(engine: Engine) -> None:
    session, other = begin(engine), begin(engine, "tom")
    with writing(engine) as connection:
        assert not end_session(connection, session, NOW, user_id=999)
        assert end_session(connection, session, NOW)
        assert not end_session(connection, session, NOW)
    assert looks(engine, session, timedelta(minutes=1)) is None
    assert set(alive_sessions(engine, {session, other}, SETTINGS, NOW)) == {other}
    assert alive_sessions(engine, set(), SETTINGS, NOW) == {}


def test_who_is_closed_out_is_out_at_once(engine: Engine) -> None:
    session = begin(engine)
    with writing(engine) as connection:
        connection.execute(update(USERS).values(active=False))
    assert looks(engine, session, timedelta(minutes=1)) is None


def test_all_sessions_of_a_user_end_but_the_one_that_is_kept(engine: Engine) -> None:
    first = begin(engine)
    with writing(engine) as connection:
        user = connection.execute(select(USERS.c.id)).scalar_one()
        second = hashed(open_session(connection, user, ClientInfo(), SETTINGS, NOW))
        assert revoke_sessions(connection, user, now=NOW, keep=second) == 1
    assert set(alive_sessions(engine, {first, second}, SETTINGS, NOW)) == {second}


def test_attempts_are_counted_in_a_window_that_moves(engine: Engine) -> None:
    counted = ((LOGIN_USER, "maya"),)

    def attempt(minutes: float) -> int:
        try:
            with writing(engine) as connection:
                count_attempt(connection, counted, NOW + timedelta(minutes=minutes))
        except TooManyAttempts as error:
            return error.seconds
        return 0

    assert [attempt(minute) for minute in range(5)] == [0] * 5
    assert attempt(10) == 5 * 60
    assert attempt(14.5) == 30
    assert attempt(15.5) == 0
    assert attempt(15.6) == 24
    with writing(engine) as connection:
        forget_attempts(connection, counted)
    assert attempt(15.7) == 0


def test_of_attempts_that_come_at_once_no_more_pass_than_the_limit_says(engine: Engine) -> None:
    counted = ((LOGIN_USER, "maya"), (LOGIN_ADDRESS, "198.51.100.7"))

    def attempt(connection: Connection) -> None:
        count_attempt(connection, counted, NOW)

    def one_more() -> None:
        with writing(engine) as connection:
            attempt(connection)

    for _ in range(LOGIN_USER.count - 1):
        one_more()
    with pytest.raises(TooManyAttempts):
        at_once(engine, attempt, one_more)


def test_nobody_is_kept_out_by_a_clock_that_was_set_back(engine: Engine) -> None:
    counted = ((LOGIN_USER, "maya"),)
    for _ in range(5):
        with writing(engine) as connection:
            count_attempt(connection, counted, NOW + timedelta(days=400))
    with writing(engine) as connection:
        count_attempt(connection, counted, NOW)

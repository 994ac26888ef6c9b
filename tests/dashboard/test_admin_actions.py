"""What administrators do to accounts and tokens, and everybody to their own; each right is checked there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dashboard.actions import tokens, users
from dashboard.actions.undoing import undo
from dashboard.queries.audit import AuditFilter, actors, audit_lines, count_audit
from dashboard.queries.people import account, accounts, is_last_admin, open_sessions
from dashboard.security.sessions import Client, open_session
from dashboard.security.throttle import TooManyAttempts
from dashboard.viewer import Forbidden, Viewer
from dashboard.wiring import Wiring
from fleet.core_tables import AUDIT
from fleet.database import reading, writing
from fleet.errors import Conflict
from fleet.passwords import verify
from fleet.people_tables import Role
from fleet.token_commands import NewToken, RefusedToken, read_tokens
from fleet.tokens import hashed
from fleet.user_commands import NewUser, RefusedAccount, find_user
from tests.dashboard.harness import ADMIN, ANONYMOUS, MANAGER, PASSWORD, TECHNICIAN, open_college

NOW = datetime.now(UTC)
NEW = "a new horse of mine"


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    return open_college(tmp_path, empty=True)


def row(wiring: Wiring, name: str) -> dict[str, Any]:
    with reading(wiring.engine) as connection:
        found = find_user(connection, name)
    assert found is not None
    return dict(found)


def session(wiring: Wiring, user_id: int) -> str:
    with writing(wiring.engine) as connection:
        return hashed(open_session(connection, user_id, Client(), wiring.settings.dashboard, NOW))


def sessions(wiring: Wiring, user_id: int) -> set[str]:
    with reading(wiring.engine) as connection:
        found = open_sessions(connection, user_id, wiring.settings.dashboard, NOW)
    return {one.token_hash for one in found}


def change(wiring: Wiring, viewer: Viewer, current: str, new: str, again: str | None = None) -> object:
    asked = users.PasswordChange(current, new, new if again is None else again)
    return users.change_own_password(wiring.engine, viewer, asked, wiring.settings.accounts, now=NOW)


FOR_ADMINS: dict[str, Callable[[Wiring, Viewer], object]] = {
    "add": lambda w, v: users.add(w.engine, v, NewUser("kim"), now=NOW),
    "edit": lambda w, v: users.edit(w.engine, v, row(w, "tom"), {"role": "admin"}, now=NOW),
    "reset": lambda w, v: users.reset_password(w.engine, v, row(w, "tom"), w.settings.accounts, now=NOW),
    "reset second factor": lambda w, v: users.reset_second_factor(
        w.engine, v, row(w, "tom"), w.settings.accounts, now=NOW
    ),
    "sign out": lambda w, v: users.sign_out(w.engine, v, 3, now=NOW),
    "end": lambda w, v: users.end_one(w.engine, v, 3, "x", now=NOW),
    "token": lambda w, v: tokens.make(w.engine, v, NewToken("Grafana", Role.ADMIN), now=NOW),
    "revoke": lambda w, v: tokens.revoke(w.engine, v, 1, now=NOW),
}


@pytest.mark.parametrize(
    "viewer", [ANONYMOUS, TECHNICIAN, MANAGER], ids=["anonymous", "technician", "manager"]
)
@pytest.mark.parametrize("action", FOR_ADMINS)
def test_who_is_no_admin_is_refused(action: str, viewer: Viewer, wiring: Wiring) -> None:
    with reading(wiring.engine) as connection:
        before = count_audit(connection, AuditFilter())
    with pytest.raises(Forbidden):
        FOR_ADMINS[action](wiring, viewer)
    with reading(wiring.engine) as connection:
        assert count_audit(connection, AuditFilter()) == before


def test_an_account_is_made_with_a_first_password(wiring: Wiring) -> None:
    made = users.add(wiring.engine, ADMIN, NewUser("Kim", Role.MANAGER), now=NOW)
    kim = row(wiring, "kim")
    assert verify(made.password, kim["password_hash"])
    assert kim["must_change_password"]
    assert made.password not in made.done.said


def test_an_edit_can_be_undone_unless_somebody_came_between(wiring: Wiring) -> None:
    first = users.edit(wiring.engine, ADMIN, row(wiring, "tom"), {"role": "manager"}, now=NOW)
    undo(wiring.engine, ADMIN, first, now=NOW)
    assert row(wiring, "tom")["role"] == "technician"
    second = users.edit(wiring.engine, ADMIN, row(wiring, "tom"), {"email": "t@x.example"}, now=NOW)
    users.edit(wiring.engine, ADMIN, row(wiring, "tom"), {"full_name": "Thomas"}, now=NOW)
    with pytest.raises(Conflict):
        undo(wiring.engine, ADMIN, second, now=NOW)
    with pytest.raises(Forbidden):
        undo(wiring.engine, MANAGER, second, now=NOW)


def test_of_two_who_edit_one_account_the_second_is_told(wiring: Wiring) -> None:
    seen = row(wiring, "tom")
    users.edit(wiring.engine, ADMIN, seen, {"email": "one@x.example"}, now=NOW)
    with pytest.raises(Conflict):
        users.edit(wiring.engine, ADMIN, seen, {"email": "two@x.example"}, now=NOW)
    assert row(wiring, "tom")["email"] == "one@x.example"


def test_a_reset_password_ends_every_session_and_must_be_changed(wiring: Wiring) -> None:
    session(wiring, 1)
    made = users.reset_password(wiring.engine, ADMIN, row(wiring, "tom"), wiring.settings.accounts, now=NOW)
    assert verify(made.password, row(wiring, "tom")["password_hash"])
    assert row(wiring, "tom")["must_change_password"]
    assert sessions(wiring, 1) == set()


def test_one_changes_ones_own_password_and_stays_here_alone(wiring: Wiring) -> None:
    here, there = session(wiring, 1), session(wiring, 1)
    me = Viewer(TECHNICIAN.rank, "tom", user_id=1, session=here)
    for current, new in (("wrong", NEW), (PASSWORD, PASSWORD), (PASSWORD, "short"), (PASSWORD, "tom" * 5)):
        with pytest.raises(RefusedAccount):
            change(wiring, me, current, new)
    change(wiring, me, PASSWORD, NEW)
    assert verify(NEW, row(wiring, "tom")["password_hash"])
    assert not row(wiring, "tom")["must_change_password"]
    assert sessions(wiring, 1) == {here}
    assert there not in sessions(wiring, 1)


def test_an_open_page_is_no_place_for_guessing(wiring: Wiring) -> None:
    for _ in range(5):
        with pytest.raises(RefusedAccount):
            change(wiring, TECHNICIAN, "guess", NEW)
    with pytest.raises(TooManyAttempts):
        change(wiring, TECHNICIAN, PASSWORD, NEW)


def test_one_ends_ones_own_sessions_and_no_others(wiring: Wiring) -> None:
    mine, other, adas = session(wiring, 1), session(wiring, 1), session(wiring, 3)
    assert "had ended" in users.end_one(wiring.engine, TECHNICIAN, 1, adas, now=NOW).said
    assert sessions(wiring, 3) == {adas}
    users.sign_out(wiring.engine, TECHNICIAN, 1, now=NOW, keep=mine)
    assert sessions(wiring, 1) == {mine}
    assert "ended" in users.end_one(wiring.engine, ADMIN, 1, mine, now=NOW).said
    assert sessions(wiring, 1) == set()
    assert other not in sessions(wiring, 1)


def test_a_token_is_known_to_its_program_alone(wiring: Wiring) -> None:
    made = tokens.make(wiring.engine, ADMIN, NewToken("  Grafana  board ", Role.TECHNICIAN), now=NOW)
    with reading(wiring.engine) as connection:
        (token,) = read_tokens(connection, NOW)
        audit = str(connection.execute(select(AUDIT)).mappings().all())
    assert (token.name, token.role, token.created_by) == ("Grafana board", "technician", "ada")
    assert made.token.startswith("printers_")
    assert made.token not in audit + str(token)
    with pytest.raises(RefusedToken, match="already"):
        tokens.make(wiring.engine, ADMIN, NewToken("Grafana board", Role.ADMIN), now=NOW)
    tokens.revoke(wiring.engine, ADMIN, token.token_id, now=NOW)
    with pytest.raises(Conflict):
        tokens.revoke(wiring.engine, ADMIN, token.token_id, now=NOW)
    tokens.make(wiring.engine, ADMIN, NewToken("Grafana board", Role.ADMIN), now=NOW)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\u202eb"])
def test_a_token_is_named_for_its_program(name: str, wiring: Wiring) -> None:
    with pytest.raises(RefusedToken):
        tokens.make(wiring.engine, ADMIN, NewToken(name, Role.TECHNICIAN), now=NOW)


def test_accounts_are_read_with_their_sessions(wiring: Wiring) -> None:
    session(wiring, 2)
    with reading(wiring.engine) as connection:
        everybody = accounts(connection, wiring.settings.dashboard, NOW)
        assert account(connection, 999) is None
    assert [(one.seen["name"], one.sessions) for one in everybody] == [("ada", 0), ("maya", 1), ("tom", 0)]
    assert is_last_admin(everybody[0], everybody)
    assert not is_last_admin(everybody[1], everybody)


def test_the_audit_is_searched(wiring: Wiring) -> None:
    now = datetime.now(UTC)
    users.edit(wiring.engine, ADMIN, row(wiring, "tom"), {"role": "manager"}, now=now + timedelta(seconds=1))
    tokens.make(wiring.engine, ADMIN, NewToken("100%_sure", Role.ADMIN), now=now + timedelta(seconds=2))
    with reading(wiring.engine) as connection:

        def found(**wanted: Any) -> list[str]:
            lines = audit_lines(connection, AuditFilter(**wanted), limit=10)
            assert count_audit(connection, AuditFilter(**wanted)) == len(lines)
            return [f"{line.action} {line.subject}" for line in lines]

        assert found()[:2] == ["token.created 100%_sure", "user.changed tom"]
        assert found(actor="ada", action="user") == ["user.changed tom"]
        assert found(text="%_") == ["token.created 100%_sure"]
        assert found(text="TOM") == ["user.changed tom", "user.created tom"]
        assert found(since=now + timedelta(seconds=2)) == ["token.created 100%_sure"]
        assert actors(connection) == ["ada", "console"]
        assert audit_lines(connection, AuditFilter(), limit=1, offset=1)[0].details == {
            "role": ["technician", "manager"]
        }

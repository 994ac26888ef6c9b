"""What administrators do to accounts and tokens, and everybody to their own; each right is checked there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.contract.errors import Conflict
from core.domain.passwords import verify
from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.storage.api_tokens import NewToken, RefusedToken, read_tokens
from core.storage.core_tables import AUDIT
from core.storage.database import reading, writing
from core.storage.users import AccountRefused, NewUser, user_row
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.account import actions as account_actions
from dashboard.features.audit.queries import AuditFilter, actors, audit_lines, count_audit
from dashboard.features.tokens import actions as tokens_actions
from dashboard.features.users import actions as users_actions
from dashboard.features.users.queries import accounts, is_last_admin, open_sessions
from dashboard.throttle import TooManyAttempts
from dashboard.undoing import undo
from dashboard.viewer import Forbidden, Viewer
from dashboard.web.sign_in.sessions import ClientInfo, open_session
from tests.dashboard.harness import (
    ADMIN,
    ANONYMOUS,
    MANAGER,
    PASSWORD,
    TECHNICIAN,
    account,
    open_college,
    shown_once,
)

NOW = datetime.now(UTC)
NEW = "a new horse of mine"


@pytest.fixture
def app_context(tmp_path: Path) -> AppContext:
    return open_college(tmp_path, empty=True)


def session(app_context: AppContext, user_id: int) -> str:
    with writing(app_context.engine) as connection:
        return hashed(open_session(connection, user_id, ClientInfo(), app_context.settings.dashboard, NOW))


def sessions(app_context: AppContext, user_id: int) -> set[str]:
    with reading(app_context.engine) as connection:
        found = open_sessions(connection, user_id, app_context.settings.dashboard, NOW)
    return {one.token_hash for one in found}


def change(
    app_context: AppContext, viewer: Viewer, current: str, new: str, again: str | None = None
) -> object:
    asked = account_actions.PasswordChange(current, new, new if again is None else again)
    return account_actions.change_own_password(
        Actor(app_context.engine, viewer, NOW), asked, app_context.settings.accounts
    )


FOR_ADMINS: dict[str, Callable[[AppContext, Viewer], object]] = {
    "add": lambda w, v: users_actions.add(Actor(w.engine, v, NOW), NewUser("kim")),
    "edit": lambda w, v: users_actions.edit(Actor(w.engine, v, NOW), account(w, "tom"), {"role": "admin"}),
    "reset": lambda w, v: users_actions.reset_password(
        Actor(w.engine, v, NOW), account(w, "tom"), w.settings.accounts
    ),
    "reset second factor": lambda w, v: users_actions.reset_second_factor(
        Actor(w.engine, v, NOW), account(w, "tom"), w.settings.accounts
    ),
    "sign out": lambda w, v: users_actions.sign_out(Actor(w.engine, v, NOW), 3),
    "end": lambda w, v: users_actions.end_one(Actor(w.engine, v, NOW), 3, "x"),
    "token": lambda w, v: tokens_actions.make(Actor(w.engine, v, NOW), NewToken("Grafana", ROLES["admin"])),
    "revoke": lambda w, v: tokens_actions.revoke(Actor(w.engine, v, NOW), 1),
}


@pytest.mark.parametrize(
    "viewer", [ANONYMOUS, TECHNICIAN, MANAGER], ids=["anonymous", "technician", "manager"]
)
@pytest.mark.parametrize("action", FOR_ADMINS)
def test_who_is_no_admin_is_refused(action: str, viewer: Viewer, app_context: AppContext) -> None:
    with reading(app_context.engine) as connection:
        before = count_audit(connection, AuditFilter())
    with pytest.raises(Forbidden):
        FOR_ADMINS[action](app_context, viewer)
    with reading(app_context.engine) as connection:
        assert count_audit(connection, AuditFilter()) == before


def test_an_account_is_made_with_a_first_password(app_context: AppContext) -> None:
    made = users_actions.add(Actor(app_context.engine, ADMIN, NOW), NewUser("Kim", ROLES["manager"]))
    kim = account(app_context, "kim")
    assert verify(shown_once(made), kim.password_hash)
    assert kim.must_change_password
    assert shown_once(made) not in made.said


def test_an_edit_can_be_undone_unless_somebody_came_between(app_context: AppContext) -> None:
    first = users_actions.edit(
        Actor(app_context.engine, ADMIN, NOW), account(app_context, "tom"), {"role": "manager"}
    )
    undo(Actor(app_context.engine, ADMIN, NOW), first)
    assert account(app_context, "tom").role == "technician"
    second = users_actions.edit(
        Actor(app_context.engine, ADMIN, NOW), account(app_context, "tom"), {"email": "t@x.example"}
    )
    users_actions.edit(
        Actor(app_context.engine, ADMIN, NOW), account(app_context, "tom"), {"full_name": "Thomas"}
    )
    with pytest.raises(Conflict):
        undo(Actor(app_context.engine, ADMIN, NOW), second)
    with pytest.raises(Forbidden):
        undo(Actor(app_context.engine, MANAGER, NOW), second)


def test_of_two_who_edit_one_account_the_second_is_told(app_context: AppContext) -> None:
    seen = account(app_context, "tom")
    users_actions.edit(Actor(app_context.engine, ADMIN, NOW), seen, {"email": "one@x.example"})
    with pytest.raises(Conflict):
        users_actions.edit(Actor(app_context.engine, ADMIN, NOW), seen, {"email": "two@x.example"})
    assert account(app_context, "tom").email == "one@x.example"


def test_a_reset_password_ends_every_session_and_must_be_changed(app_context: AppContext) -> None:
    session(app_context, 1)
    made = users_actions.reset_password(
        Actor(app_context.engine, ADMIN, NOW), account(app_context, "tom"), app_context.settings.accounts
    )
    assert verify(shown_once(made), account(app_context, "tom").password_hash)
    assert account(app_context, "tom").must_change_password
    assert sessions(app_context, 1) == set()


def test_one_changes_ones_own_password_and_stays_here_alone(app_context: AppContext) -> None:
    here, there = session(app_context, 1), session(app_context, 1)
    me = Viewer(TECHNICIAN.role, "tom", user_id=1, session=here)
    for current, new in (("wrong", NEW), (PASSWORD, PASSWORD), (PASSWORD, "short"), (PASSWORD, "tom" * 5)):
        with pytest.raises(AccountRefused):
            change(app_context, me, current, new)
    change(app_context, me, PASSWORD, NEW)
    assert verify(NEW, account(app_context, "tom").password_hash)
    assert not account(app_context, "tom").must_change_password
    assert sessions(app_context, 1) == {here}
    assert there not in sessions(app_context, 1)


def test_an_open_page_is_no_place_for_guessing(app_context: AppContext) -> None:
    for _ in range(5):
        with pytest.raises(AccountRefused):
            change(app_context, TECHNICIAN, "guess", NEW)
    with pytest.raises(TooManyAttempts):
        change(app_context, TECHNICIAN, PASSWORD, NEW)


def test_one_ends_ones_own_sessions_and_no_others(app_context: AppContext) -> None:
    mine, other, adas = session(app_context, 1), session(app_context, 1), session(app_context, 3)
    assert "had ended" in users_actions.end_one(Actor(app_context.engine, TECHNICIAN, NOW), 1, adas).said
    assert sessions(app_context, 3) == {adas}
    users_actions.sign_out(Actor(app_context.engine, TECHNICIAN, NOW), 1, keep=mine)
    assert sessions(app_context, 1) == {mine}
    assert "ended" in users_actions.end_one(Actor(app_context.engine, ADMIN, NOW), 1, mine).said
    assert sessions(app_context, 1) == set()
    assert other not in sessions(app_context, 1)


def test_a_token_is_known_to_its_program_alone(app_context: AppContext) -> None:
    made = tokens_actions.make(
        Actor(app_context.engine, ADMIN, NOW), NewToken("  Grafana  board ", ROLES["technician"])
    )
    with reading(app_context.engine) as connection:
        (token,) = read_tokens(connection, NOW)
        audit = str(connection.execute(select(AUDIT)).mappings().all())
    assert (token.name, token.role, token.created_by) == ("Grafana board", "technician", "ada")
    assert shown_once(made).startswith("printers_")
    assert shown_once(made) not in audit + str(token)
    with pytest.raises(RefusedToken, match="already"):
        tokens_actions.make(Actor(app_context.engine, ADMIN, NOW), NewToken("Grafana board", ROLES["admin"]))
    tokens_actions.revoke(Actor(app_context.engine, ADMIN, NOW), token.token_id)
    with pytest.raises(Conflict):
        tokens_actions.revoke(Actor(app_context.engine, ADMIN, NOW), token.token_id)
    tokens_actions.make(Actor(app_context.engine, ADMIN, NOW), NewToken("Grafana board", ROLES["admin"]))


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\u202eb"])
def test_a_token_is_named_for_its_program(name: str, app_context: AppContext) -> None:
    with pytest.raises(RefusedToken):
        tokens_actions.make(Actor(app_context.engine, ADMIN, NOW), NewToken(name, ROLES["technician"]))


def test_accounts_are_read_with_their_sessions(app_context: AppContext) -> None:
    session(app_context, 2)
    with reading(app_context.engine) as connection:
        everybody = accounts(connection, app_context.settings.dashboard, NOW)
        assert user_row(connection, 999) is None
    assert [(one.seen.name, one.sessions) for one in everybody] == [("ada", 0), ("maya", 1), ("tom", 0)]
    assert is_last_admin(everybody[0], everybody)
    assert not is_last_admin(everybody[1], everybody)


def test_the_audit_is_searched(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    users_actions.edit(
        Actor(app_context.engine, ADMIN, now + timedelta(seconds=1)),
        account(app_context, "tom"),
        {"role": "manager"},
    )
    tokens_actions.make(
        Actor(app_context.engine, ADMIN, now + timedelta(seconds=2)), NewToken("100%_sure", ROLES["admin"])
    )
    with reading(app_context.engine) as connection:

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

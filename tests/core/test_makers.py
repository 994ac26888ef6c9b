"""What somebody has given out may do no more than they may do now themselves, on both databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select

from core.domain.permissions import NOBODY, ROLES, Permission, at_most, role_of
from core.domain.tokens import hashed
from core.storage.account_links import Invitation, find_by_token, invite_somebody, open_links
from core.storage.api_tokens import NewToken, add_token, find_token, read_tokens, revoke_token
from core.storage.core_tables import ACCOUNT_LINKS, AUDIT
from core.storage.database import open_database, reading, writing
from core.storage.user_rows import UserEdit
from core.storage.users import AccountRefused, NewUser, add_user, edit_user, find_user
from core.storage.wall_links import add_wall_link, find_wall_link, read_wall_links
from tests.postgres import DATABASES, database

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANY_ROLE = st.sampled_from([*ROLES.values(), NOBODY, role_of("a role of long ago")])


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Two admins, ada and kim."""
    with database(request.param, tmp_path) as settings:
        made = open_database(settings)
        with writing(made) as connection:
            for name in ("ada", "kim"):
                add_user(connection, NewUser(name, ROLES["admin"]), actor="console", now=NOW)
        yield made
        made.dispose()


def edit(engine: Engine, name: str, **values: Any) -> None:
    wanted: UserEdit = values
    with writing(engine) as connection:
        seen = find_user(connection, name)
        assert seen is not None
        edit_user(connection, seen, wanted, actor="ada", now=NOW)


def token(engine: Engine, role: str, name: str = "Grafana", actor: str = "kim", **how: Any) -> str:
    with writing(engine) as connection:
        return add_token(connection, NewToken(name, ROLES[role], **how), actor=actor, now=NOW)


def rights(engine: Engine, secret: str) -> str | None:
    """The role that a token has now; None where it is refused."""
    with reading(engine) as connection:
        found = find_token(connection, secret, NOW)
    return found.rights.name if found is not None and found.rights is not None else None


def audited(engine: Engine, kind: str) -> list[tuple[str, str, Any]]:
    with reading(engine) as connection:
        lines = connection.execute(
            select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.details).order_by(AUDIT.c.id)
        )
        return [(row[0], row[1], row[2]) for row in lines if row[0].startswith(kind)]


@given(ANY_ROLE, ANY_ROLE)
def test_nobody_hands_on_more_than_they_have(role: Any, limit: Any) -> None:
    found = at_most(role, limit)
    assert found.permissions == role.permissions & limit.permissions


def test_a_token_is_refused_while_its_maker_is_deactivated_and_accepted_again(engine: Engine) -> None:
    secret, consoles = token(engine, "manager"), token(engine, "manager", "backup", actor="console")
    edit(engine, "kim", active=False)
    assert (rights(engine, secret), rights(engine, consoles)) == (None, "manager")
    edit(engine, "kim", active=True)
    assert rights(engine, secret) == "manager"
    assert audited(engine, "token.")[2:] == [
        ("token.suspended", "Grafana", {"rights": ["manager", ""], "made_by": "kim"}),
        ("token.resumed", "Grafana", {"rights": ["", "manager"], "made_by": "kim"}),
    ]


@pytest.mark.parametrize(
    ("role", "makers", "left"),
    [
        ("admin", "technician", "technician"),
        ("manager", "technician", "technician"),
        ("technician", "manager", "technician"),
        ("manager", "manager", "manager"),
    ],
)
def test_a_token_has_no_more_rights_than_its_maker_has_now(
    engine: Engine, role: str, makers: str, left: str
) -> None:
    secret = token(engine, role)
    edit(engine, "kim", role=makers)
    assert rights(engine, secret) == left
    limited = [("token.limited", "Grafana", {"rights": [role, left], "made_by": "kim"})]
    assert audited(engine, "token.limited") == (limited if left != role else [])
    edit(engine, "kim", role="admin")
    assert rights(engine, secret) == role


def test_a_token_that_has_ended_does_not_come_back_with_its_maker(engine: Engine) -> None:
    ended, lapsed = token(engine, "manager", "ended"), token(engine, "manager", "lapsed", expires_days=1)
    edit(engine, "kim", active=False)
    with writing(engine) as connection:
        found = {one.name: one.token_id for one in read_tokens(connection, NOW)}
        revoke_token(connection, found["ended"], actor="ada", now=NOW)
    edit(engine, "kim", active=True)
    assert rights(engine, ended) is None
    with reading(engine) as connection:
        assert find_token(connection, lapsed, NOW + timedelta(days=2)) is None


@pytest.mark.parametrize("ended", [{"active": False}, {"role": "manager"}])
def test_a_screen_stays_on_is_listed_as_left_open_and_is_in_the_audit(
    engine: Engine, ended: UserEdit
) -> None:
    with writing(engine) as connection:
        add_wall_link(connection, "Lobby", "", actor="kim", now=NOW)
        add_wall_link(connection, "Office", "", actor="ada", now=NOW)
    edit(engine, "kim", **ended)
    with reading(engine) as connection:
        left = {link.name: link.is_left_open for link in read_wall_links(connection)}
        number = next(link.link_id for link in read_wall_links(connection) if link.name == "Lobby")
        assert find_wall_link(connection, number) is not None
    assert left == {"Lobby": True, "Office": False}
    assert audited(engine, "wall.left_open") == [("wall.left_open", "Lobby", {"made_by": "kim"})]


def test_an_invitation_made_in_the_moment_its_maker_is_shut_out_opens_nothing(engine: Engine) -> None:
    wanted = Invitation(ROLES["admin"], "back@college.example")
    edit(engine, "kim", active=False)
    with writing(engine) as connection:  # by a request that was let in before
        secret = invite_somebody(connection, wanted, actor="kim", now=NOW)
    with reading(engine) as connection:
        assert find_by_token(connection, secret, NOW) is None
        assert open_links(connection, NOW) == []


def test_a_link_of_the_console_does_not_end_with_anybody(engine: Engine) -> None:
    values = {"purpose": "invitation", "name": "", "email": "", "role": "manager", "mail_due": False}
    with writing(engine) as connection:
        connection.execute(
            insert(ACCOUNT_LINKS).values(
                **values,
                token_hash=hashed("x"),
                created_by="console",
                created_at=NOW,
                expires_at=NOW + timedelta(days=1),
            )
        )
        assert find_by_token(connection, "x", NOW) is not None


@pytest.mark.parametrize("name", ["console", "Console ", "processor"])
def test_no_account_is_taken_for_a_part_of_the_system(engine: Engine, name: str) -> None:
    with pytest.raises(AccountRefused, match="choose another name"), writing(engine) as connection:
        add_user(connection, NewUser(name), actor="ada", now=NOW)


def test_the_permission_to_make_tokens_is_not_needed_to_have_some(engine: Engine) -> None:
    """A manager's tokens of the time when they administered go on as a manager's."""
    assert not ROLES["manager"].may(Permission.MANAGE_TOKENS)
    secret = token(engine, "technician")
    edit(engine, "kim", role="manager")
    assert rights(engine, secret) == "technician"

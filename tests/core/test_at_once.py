"""What holds when two write at once, too: there is an admin; links, names and addresses are given once."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, func, select

from core.domain.permissions import ROLES
from core.storage.account_links import Invitation, first_admin_link, invite_somebody
from core.storage.api_tokens import NewToken, RefusedToken, add_token
from core.storage.core_tables import ACCOUNT_LINKS
from core.storage.database import reading, writing
from core.storage.inventory import apply_plan, plan_rows
from core.storage.user_rows import UserEdit, UserRow
from core.storage.users import AccountRefused, NewUser, add_user, count_admins, edit_user, find_user
from core.storage.wall_links import RefusedLink, add_wall_link
from tests.postgres import at_once

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def admin(engine: Engine, name: str) -> UserRow:
    with writing(engine) as connection:
        add_user(connection, NewUser(name, ROLES["admin"]), actor="console", now=NOW)
        found = find_user(connection, name)
    assert found is not None
    return found


def _open_links(engine: Engine) -> int:
    with reading(engine) as connection:
        open_ones = select(func.count()).where(ACCOUNT_LINKS.c.revoked_at.is_(None))
        return connection.execute(open_ones).scalar_one()


@pytest.mark.parametrize("ended", [{"active": False}, {"role": "manager"}])
def test_of_two_admins_who_shut_each_other_out_at_once_one_stays(engine: Engine, ended: UserEdit) -> None:
    ada, eve = admin(engine, "ada"), admin(engine, "eve")

    def shut_out_eve(connection: Connection) -> None:
        edit_user(connection, eve, ended, actor="ada", now=NOW)

    def shut_out_ada() -> None:
        with writing(engine) as connection:
            edit_user(connection, ada, ended, actor="eve", now=NOW)

    with pytest.raises(AccountRefused, match="last active admin"):
        at_once(engine, shut_out_eve, shut_out_ada)
    with reading(engine) as connection:
        assert count_admins(connection) == 1


def test_of_two_links_for_the_first_admin_that_are_made_at_once_one_is_open(engine: Engine) -> None:
    def make_link() -> None:
        with writing(engine) as connection:
            first_admin_link(connection, NOW)

    at_once(engine, lambda connection: first_admin_link(connection, NOW), make_link)
    assert _open_links(engine) == 1


def test_of_two_invitations_of_one_person_that_are_made_at_once_one_is_open(engine: Engine) -> None:
    wanted = Invitation(ROLES["manager"], "noor@college.example")

    def invite(connection: Connection) -> None:
        invite_somebody(connection, wanted, actor="ada", now=NOW)

    def invite_again() -> None:
        with writing(engine) as connection:
            invite(connection)

    at_once(engine, invite, invite_again)
    assert _open_links(engine) == 1


def test_no_two_valid_tokens_or_screens_get_one_name_at_once(engine: Engine) -> None:
    def make_token(connection: Connection) -> None:
        add_token(connection, NewToken("grafana", ROLES["technician"]), actor="ada", now=NOW)

    def make_screen(connection: Connection) -> None:
        add_wall_link(connection, "lobby", "", actor="ada", now=NOW)

    for make, refusal in ((make_token, RefusedToken), (make_screen, RefusedLink)):

        def again() -> None:
            with writing(engine) as connection:
                make(connection)  # noqa: B023 (called in this turn)

        with pytest.raises(refusal):
            at_once(engine, make, again)


def test_no_two_printers_are_added_with_one_address_at_once(engine: Engine) -> None:
    def add(connection: Connection, name: str) -> int:
        plan = plan_rows(connection, [{"name": name, "host": "192.0.2.7"}])
        apply_plan(connection, plan, NOW, actor="ada")
        return len(plan.added)

    def add_another() -> int:
        with writing(engine) as connection:
            return add(connection, "Lobby")

    assert at_once(engine, lambda connection: add(connection, "Library"), add_another) == 0

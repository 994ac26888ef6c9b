"""Links for accounts as they are given out: invited, listed, sent, given out anew, revoked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.contract.errors import Conflict
from core.domain.permissions import ROLES
from core.storage.account_links import (
    Invitation,
    Purpose,
    invite_somebody,
    link_for_password,
    open_links,
    renew_link,
)
from core.storage.core_tables import ACCOUNT_LINKS, AUDIT, USERS
from core.storage.database import open_database, reading, writing
from core.storage.user_rows import UserEdit
from core.storage.users import AccountRefused, NewUser, add_user, edit_user, find_user
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.users import link_actions
from dashboard.viewer import ConfirmationNeeded, Forbidden
from tests.dashboard.account_links import audited, invited, listed, opened, password_link, token_of, visitor
from tests.dashboard.doors import college
from tests.dashboard.harness import ADMIN, CONFIRMED_AT, MANAGER, drawn
from tests.postgres import DATABASES, database


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    made = college(monkeypatch, tmp_path)
    yield made
    made.engine.dispose()


def clean_markdown(text: str) -> str:
    """What people read of it."""
    return text.replace("\\", "").replace("\u2060", "")


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("ended", [{"active": False}, {"role": "manager"}])
def test_with_the_right_to_administer_end_all_links_that_an_admin_has_given_out(
    ended: UserEdit, kind: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    with database(kind, tmp_path) as where:
        engine = open_database(where)
        with writing(engine) as connection:
            for name in ("ada", "eve"):
                add_user(connection, NewUser(name, ROLES["admin"]), actor="console", now=now)
            ada, eve = find_user(connection, "ada"), find_user(connection, "eve")
            assert ada is not None
            assert eve is not None
            link_for_password(connection, ada, actor="eve", now=now)
            for whose, actor in (("eve@home", "eve"), ("noor@college", "ada"), ("max@college", "ada")):
                whom = Invitation(ROLES["admin"], f"{whose}.example")
                invite_somebody(connection, whom, actor=actor, now=now)
            taken_over = next(link for link in open_links(connection, now) if link.whose.startswith("max"))
            renew_link(connection, taken_over.link_id, actor="eve", now=now)
            edit_user(connection, eve, {"full_name": "Eve Lund"}, actor="ada", now=now)
            assert len(open_links(connection, now)) == 4

            renamed = find_user(connection, "eve")
            assert renamed is not None
            edit_user(connection, renamed, ended, actor="ada", now=now)

            assert [link.whose for link in open_links(connection, now)] == ["noor@college.example"]
            revoked = select(AUDIT.c.subject).where(
                AUDIT.c.action == "user.link_revoked", AUDIT.c.actor == "ada"
            )
            assert sorted(connection.execute(revoked).scalars()) == [
                "ada", "eve@home.example", "max@college.example",
            ]  # fmt: skip
        engine.dispose()


def test_how_long_links_last(app_context: AppContext) -> None:
    before = datetime.now(UTC)
    invited(app_context)
    password_link(app_context, "tom")
    lasts = {link.purpose: link.expires_at - before for link in listed(app_context)}
    assert timedelta(days=7) <= lasts[Purpose.INVITATION] < timedelta(days=7, minutes=5)
    assert timedelta(hours=24) <= lasts[Purpose.PASSWORD] < timedelta(hours=24, minutes=5)


def test_invitations_are_listed_given_out_anew_and_revoked(app_context: AppContext) -> None:
    engine, now = app_context.engine, datetime.now(UTC)
    token = invited(app_context)
    (link,) = listed(app_context)
    assert (link.email, link.role, link.created_by) == ("noor@college.example", "manager", "ada")
    anew = link_actions.renew(Actor(engine, ADMIN, now), link.link_id, "http://x.example", by_mail=False)
    assert visitor(app_context).post("/login/link/token", {"token": token}).status == 403
    opened(app_context, token_of(anew))
    assert link_actions.revoke(Actor(engine, ADMIN, now), link.link_id).said == (
        "noor@college.example is not invited any more"
    )
    assert visitor(app_context).post("/login/link/token", {"token": token_of(anew)}).status == 403
    assert listed(app_context) == []
    with pytest.raises(Conflict):
        link_actions.revoke(Actor(engine, ADMIN, now), link.link_id)
    with pytest.raises(Conflict):
        link_actions.renew(Actor(engine, ADMIN, now), link.link_id, "http://x.example", by_mail=False)
    about_links = [line for line in audited(app_context) if line[1] == "noor@college.example"]
    assert about_links == [
        ("user.invited", "noor@college.example", "ada"),
        ("user.invited", "noor@college.example", "ada"),
        ("user.link_revoked", "noor@college.example", "ada"),
    ]


def test_who_is_invited_again_has_one_link(app_context: AppContext) -> None:
    earlier, later = invited(app_context), invited(app_context, role="technician")
    assert [link.role for link in listed(app_context)] == ["technician"]
    assert visitor(app_context).post("/login/link/token", {"token": earlier}).status == 403
    opened(app_context, later)


def test_only_admins_who_have_just_proved_who_they_are_give_links_out(app_context: AppContext) -> None:
    engine, now = app_context.engine, datetime.now(UTC)
    wanted = Invitation(ROLES["admin"], "eve@evil.example")
    with pytest.raises(Forbidden):
        link_actions.invite(Actor(engine, MANAGER, now), wanted, "http://x.example", by_mail=False)
    with pytest.raises(Forbidden):
        link_actions.revoke(Actor(engine, MANAGER, now), 1)
    stale = replace(ADMIN, confirmed_at=now - timedelta(days=1))
    assert ADMIN.confirmed_at == CONFIRMED_AT
    with pytest.raises(ConfirmationNeeded):
        link_actions.invite(Actor(engine, stale, now), wanted, "http://x.example", by_mail=False)
    assert listed(app_context) == []


@pytest.mark.parametrize(
    ("email", "name", "sentence"),
    [
        ("no address", "", "is no mail address"),
        ("", "", "needs a mail address"),
        ("", "tom", "there is a user tom already"),
        ("", "no name", "cannot be a user's name"),
    ],
)
def test_what_is_no_invitation_is_refused(
    email: str, name: str, sentence: str, app_context: AppContext
) -> None:
    wanted, now = Invitation(ROLES["technician"], email, name), datetime.now(UTC)
    with pytest.raises(AccountRefused, match=sentence), writing(app_context.engine) as connection:
        invite_somebody(connection, wanted, actor="ada", now=now, by_mail=not name)


def test_nobody_without_a_mail_address_gets_a_mail(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    with (
        pytest.raises(AccountRefused, match="no mail can be sent to tom"),
        writing(app_context.engine) as connection,
    ):
        connection.execute(update(USERS).values(email=""))
        tom = find_user(connection, "tom")
        assert tom is not None
        link_for_password(connection, tom, actor="ada", now=now, by_mail=True)


def test_the_page_users_shows_a_link_once_and_lists_who_is_invited(app_context: AppContext) -> None:
    page = drawn("users", ADMIN, app_context)
    page.text_input(key="invite-email").set_value("noor@college.example")
    page.selectbox(key="invite-role").set_value("manager")
    next(button for button in page.button if button.label == "Invite").click().run()
    assert page.code[0].value.startswith("http://127.0.0.1:8501/login/link#")
    token = page.code[0].value.partition("#")[2]
    said = " ".join(clean_markdown(line.value) for line in page.markdown)
    assert "noor@college.example" in said
    assert "Invited as Manager" in said
    assert "expires in 7 days" in said
    opened(app_context, token)
    next(button for button in page.button if button.label == "I have saved it").click().run()
    assert not page.code
    next(button for button in page.button if button.label == "New link").click().run()
    assert page.code[0].value.partition("#")[2] != token
    next(button for button in page.button if button.label == "Revoke").click().run()
    assert listed(app_context) == []


def test_with_a_mail_server_the_page_users_sends_links_and_shows_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app_context = college(monkeypatch, tmp_path, {"EMAIL_HOST": "mail.college.example"})
    page = drawn("users", ADMIN, app_context, user="tom")
    page.text_input(key="invite-email").set_value("noor@college.example")
    next(button for button in page.button if button.label == "Invite").click().run()
    assert not page.code
    wanted = "Send a link to set a new password"
    next(button for button in page.button if button.label == wanted).click().run()
    assert not page.code
    with reading(app_context.engine) as connection:
        rows = connection.execute(select(ACCOUNT_LINKS.c.mail_due, ACCOUNT_LINKS.c.token_hash)).all()
    assert [tuple(row) for row in rows] == [(True, None), (True, None)]
    assert [button.label for button in page.button].count("Resend") == 2

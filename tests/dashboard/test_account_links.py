"""Links for accounts: first admin, invitations, new passwords; used once, forged, expired, raced for."""

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select, update
from starlette.applications import Starlette

from core.contract.errors import Conflict
from core.domain.passwords import verify
from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.storage.account_links import (
    AccountLink,
    Invitation,
    Purpose,
    find_by_token,
    first_admin_link,
    invite_somebody,
    link_for_password,
    open_links,
    renew_link,
)
from core.storage.core_tables import ACCOUNT_LINKS, AUDIT, SESSIONS, USERS
from core.storage.database import open_database, reading, writing
from core.storage.second_factors import NewFactor, turn_on
from core.storage.user_rows import UserEdit
from core.storage.users import AccountRefused, NewUser, add_user, edit_user, find_user
from dashboard.app_context import AppContext
from dashboard.features.users import link_actions
from dashboard.viewer import ConfirmationNeeded, Forbidden
from dashboard.web.gate.gate import Gate
from dashboard.web.gate.sockets import OpenSockets
from dashboard.web.routes import account_link
from dashboard.web.sign_in.account_links import NewPassword, accept
from dashboard.web.sign_in.link_cookie import UnknownLink
from dashboard.web.sign_in.login import make_login_routes
from dashboard.web.sign_in.sessions import COOKIE, ClientInfo
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.doors import college, form_token, sign_in
from tests.dashboard.harness import ADMIN, CONFIRMED_AT, MANAGER, PASSWORD, drawn
from tests.postgres import DATABASES, database

GOOD = "lantern walrus teapot canyon"
UNKNOWN = "This link is not known, was used already, or has expired."


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    made = college(monkeypatch, tmp_path)
    yield made
    made.engine.dispose()


def visitor(app_context: AppContext, scheme: str = "http") -> Visitor:
    """Somebody before the gate, behind which are the routes of signing in."""
    sockets = OpenSockets()
    routes = [*make_login_routes(sockets), *account_link.ROUTES]
    return Visitor(Gate(Starlette(routes=routes), app_context, sockets), scheme=scheme)


def without_people(app_context: AppContext) -> AppContext:
    with writing(app_context.engine) as connection:
        connection.execute(delete(USERS))
    return app_context


def first_link(app_context: AppContext, now: datetime | None = None) -> str:
    with writing(app_context.engine) as connection:
        token = first_admin_link(connection, now or datetime.now(UTC))
    assert token is not None
    return token


def invited(app_context: AppContext, email: str = "noor@college.example", role: str = "manager") -> str:
    wanted, now = Invitation(ROLES[role], email), datetime.now(UTC)
    return link_actions.invite(app_context.engine, ADMIN, wanted, now=now, by_mail=False).token


def password_link(app_context: AppContext, name: str) -> str:
    now = datetime.now(UTC)
    with reading(app_context.engine) as connection:
        seen = find_user(connection, name)
    assert seen is not None
    return link_actions.password_link(app_context.engine, ADMIN, seen, now=now, by_mail=False).token


def opened(app_context: AppContext, token: str, scheme: str = "http") -> Visitor:
    who = visitor(app_context, scheme)
    answer = who.post("/login/link/token", {"token": token})
    assert answer.status == 204, answer.body
    return who


def send(
    who: Visitor, password: str = GOOD, again: str | None = None, open_form: str = "", **typed: str
) -> Answer:
    """Fill the form in and send it; `open_form` is the token of one that was opened before."""
    token = open_form or form_token(who.page("/login/link"))
    form = {"form": token, "password": password, **typed}
    return who.post("/login/link", {**form, "again": password if again is None else again})


def listed(app_context: AppContext) -> list[AccountLink]:
    with reading(app_context.engine) as connection:
        return list(open_links(connection, datetime.now(UTC)))


def audited(app_context: AppContext) -> list[tuple[str, str, str]]:
    with reading(app_context.engine) as connection:
        row = AUDIT.c
        kinds = row.action.startswith("user.")
        found = connection.execute(select(row.action, row.subject, row.actor).where(kinds).order_by(row.id))
        return [(line.action, line.subject, line.actor) for line in found]


def count_users(app_context: AppContext) -> int:
    with reading(app_context.engine) as connection:
        return connection.execute(select(func.count()).select_from(USERS)).scalar_one()


def test_the_first_admin_makes_their_account_and_is_signed_in(app_context: AppContext) -> None:
    token = first_link(without_people(app_context))
    who = opened(app_context, token)
    page = who.page("/login/link")
    assert "Make the first account" in page.body
    answer = send(who, name="Ada", full_name="Ada Okafor")
    assert (answer.status, answer.location) == (303, "/")
    assert COOKIE in who.cookies
    with reading(app_context.engine) as connection:
        ada = find_user(connection, "ada")
    assert ada is not None
    assert (ada.role, ada.full_name, ada.must_change_password) == ("admin", "Ada Okafor", False)
    assert verify(GOOD, ada.password_hash)
    assert audited(app_context)[-3:] == [
        ("user.first_admin_link", "whoever has the link", "console"),
        ("user.created", "ada", "ada"),
        ("user.link_used", "ada", "ada"),
    ]


def test_of_a_token_only_the_hash_is_stored_and_no_log_has_it(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = invited(app_context)
    send(opened(app_context, token), name="noor", full_name="Noor Haddad")
    with reading(app_context.engine) as connection:
        row = connection.execute(select(ACCOUNT_LINKS)).mappings().one()
        audit = [str(dict(line)) for line in connection.execute(select(AUDIT)).mappings()]
    assert row["token_hash"] == hashed(token)
    assert token not in str(dict(row))
    assert not any(token in line for line in audit)
    assert token not in caplog.text
    assert GOOD not in caplog.text


def test_the_link_for_the_first_admin_ends_with_any_admin_and_with_the_next_link(
    app_context: AppContext,
) -> None:
    without_people(app_context)
    earlier, token = first_link(app_context), first_link(app_context)
    assert visitor(app_context).post("/login/link/token", {"token": earlier}).status == 403
    who = opened(app_context, token)
    form = form_token(who.page("/login/link"))
    now = datetime.now(UTC)
    with writing(app_context.engine) as connection:
        made = invite_somebody(connection, Invitation(ROLES["admin"], name="ada"), actor="console", now=now)
    assert send(opened(app_context, made), full_name="Ada").status == 303
    refused = send(who, open_form=form, name="eve", full_name="Eve")
    assert refused.status == 403
    assert UNKNOWN in refused.body
    assert visitor(app_context).post("/login/link/token", {"token": token}).status == 403
    with writing(app_context.engine) as connection:
        assert first_admin_link(connection, now) is None
    assert count_users(app_context) == 1


def test_until_there_is_an_admin_the_login_page_says_how_the_first_one_comes_in(
    app_context: AppContext,
) -> None:
    assert "printers users invite" not in visitor(app_context).page("/login").body
    without_people(app_context)
    assert "printers users invite NAME --role admin" in visitor(app_context).page("/login").body


@pytest.mark.parametrize("kind", DATABASES)
def test_of_two_who_use_the_first_link_at_once_exactly_one_becomes_admin(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = college(monkeypatch, tmp_path).settings
    with database(kind, tmp_path / "raced") as where:
        engine = open_database(where)
        now = datetime.now(UTC)
        with writing(engine) as connection:
            token = first_admin_link(connection, now)
            assert token is not None
            link = find_by_token(connection, token, now)
        assert link is not None
        together, ended = threading.Barrier(2), list[str]()

        def post(name: str) -> None:
            given = NewPassword(link.link_id, name, name, GOOD, GOOD, ClientInfo("198.51.100.7"), name)
            together.wait()
            try:
                accept(engine, given, settings, datetime.now(UTC))
                ended.append("in")
            except UnknownLink:
                ended.append("refused")

        threads = [threading.Thread(target=post, args=(name,)) for name in ("ada", "eve")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == ["in", "refused"]
        assert _count(engine) == 1
        engine.dispose()


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


def clean_markdown(text: str) -> str:
    """What people read of it."""
    return text.replace("\\", "").replace("\u2060", "")


def _count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(USERS)).scalar_one()


@pytest.mark.parametrize("token", ["", "guessed", "x" * 5000])
def test_a_forged_link_opens_nothing_and_is_recorded(token: str, app_context: AppContext) -> None:
    who = visitor(app_context)
    answer = who.post("/login/link/token", {"token": token})
    assert answer.status == 403
    assert answer.json["error"].startswith(UNKNOWN)
    assert "printers_link" not in who.cookies
    assert 'name="password"' not in who.page("/login/link").body
    with reading(app_context.engine) as connection:
        refusal = connection.execute(
            select(AUDIT.c.details).where(AUDIT.c.action == "sign_in.refused")
        ).scalar_one()
    assert refusal["reason"] == "the link for an account is unknown, used or expired"


def test_a_link_works_once(app_context: AppContext) -> None:
    token = invited(app_context)
    who, other = opened(app_context, token), opened(app_context, token)
    form = form_token(other.page("/login/link"))
    assert send(who, name="noor", full_name="Noor").status == 303
    assert UNKNOWN in send(other, open_form=form, name="eve", full_name="Eve").body
    assert visitor(app_context).post("/login/link/token", {"token": token}).status == 403
    assert listed(app_context) == []


def test_an_expired_link_opens_nothing_also_where_its_form_is_open(app_context: AppContext) -> None:
    token = invited(app_context)
    who = opened(app_context, token)
    form = form_token(who.page("/login/link"))
    with writing(app_context.engine) as connection:
        connection.execute(update(ACCOUNT_LINKS).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert UNKNOWN in send(who, open_form=form, name="noor", full_name="Noor").body
    assert visitor(app_context).post("/login/link/token", {"token": token}).status == 403
    assert count_users(app_context) == 3


def test_how_long_links_last(app_context: AppContext) -> None:
    before = datetime.now(UTC)
    invited(app_context)
    password_link(app_context, "tom")
    lasts = {link.purpose: link.expires_at - before for link in listed(app_context)}
    assert timedelta(days=7) <= lasts[Purpose.INVITATION] < timedelta(days=7, minutes=5)
    assert timedelta(hours=24) <= lasts[Purpose.PASSWORD] < timedelta(hours=24, minutes=5)


def test_a_forged_cookie_and_a_forged_form_change_nothing(app_context: AppContext) -> None:
    who = opened(app_context, invited(app_context))
    form = {"name": "eve", "full_name": "Eve", "password": GOOD, "again": GOOD}
    assert who.post("/login/link", form).status == 403
    token = form_token(who.page("/login/link"))
    who.cookies["printers_link"] += "x"
    assert who.post("/login/link", {**form, "form": token}).status == 403
    foreign = who.post("/login/link/token", {"token": "x"}, {"origin": "https://evil.example"})
    assert foreign.status == 403
    assert count_users(app_context) == 3


def test_behind_https_the_cookie_is_for_https_and_this_path_alone(app_context: AppContext) -> None:
    who = visitor(app_context, scheme="https")
    answer = who.post("/login/link/token", {"token": invited(app_context)})
    (cookie,) = answer.set_cookies
    assert cookie.startswith("__Secure-printers_link=")
    for part in ("HttpOnly", "Path=/login/link", "SameSite=strict", "Secure"):
        assert part in cookie


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "printerprinter"}, "too easy to guess"),
        ({"again": "another one, mistyped"}, "The two passwords differ."),
        ({"name": "Tom"}, "There is a user tom already."),
        ({"name": "no spaces, please"}, "cannot be a user&#39;s name"),
        ({"password": "", "again": ""}, "Choose a password."),
    ],
)
def test_what_is_refused_is_said_and_the_link_can_be_used_again(
    typed: dict[str, str], sentence: str, app_context: AppContext
) -> None:
    who = opened(app_context, invited(app_context))
    answer = send(who, **{"name": "noor", "full_name": "Noor <b>Haddad</b>", **typed})
    assert answer.status == 400
    assert sentence in answer.body
    assert "Noor &lt;b&gt;Haddad&lt;/b&gt;" in answer.body  # what was typed stays, as text
    assert GOOD not in answer.body
    assert send(who, name="noor", full_name="Noor").status == 303


def test_who_tries_links_too_often_waits(app_context: AppContext) -> None:
    who = visitor(app_context)
    answers = [who.post("/login/link/token", {"token": f"guess {number}"}).status for number in range(31)]
    assert answers[-2:] == [403, 429]
    good = invited(app_context)
    refused = who.post("/login/link/token", {"token": good})
    assert (refused.status, int(refused.headers["retry-after"]) > 0) == (429, True)
    other = Visitor(who.app, address="203.0.113.9")
    assert other.post("/login/link/token", {"token": good}).status == 204


def test_a_link_sets_a_new_password_and_ends_every_session(app_context: AppContext) -> None:
    tom = visitor(app_context)
    assert sign_in(tom, "tom").status == 303
    token = password_link(app_context, "tom")
    assert sign_in(visitor(app_context), "tom").status == 303  # the present one stays until then
    who = opened(app_context, token)
    page = who.page("/login/link")
    assert 'value="tom"' in page.body
    assert "readonly" in page.body
    assert send(who, name="ada").status == 303  # whose it is stands in the link alone
    with reading(app_context.engine) as connection:
        user = find_user(connection, "tom")
        alive = connection.execute(select(SESSIONS).where(SESSIONS.c.revoked_at.is_(None))).all()
    assert user is not None
    assert verify(GOOD, user.password_hash)
    assert not user.must_change_password
    assert [row.user_id for row in alive] == [user.id]  # this browser's
    assert sign_in(visitor(app_context), "tom", PASSWORD).status == 401
    assert sign_in(visitor(app_context), "tom", GOOD).status == 303


def test_a_link_for_a_password_does_not_get_around_the_second_factor(app_context: AppContext) -> None:
    accounts, now = app_context.settings.accounts, datetime.now(UTC)
    with writing(app_context.engine) as connection:
        tom = find_user(connection, "tom")
        assert tom is not None
        turn_on(connection, tom, NewFactor("encrypted", 1), accounts, now=now)
    who = opened(app_context, password_link(app_context, "tom"))
    answer = send(who)
    assert (answer.status, answer.location) == (303, "/login/code")
    assert COOKIE not in who.cookies


@pytest.mark.parametrize("values", [{"active": False}, {"email": "elsewhere@college.example"}])
def test_a_link_for_a_password_ends_with_the_account_or_its_mail_address(
    values: dict[str, str | bool], app_context: AppContext
) -> None:
    token = password_link(app_context, "tom")
    with writing(app_context.engine) as connection:
        tom = find_user(connection, "tom")
        assert tom is not None
        edit_user(connection, tom, values, actor="ada", now=datetime.now(UTC))
    assert visitor(app_context).post("/login/link/token", {"token": token}).status == 403


def test_invitations_are_listed_given_out_anew_and_revoked(app_context: AppContext) -> None:
    engine, now = app_context.engine, datetime.now(UTC)
    token = invited(app_context)
    (link,) = listed(app_context)
    assert (link.email, link.role, link.created_by) == ("noor@college.example", "manager", "ada")
    anew = link_actions.renew(engine, ADMIN, link.link_id, now=now, by_mail=False)
    assert visitor(app_context).post("/login/link/token", {"token": token}).status == 403
    opened(app_context, anew.token)
    assert link_actions.revoke(engine, ADMIN, link.link_id, now=now).said == (
        "noor@college.example is not invited any more"
    )
    assert visitor(app_context).post("/login/link/token", {"token": anew.token}).status == 403
    assert listed(app_context) == []
    with pytest.raises(Conflict):
        link_actions.revoke(engine, ADMIN, link.link_id, now=now)
    with pytest.raises(Conflict):
        link_actions.renew(engine, ADMIN, link.link_id, now=now, by_mail=False)
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
        link_actions.invite(engine, MANAGER, wanted, now=now, by_mail=False)
    with pytest.raises(Forbidden):
        link_actions.revoke(engine, MANAGER, 1, now=now)
    stale = replace(ADMIN, confirmed_at=now - timedelta(days=1))
    assert ADMIN.confirmed_at == CONFIRMED_AT
    with pytest.raises(ConfirmationNeeded):
        link_actions.invite(engine, stale, wanted, now=now, by_mail=False)
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
    assert "expires in 6 days" in said or "expires in 7 days" in said
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

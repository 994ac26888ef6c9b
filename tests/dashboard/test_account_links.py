"""Links for accounts as they are opened: a first account, a new password; used once, forged, expired."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, select, update

from core.domain.passwords import verify
from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.storage.account_links import (
    Invitation,
    find_by_token,
    first_admin_link,
    invite_somebody,
)
from core.storage.core_tables import ACCOUNT_LINKS, AUDIT, SESSIONS, USERS
from core.storage.database import open_database, reading, writing
from core.storage.second_factors import NewFactor, turn_on
from core.storage.users import edit_user, find_user
from dashboard.app_context import AppContext
from dashboard.web.sign_in.account_links import NewPassword, accept
from dashboard.web.sign_in.sessions import COOKIE, ClientInfo
from dashboard.web.sign_in.signed_cookie import UnknownLink
from tests.dashboard.account_links import audited, invited, listed, opened, password_link, visitor
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.doors import college, form_token, sign_in
from tests.dashboard.harness import PASSWORD
from tests.postgres import DATABASES, database

GOOD = "lantern walrus teapot canyon"
UNKNOWN = "This link is not known, was used already, or has expired."


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    made = college(monkeypatch, tmp_path)
    yield made
    made.engine.dispose()


def without_people(app_context: AppContext) -> AppContext:
    with writing(app_context.engine) as connection:
        connection.execute(delete(USERS))
    return app_context


def first_link(app_context: AppContext) -> str:
    with writing(app_context.engine) as connection:
        token = first_admin_link(connection, datetime.now(UTC))
    assert token is not None
    return token


def send(
    who: Visitor, password: str = GOOD, again: str | None = None, open_form: str = "", **typed: str
) -> Answer:
    """Fill the form in and send it; `open_form` is the token of one that was opened before."""
    token = open_form or form_token(who.page("/login/link"))
    form = {"form": token, "password": password, **typed}
    return who.post("/login/link", {**form, "again": password if again is None else again})


def count_users(engine: Engine) -> int:
    with reading(engine) as connection:
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
    assert count_users(app_context.engine) == 1


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

        def post(name: str, address: str) -> None:
            given = NewPassword(link.link_id, name, name, GOOD, GOOD, ClientInfo(address))
            together.wait()
            try:
                accept(engine, given, settings, datetime.now(UTC))
                ended.append("in")
            except UnknownLink:
                ended.append("refused")

        both = (("ada", "198.51.100.7"), ("eve", "198.51.100.8"))
        threads = [threading.Thread(target=post, args=each) for each in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ended) == ["in", "refused"]
        assert count_users(engine) == 1
        engine.dispose()


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
    assert count_users(app_context.engine) == 3


def test_a_forged_cookie_and_a_forged_form_change_nothing(app_context: AppContext) -> None:
    who = opened(app_context, invited(app_context))
    form = {"name": "eve", "full_name": "Eve", "password": GOOD, "again": GOOD}
    assert who.post("/login/link", form).status == 403
    token = form_token(who.page("/login/link"))
    who.cookies["printers_link"] += "x"
    assert who.post("/login/link", {**form, "form": token}).status == 403
    foreign = who.post("/login/link/token", {"token": "x"}, {"origin": "https://evil.example"})
    assert foreign.status == 403
    assert count_users(app_context.engine) == 3


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

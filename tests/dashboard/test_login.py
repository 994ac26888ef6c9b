"""Signing in and out by the plain forms of /login and /logout."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from core.domain.tokens import hashed
from core.storage.core_tables import ATTEMPTS, SESSIONS, USERS
from core.storage.database import reading, writing
from dashboard.app_context import AppContext
from dashboard.web.sign_in.forms import safe_next
from dashboard.web.sign_in.sessions import COOKIE, SECURE_COOKIE
from tests.dashboard.doors import college, form_token, sign_in, visitor
from tests.dashboard.harness import PASSWORD

WRONG = "That username and password do not belong together."


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppContext:
    return college(monkeypatch, tmp_path)


def test_who_knows_the_password_goes_on_to_where_they_wanted(app_context: AppContext) -> None:
    who = visitor(app_context)
    answer = sign_in(who, " Maya ", wanted="/printer?id=low")
    assert (answer.status, answer.location) == (303, "/printer?id=low")
    (cookie,) = [cookie for cookie in answer.set_cookies if cookie.startswith(f"{COOKIE}=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    token = who.cookies[COOKIE]
    with reading(app_context.engine) as connection:
        row = connection.execute(select(SESSIONS)).mappings().one()
        user = connection.execute(select(USERS).where(USERS.c.name == "maya")).mappings().one()
    assert row["token_hash"] == hashed(token)
    assert token not in str(dict(row))
    assert row["address"] == "198.51.100.7"
    assert user["signed_in_at"] is not None
    assert who.page("/login?next=/system").location == "/system"  # is in already


def test_behind_https_the_cookie_is_for_this_host_over_https_alone(app_context: AppContext) -> None:
    who = visitor(app_context, scheme="https")
    answer = sign_in(who, "maya")
    (cookie,) = [cookie for cookie in answer.set_cookies if cookie.startswith(SECURE_COOKIE)]
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert who.get("/anything").json["name"] == "maya"
    plain = visitor(app_context)
    plain.cookies = {COOKIE: who.cookies[SECURE_COOKIE]}
    assert plain.get("/anything").status == 200
    who.cookies = {COOKIE: who.cookies[SECURE_COOKIE]}  # one that any http page of this host could have set
    assert who.page("/anything").status == 303


@pytest.mark.parametrize("name", ["maya", "nobody", "", "x" * 5000, "closed"])
def test_a_refusal_does_not_tell_which_part_was_wrong(name: str, app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "tom").values(name="closed", active=False))
    who = visitor(app_context)
    password = PASSWORD if name == "closed" else "wrong"
    answer = sign_in(who, name, password)
    assert answer.status == 401
    assert WRONG in answer.body
    assert COOKIE not in who.cookies
    assert password not in answer.body


def test_what_was_typed_is_text_on_the_page(app_context: AppContext) -> None:
    answer = sign_in(visitor(app_context), '"><script>alert(1)</script>', "wrong", wanted='/x"><script>')
    assert "<script>" not in answer.body
    assert "&lt;script&gt;alert(1)" in answer.body


def test_a_form_of_another_site_signs_nobody_in(app_context: AppContext) -> None:
    who = visitor(app_context)
    for form in ({}, {"form": ""}, {"form": "guessed"}):
        answer = who.post("/login", {"name": "maya", "password": PASSWORD, **form})
        assert answer.status == 403
        assert "open for too long" in answer.body
    token = form_token(who.page("/login"))
    foreign = who.post(
        "/login", {"name": "maya", "password": PASSWORD, "form": token}, {"origin": "https://evil.example"}
    )
    assert foreign.status == 403
    assert COOKIE not in who.cookies


def test_an_account_is_guessed_at_five_times_and_rests(app_context: AppContext) -> None:
    answers = [
        sign_in(visitor(app_context, address=f"203.0.113.{n}"), "maya", f"guess {n}") for n in range(6)
    ]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 15 * 60
    assert "Try again in 15 minutes" in answers[-1].body
    assert sign_in(visitor(app_context), "maya").status == 429  # also with the right one
    assert sign_in(visitor(app_context), "tom").status == 303  # others are not concerned
    with writing(app_context.engine) as connection:
        connection.execute(update(ATTEMPTS).values(at=datetime.now(UTC) - timedelta(minutes=16)))
    assert sign_in(visitor(app_context), "maya").status == 303


def test_an_address_that_guesses_at_many_accounts_rests(app_context: AppContext) -> None:
    who = visitor(app_context, address="203.0.113.9")
    answers = [sign_in(who, f"user{n}", "guess").status for n in range(31)]
    assert answers == [401] * 30 + [429]
    assert sign_in(visitor(app_context, address="203.0.113.10"), "maya").status == 303


def test_signing_in_oneself_does_not_forgive_guesses_at_others(app_context: AppContext) -> None:
    who = visitor(app_context, address="203.0.113.9")
    for n in range(30):
        assert sign_in(who, f"user{n}", "guess").status == 401
        if n % 10 == 0:
            assert sign_in(visitor(app_context, address="203.0.113.9"), "tom").status == 303
    assert sign_in(who, "user31", "guess").status == 429


def test_a_success_forgives_the_failures_before(app_context: AppContext) -> None:
    for _ in range(3):
        for _ in range(4):
            assert sign_in(visitor(app_context), "maya", "guess").status == 401
        assert sign_in(visitor(app_context), "maya").status == 303


def test_the_way_on_stays_on_this_site() -> None:
    for ours in ("/fleet", "/printer?id=a&b=/c", "/"):
        assert safe_next(ours) == ours
    for wanted in (
        *("https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "evil", "", None),
        *("javascript:alert(1)", "/login?next=/login", "/x\r\nset-cookie: a=b", "/\t/evil.example"),
    ):
        assert safe_next(wanted) == "/", wanted


def test_signing_out_needs_the_token_of_the_session_and_ends_it(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    stolen = dict(who.cookies)
    for form in ({}, {"csrf": "nope"}):
        assert who.post("/logout", form).status == 403
    assert who.get("/anything").status == 200
    with reading(app_context.engine) as connection:
        csrf = connection.execute(select(SESSIONS.c.csrf)).scalar_one()
    answer = who.post("/logout", {"csrf": csrf})
    assert (answer.status, answer.location) == (303, "/login?out=1")
    assert COOKIE not in who.cookies
    assert "storage" in answer.headers["clear-site-data"]
    assert "You are signed out." in who.page(answer.location).body
    who.cookies = stolen
    assert who.page("/fleet").status == 303
    assert who.websocket("/_stcore/stream") == "refused"
    assert who.post("/logout", {"csrf": csrf}).location == "/login?out=1"


def test_without_the_database_nobody_is_told_that_their_password_is_wrong(app_context: AppContext) -> None:
    who = visitor(app_context)
    with writing(app_context.engine) as connection:
        connection.execute(text("ALTER TABLE attempts RENAME TO gone"))
    answer = sign_in(who, "maya")
    assert answer.status == 503
    assert "The database cannot be reached just now" in answer.body
    assert 'value="maya"' in answer.body


def test_the_login_page_fetches_ahead_what_the_first_page_needs(app_context: AppContext) -> None:
    body = visitor(app_context).page("/login").body
    assert body.count('rel="modulepreload"') > 30
    assert "/static/js/index." in body
    assert "<script" not in body


def test_the_login_page_offers_what_is_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = {
        "PORTAL_PUBLIC": "true",
        "OIDC_ISSUER": "http://127.0.0.1:1/realm",
        "OIDC_CLIENT_ID": "printers",
        "OIDC_LABEL": "the <College> account",
    }
    body = visitor(college(monkeypatch, tmp_path, settings)).page("/login?next=/system").body
    assert "Sign in with the &lt;College&gt; account" in body
    assert 'href="/login/sso?next=%2Fsystem"' in body
    assert "without signing in" in body

"""Single sign-on with a real provider on loopback."""

import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from core.contract.errors import SettingsError
from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.runtime.web_settings import SignOnSettings
from core.storage.core_tables import AUDIT, USERS
from core.storage.database import reading, writing
from core.storage.user_rows import UserRow
from core.storage.users import NewUser, add_user, edit_user, find_user
from dashboard.app_context import AppContext
from dashboard.web.sign_in.openid import open_provider
from dashboard.web.sign_in.sessions import COOKIE, find_session
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.doors import college, visitor
from tests.dashboard.openid_provider import CLIENT, SECRET, OpenIdProvider, path_of, providing
from tests.patience import PATIENCE_SECONDS

GROUPS = {"it-staff": "technician", "it-lead": "manager", "it-root": "admin"}


@pytest.fixture(scope="module")
def shared_provider() -> Iterator[OpenIdProvider]:
    with providing() as running:
        yield running


@pytest.fixture
def provider(shared_provider: OpenIdProvider) -> OpenIdProvider:
    """The one provider of this file, honest again."""
    fresh = OpenIdProvider(shared_provider.issuer)
    for name in ("person", "userinfo", "lies", "algorithm", "published", "key", "keyless"):
        setattr(shared_provider, name, getattr(fresh, name))
    shared_provider.person |= {"name": "Kim Lee", "email": "kim@college.example", "groups": ["it-staff"]}
    shared_provider.asked.clear()
    return shared_provider


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


def at_the_provider(url: str) -> str:
    """What the provider answers to a browser: the way back."""
    try:
        urllib.request.build_opener(_NoRedirect).open(url, timeout=PATIENCE_SECONDS)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["location"])
    raise AssertionError("the provider leads nowhere")


def sign_on_settings(provider: OpenIdProvider, **settings: str) -> dict[str, str]:
    return {
        "OIDC_ISSUER": provider.issuer,
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        "OIDC_ROLES": json.dumps(GROUPS),
        **settings,
    }


def sign_on(who: Visitor, wanted: str = "/system") -> Answer:
    """To the provider and back."""
    there = who.page(f"/login/sso?next={wanted}")
    assert there.status == 303, there.body
    return who.page(path_of(at_the_provider(there.location)))


def the_user(app_context: AppContext, name: str) -> UserRow:
    found = user(app_context, name)
    assert found is not None
    return found


def user(app_context: AppContext, name: str) -> UserRow | None:
    with reading(app_context.engine) as connection:
        return find_user(connection, name)


@pytest.fixture
def app_context(provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppContext:
    return college(monkeypatch, tmp_path, sign_on_settings(provider))


def test_a_newcomer_gets_an_account_with_the_role_of_their_groups(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    provider.person["groups"] = ["it-staff", "it-lead", "choir"]
    who = visitor(app_context)
    answer = sign_on(who)
    assert (answer.status, answer.location) == (303, "/system")
    assert who.get("/anything").json["role"] == "manager"
    kim = user(app_context, "kim")
    assert kim is not None
    assert (kim.full_name, kim.email, kim.subject) == (
        "Kim Lee",
        "kim@college.example",
        f"{provider.issuer}|42",
    )
    assert kim.password_hash == ""


def test_at_every_sign_on_the_account_is_brought_up_to_date(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    sign_on(visitor(app_context))
    provider.person |= {"preferred_username": "kim.lee", "name": "Kim Lee-Ortiz", "groups": ["it-root"]}
    assert sign_on(visitor(app_context)).status == 303
    kim = user(app_context, "kim")  # the name here stays, whatever it is there
    assert kim is not None
    assert (kim.full_name, kim.role) == ("Kim Lee-Ortiz", "admin")
    assert user(app_context, "kim.lee") is None
    with reading(app_context.engine) as connection:
        done = {(row.actor, row.action) for row in connection.execute(select(AUDIT))}
    assert ("single sign-on", "user.changed") in done


@pytest.mark.parametrize(("default", "status"), [("", 403), ("technician", 303)])
def test_who_is_in_none_of_the_groups_has_the_default_role_or_none(
    default: str,
    status: int,
    provider: OpenIdProvider,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    provider.person["groups"] = ["choir"]
    app_context = college(monkeypatch, tmp_path, sign_on_settings(provider, OIDC_DEFAULT_ROLE=default))
    answer = sign_on(visitor(app_context))
    assert answer.status == status
    assert ("None of your groups has a role here" in answer.body) == (status == 403)
    assert (user(app_context, "kim") is None) == (status == 403)


def test_without_groups_that_mean_a_role_a_role_that_was_given_here_stays(
    provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = sign_on_settings(provider, OIDC_ROLES="{}", OIDC_DEFAULT_ROLE="technician")
    app_context = college(monkeypatch, tmp_path, settings)
    assert sign_on(visitor(app_context)).status == 303
    kim = user(app_context, "kim")
    assert kim is not None
    assert kim.role == "technician"
    with writing(app_context.engine) as connection:
        edit_user(connection, kim, {"role": "manager"}, actor="ada", now=datetime.now(UTC))
    assert sign_on(visitor(app_context)).status == 303
    assert the_user(app_context, "kim").role == "manager"


def test_groups_may_be_deep_in_the_token_or_in_the_userinfo(
    provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del provider.person["groups"]
    provider.userinfo = {"realm_access": {"roles": ["it-lead"]}}
    settings = sign_on_settings(provider, OIDC_ROLE_CLAIM="realm_access.roles")
    who = visitor(college(monkeypatch, tmp_path, settings))
    sign_on(who)
    assert who.get("/anything").json["role"] == "manager"


def test_an_account_with_a_password_is_not_taken_over_by_its_name(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    provider.person["preferred_username"] = "maya"
    who = visitor(app_context)
    answer = sign_on(who)
    assert answer.status == 403
    assert "There is another account named maya here" in answer.body
    assert COOKIE not in who.cookies


def test_an_account_that_waits_without_a_password_is_theirs(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    with writing(app_context.engine) as connection:
        add_user(connection, NewUser("kim", ROLES["admin"]), actor="console", now=datetime.now(UTC))
    assert sign_on(visitor(app_context)).status == 303
    kim = user(app_context, "kim")
    assert kim is not None
    assert kim.subject == f"{provider.issuer}|42"
    provider.person["sub"] = "43"  # another kim, later
    assert sign_on(visitor(app_context)).status == 403


def test_a_closed_account_stays_closed(app_context: AppContext) -> None:
    sign_on(visitor(app_context))
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "kim").values(active=False))
    answer = sign_on(visitor(app_context))
    assert answer.status == 403
    assert "This account is closed" in answer.body


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"},
        {"aud": "another program"},
        {"aud": [CLIENT, "another program"], "azp": "another program"},
        {"nonce": "of another attempt"},
        {"exp": int(time.time()) - 3600},
        {"sub": None},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_token_that_is_not_for_us_now_is_not_believed(
    lie: dict[str, Any], app_context: AppContext, provider: OpenIdProvider
) -> None:
    provider.lies = lie
    who = visitor(app_context)
    assert sign_on(who).status == 502
    assert COOKIE not in who.cookies
    assert user(app_context, "kim") is None


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_the_providers_key_has_not_signed_is_not_believed(
    algorithm: str, app_context: AppContext, provider: OpenIdProvider
) -> None:
    provider.algorithm = algorithm
    assert sign_on(visitor(app_context)).status == 502


def test_a_new_key_of_the_provider_is_found_and_a_strangers_is_not(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    who = visitor(app_context)
    assert sign_on(who).status == 303
    provider.sign_with_a_new_key(publish=True)
    who.cookies.clear()
    assert sign_on(who).status == 303
    provider.sign_with_a_new_key(publish=False)
    who.cookies.clear()
    assert sign_on(who).status == 502
    assert provider.asked.count("description") == 1


def test_a_provider_without_keys_is_not_believed(app_context: AppContext, provider: OpenIdProvider) -> None:
    provider.keyless = True
    assert sign_on(visitor(app_context)).status == 502


@pytest.mark.usefixtures("provider")
def test_without_the_database_the_way_back_ends_at_the_login(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(text("ALTER TABLE users RENAME TO gone"))
    answer = sign_on(visitor(app_context))
    assert answer.status == 503
    assert "The database cannot be reached just now" in answer.body


def test_the_way_back_belongs_to_the_browser_that_went(app_context: AppContext) -> None:
    mine, anothers = visitor(app_context), visitor(app_context)
    back = path_of(at_the_provider(mine.page("/login/sso").location))
    assert anothers.page(back).status == 400  # the code of an attacker signs nobody in
    anothers.page("/login/sso")
    assert anothers.page(back).status == 400
    mine.cookies["printers_sso"] += "x"
    assert mine.page(back).status == 400


def test_a_person_who_says_no_is_back_at_the_login(app_context: AppContext) -> None:
    who = visitor(app_context)
    state = who.page("/login/sso?next=/system").location.split("state=")[1].split("&")[0]
    answer = who.page(f"/login/callback?error=access_denied&state={state}")
    assert answer.status == 403
    assert "did not sign you in" in answer.body
    assert 'value="/system"' in answer.body


def test_a_provider_that_is_away_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = {"OIDC_ISSUER": "http://127.0.0.1:1", "OIDC_CLIENT_ID": CLIENT}
    answer = visitor(college(monkeypatch, tmp_path, settings)).page("/login/sso")
    assert answer.status == 502
    assert "provider cannot be reached" in answer.body


def test_a_provider_is_named_in_full_and_over_https() -> None:
    assert open_provider(SignOnSettings(), "http://x") is None
    with pytest.raises(SettingsError, match="OIDC_ISSUER"):
        open_provider(SignOnSettings(oidc_issuer="http://login.example", oidc_client_id="x"), "http://x")


def confirmed_at(app_context: AppContext, who: Visitor) -> datetime | None:
    found = find_session(
        app_context.engine,
        hashed(who.cookies[COOKIE]),
        app_context.settings.dashboard,
        datetime.now(UTC),
        renew=False,
    )
    assert found is not None
    assert found.method == "provider"
    return found.confirmed_at


def confirm(who: Visitor) -> Answer:
    """The way to the provider that makes people sign in there again."""
    there = who.page("/login/sso?next=/users&confirm=1").location
    assert "max_age=0" in there
    return who.page(path_of(at_the_provider(there)))


def test_a_sign_on_proves_who_one_is_from_when_the_provider_says(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    who = visitor(app_context)
    sign_on(who)
    assert confirmed_at(app_context, who) is None
    before = int(time.time()) - 3600
    provider.person["auth_time"] = before
    sign_on(who)
    assert confirmed_at(app_context, who) == datetime.fromtimestamp(before, UTC)


def test_confirming_needs_a_new_sign_in_at_the_provider(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    who = visitor(app_context)
    sign_on(who)
    before = who.cookies[COOKIE]
    for lie in ({}, {"auth_time": int(time.time()) - 3600}, {"auth_time": "now"}, {"auth_time": True}):
        provider.lies = lie
        answer = confirm(who)
        assert answer.status == 502
        assert "does not say that you have just signed in" in answer.body
    provider.lies = {"auth_time": int(time.time())}
    answer = confirm(who)
    assert (answer.status, answer.location) == (303, "/users")
    found = confirmed_at(app_context, who)
    assert found is not None
    assert datetime.now(UTC) - found < timedelta(minutes=15)
    who.cookies[COOKIE] = before  # the session that was replaced
    assert who.page("/fleet").status == 303


def test_a_time_ahead_of_ours_is_no_proof(app_context: AppContext, provider: OpenIdProvider) -> None:
    provider.lies = {"auth_time": int(time.time()) + 86_400}
    who = visitor(app_context)
    sign_on(who)
    assert confirmed_at(app_context, who) is None
    assert confirm(who).status == 502


def test_a_mail_address_that_cannot_be_written_to_keeps_nobody_out(
    app_context: AppContext, provider: OpenIdProvider
) -> None:
    provider.person["email"] = "kim@@college"
    assert sign_on(visitor(app_context)).status == 303
    assert the_user(app_context, "kim").email == ""
    provider.person["email"] = "kim@college.example"
    assert sign_on(visitor(app_context)).status == 303
    provider.person["email"] = "k\u00fcm@college.example"
    assert sign_on(visitor(app_context)).status == 303
    assert the_user(app_context, "kim").email == "kim@college.example"

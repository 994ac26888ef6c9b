"""The gate: hosts, origins, identity, access and headers, before anything behind it is asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from core.domain.permissions import NOBODY, ROLES
from core.storage.api_tokens import NewToken
from core.storage.core_tables import API_TOKENS, USERS
from core.storage.database import reading, writing
from core.storage.users import NewUser, add_user, edit_user, find_user
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.tokens.actions import make, revoke
from dashboard.pages import PAGES
from dashboard.web.gate.gate import SESSION_HEADER
from tests.dashboard.doors import college, sign_in, visitor
from tests.dashboard.harness import ADMIN, shown_once

STREAM = "/_stcore/stream"
STRANGER = {"origin": "https://evil.example"}


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppContext:
    return college(monkeypatch, tmp_path)


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppContext:
    return college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})


def test_a_page_leads_a_stranger_to_the_login_and_back_to_where_they_wanted(app_context: AppContext) -> None:
    answer = visitor(app_context).page("/printer?id=low&x=%22")
    assert (answer.status, answer.location) == (303, "/login?next=%2Fprinter%3Fid%3Dlow%26x%3D%2522")


def test_programs_and_streams_of_strangers_are_refused(app_context: AppContext) -> None:
    who = visitor(app_context)
    answer = who.get("/api/v1/printers")
    assert (answer.status, answer.json) == (401, {"error": "Sign in first."})
    assert who.websocket(STREAM) == "refused"
    assert who.post("/api/v1/issues", {}).status == 401


def test_who_is_signed_in_is_shown_to_what_is_behind(app_context: AppContext) -> None:
    who = visitor(app_context)
    assert sign_in(who, "maya").status == 303
    assert who.get("/anything").json["name"] == "maya"
    assert who.websocket(STREAM, {"origin": "http://127.0.0.1:8501"}) == "open"


def test_a_session_header_cannot_be_forged(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    mine = who.get("/anything").json["headers"][SESSION_HEADER]
    assert who.get("/anything", {SESSION_HEADER: "0" * 64}).json["headers"][SESSION_HEADER] == mine
    assert visitor(app_context).page("/anything", {SESSION_HEADER: mine}).status == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "a@127.0.0.1", "[", "127.0.0.1/x"]
)
def test_a_host_that_is_not_ours_is_refused(host: str, app_context: AppContext) -> None:
    who = visitor(app_context, host=host)
    assert who.get("/healthz").status == 400
    assert who.websocket(STREAM) == "refused"


def test_allowed_hosts_may_have_any_name_below_a_domain(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = {"ALLOWED_HOSTS": "*.college.example", "DASHBOARD_URL": "https://printers.example.org/"}
    app_context = college(monkeypatch, tmp_path, settings)
    for host, status in (
        ("a.College.example:8080", 200),
        ("college.example", 400),
        ("printers.example.org", 200),
        ("127.0.0.1", 400),
    ):
        assert visitor(app_context, host=host).get("/healthz").status == status, host


def test_another_sites_page_can_neither_send_forms_nor_open_streams(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9999"):
        assert who.post("/logout", {}, {"origin": origin}).status == 403
        assert who.websocket(STREAM, {"origin": origin}) == "refused"
    assert who.get("/anything", STRANGER).status == 200  # a link from elsewhere is no harm


def test_every_answer_carries_the_headers_that_protect_it(app_context: AppContext) -> None:
    who = visitor(app_context)
    for answer in (who.page("/login"), who.page("/fleet"), who.get("/api/x"), who.get("/healthz")):
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self' 'sha256-" in policy
        assert "unsafe-inline'; img" in policy  # styles alone
        assert "script-src 'self' 'unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "connect-src 'self' ws://127.0.0.1:8501" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert "strict-transport-security" not in answer.headers
    secure = visitor(app_context, scheme="https").page("/login")
    assert "max-age=31536000" in secure.headers["strict-transport-security"]
    assert "wss://127.0.0.1:8501" in secure.headers["content-security-policy"]


def test_the_public_portal_is_open_and_nothing_else(public: AppContext) -> None:
    who = visitor(public)
    for page in PAGES:
        expected = 200 if NOBODY.may(page.permission) else 303
        assert who.page(f"/{page.path}").status == expected, page.path
    assert who.websocket(STREAM, {"origin": "http://127.0.0.1:8501"}) == "open"
    assert who.get("/fleet").json == who.get("/fleet").json | {"name": "", "role": "anonymous"}
    assert SESSION_HEADER not in who.get("/fleet").json["headers"]
    for path in ("/metrics", "/api/v1/tokens", "/_stcore/upload_file/x/y", "/component/x", "/fleetx"):
        assert who.get(path).status == 401, path


CAMPUS = {
    "PORTAL_PUBLIC": "true",
    "PORTAL_NETWORKS": "10.0.0.0/8, 2001:db8::/32",
    "TRUSTED_PROXIES": "10.0.0.1",
}


@pytest.mark.parametrize(
    ("client", "forwarded", "is_open"),
    [
        ("10.20.30.40", "", True),
        ("::ffff:10.20.30.40", "", True),
        ("2001:db8::17", "", True),
        ("203.0.113.5", "", False),
        ("203.0.113.5", "10.20.30.40", False),
        ("10.0.0.1", "10.20.30.40", True),
        ("10.0.0.1", "203.0.113.5", False),
        ("10.0.0.1", "10.20.30.40, 203.0.113.5", False),
        ("10.0.0.1", "", False),
        ("10.0.0.1", "unknown", False),
    ],
)
def test_the_portal_is_open_to_its_networks_alone(
    client: str, forwarded: str, is_open: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app_context = college(monkeypatch, tmp_path, CAMPUS)
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    who = visitor(app_context, address=client)
    assert who.page("/fleet", headers).status == (200 if is_open else 303)
    assert who.get("/api/v1/printers", headers).status == (200 if is_open else 401)
    assert who.get("/session", headers).status == (200 if is_open else 401)
    stream = who.websocket(STREAM, {"origin": "http://127.0.0.1:8501", **headers})
    assert stream == ("open" if is_open else "refused")
    login = who.page("/login", headers).body
    assert ("View the printers without signing in" in login) == is_open
    assert ("On the network of your organization the printers can be viewed" in login) != is_open
    assert sign_in(visitor(app_context, address=client), "maya").status == 303, "who has an account may"


def test_without_it_no_page_is_open(app_context: AppContext) -> None:
    who = visitor(app_context)
    for page in PAGES:
        assert who.page(f"/{page.path}").status == 303, page.path


def test_what_streamlit_would_tell_of_itself_is_closed_to_everybody(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "ada")
    for path in ("/_stcore/metrics", "/_stcore/agent/openapi.json"):
        assert who.get(path).status == 403


def test_a_token_opens_the_json_routes_with_its_role_and_nothing_else(app_context: AppContext) -> None:
    made = make(Actor(app_context.engine, ADMIN, datetime.now(UTC)), NewToken("Grafana", ROLES["manager"]))
    bearer = {"authorization": f"Bearer {shown_once(made)}"}
    who = visitor(app_context)
    shown = who.get("/api/v1/printers", bearer).json
    assert (shown["name"], shown["role"]) == ("token Grafana", "manager")
    assert who.page("/fleet", bearer).status == 303
    assert who.websocket(STREAM, bearer) == "refused"
    assert who.get("/api/v1/printers", {"authorization": f"Bearer {shown_once(made)}x"}).status == 401
    with reading(app_context.engine) as connection:
        row = connection.execute(API_TOKENS.select()).mappings().one()
    assert row["used_at"] is not None
    assert shown_once(made) not in str(dict(row))
    revoke(Actor(app_context.engine, ADMIN, datetime.now(UTC)), row["id"])
    assert who.get("/api/v1/printers", bearer).status == 401


def test_a_token_opens_what_its_maker_may_see_now_and_nothing_while_they_are_deactivated(
    public: AppContext,
) -> None:
    kim, now = replace(ADMIN, name="kim"), datetime.now(UTC)
    with writing(public.engine) as connection:
        add_user(connection, NewUser("kim", ROLES["admin"]), actor="ada", now=now)
    made = make(Actor(public.engine, kim, now), NewToken("Grafana", ROLES["manager"]))
    bearer, who = {"authorization": f"Bearer {shown_once(made)}"}, visitor(public)

    def edited(**values: str | bool) -> None:
        with writing(public.engine) as connection:
            seen = find_user(connection, "kim")
            assert seen is not None
            edit_user(connection, seen, values, actor="ada", now=now)

    assert who.get("/api/v1/printers", bearer).json["role"] == "manager"
    edited(role="technician")
    assert who.get("/api/v1/printers", bearer).json["role"] == "technician"
    edited(active=False)
    for path in ("/api/v1/printers", "/metrics"):  # not as a stranger either, who may see the portal
        assert who.get(path, bearer).status == 401
    edited(active=True, role="admin")
    assert who.get("/api/v1/printers", bearer).json["role"] == "manager"


def test_a_token_that_has_expired_opens_nothing(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    made = make(Actor(app_context.engine, ADMIN, now), NewToken("Grafana", ROLES["manager"], expires_days=1))
    bearer = {"authorization": f"Bearer {shown_once(made)}"}
    who = visitor(app_context)
    assert who.get("/api/v1/printers", bearer).status == 200
    with writing(app_context.engine) as connection:
        connection.execute(update(API_TOKENS).values(expires_at=now - timedelta(seconds=1)))
    assert who.get("/api/v1/printers", bearer).status == 401


def must_choose_a_password(app_context: AppContext, name: str) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == name).values(must_change_password=True))


@pytest.mark.parametrize("name", ["tom", "maya", "ada"])
def test_a_password_of_somebody_elses_making_opens_nothing_but_the_choice_of_another(
    name: str, app_context: AppContext
) -> None:
    who = visitor(app_context)
    sign_in(who, name)
    must_choose_a_password(app_context, name)
    for path in (
        *("/api/v1/printers", "/api/v1/issues", "/api/v1/openapi.json", "/metrics", "/labels", "/label/low"),
        *("/media/a.csv", "/_stcore/upload_file/a/b", "/component/x/y", "/_stcore/bidi-components/x"),
        *(f"/{page.path}" for page in PAGES if page.path != "account"),
    ):
        answer = who.get(path)
        assert (answer.status, answer.json) == (403, {"error": "Choose a new password first."}), path
        assert (who.page(path).status, who.page(path).location) == (303, "/account"), path
    for path in ("/", "/account", "/session", "/_stcore/host-config", "/static/x.js"):
        assert who.page(path).status == 200, path
    assert who.websocket(STREAM, {"origin": "http://127.0.0.1:8501"}) == "open"


def test_what_is_answered_to_one_person_is_kept_by_no_cache(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    for path in ("/api/v1/printers", "/api/v1/x", "/metrics", "/labels", "/media/x.csv"):
        assert who.get(path).headers["cache-control"] == "no-store", path


def test_a_new_role_ends_the_session_that_was_opened_with_the_old_one(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    with writing(app_context.engine) as connection:
        maya = find_user(connection, "maya")
        assert maya is not None
        edit_user(connection, maya, {"role": "technician"}, actor="ada", now=datetime.now(UTC))
    assert who.page("/fleet").status == 303


def test_without_the_database_there_is_a_sentence(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    with writing(app_context.engine) as connection:
        connection.execute(text("ALTER TABLE login_sessions RENAME TO gone"))
    answer = who.page("/fleet")
    assert answer.status == 503
    assert "The database cannot be reached just now" in answer.body
    assert "login_sessions" not in answer.body
    assert who.get("/api/v1/printers").status == 503
    assert who.websocket(STREAM) == "refused"


def test_without_the_database_nobody_is_told_that_their_session_has_ended(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    with writing(app_context.engine) as connection:
        connection.execute(text("ALTER TABLE login_sessions RENAME TO gone"))
    assert who.get("/session").status == 503  # every open page would go to the login, with what was typed
    assert who.post("/logout", {}).status == 503
    assert who.get("/healthz").status == 200

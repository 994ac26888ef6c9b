"""Single sign-on by a proxy that names who is signed in."""

from pathlib import Path

import pytest

from dashboard.web.sign_in.sessions import COOKIE
from tests.dashboard.doors import college, visitor

PROXY = {
    "TRUSTED_PROXIES": "10.0.0.1",
    "TRUSTED_USER_HEADER": "Remote-User",
    "TRUSTED_GROUPS_HEADER": "Remote-Groups",
    "OIDC_ROLES": '{"it-staff": "technician", "it-lead": "manager", "it-root": "admin"}',
}


def test_whom_our_proxy_names_is_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app_context = college(monkeypatch, tmp_path, PROXY)
    who = visitor(app_context, address="10.0.0.1")
    named = {"remote-user": "Kim", "remote-groups": "choir, it-lead", "x-forwarded-for": "203.0.113.5"}
    answer = who.page("/login?next=/system", named)
    assert (answer.status, answer.location) == (303, "/system")
    assert who.get("/anything", named).json["role"] == "manager"
    # Somebody else sits there now: the session of the one before is not theirs.
    assert who.page("/anything", {**named, "remote-user": "lee"}).status == 303
    assert who.page("/login", {**named, "remote-user": "lee"}).status == 303
    assert who.get("/anything", {**named, "remote-user": "lee"}).json["name"] == "lee"
    assert "You are signed out." in visitor(app_context, address="10.0.0.1").page("/login?out=1", named).body


def test_an_account_of_that_name_is_theirs_also_with_a_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app_context = college(monkeypatch, tmp_path, {**PROXY, "OIDC_ROLES": "{}"})
    who = visitor(app_context, address="10.0.0.1")
    assert who.page("/login", {"remote-user": "maya"}).status == 303
    assert who.get("/anything", {"remote-user": "maya"}).json["role"] == "manager"
    refused = visitor(app_context, address="10.0.0.1").page("/login", {"remote-user": "stranger"})
    assert refused.status == 403
    assert "None of your groups" in refused.body


def test_the_only_admin_is_let_in_by_our_proxy_as_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app_context = college(
        monkeypatch, tmp_path, {**PROXY, "OIDC_ROLES": "{}", "OIDC_DEFAULT_ROLE": "technician"}
    )
    who = visitor(app_context, address="10.0.0.1")
    assert who.page("/login", {"remote-user": "ada"}).status == 303
    assert who.get("/anything", {"remote-user": "ada"}).json["role"] == "admin"


def test_a_strangers_header_names_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app_context = college(monkeypatch, tmp_path, PROXY)
    who = visitor(app_context, address="10.0.0.2")
    assert who.page("/login", {"remote-user": "maya", "remote-groups": "it-root"}).status == 200
    assert COOKIE not in who.cookies


@pytest.mark.parametrize("repeated", ["Remote-User", "Remote-Groups", "Authorization", "Host", "Origin"])
def test_a_header_that_says_twice_who_asks_is_refused_everywhere(
    repeated: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As a proxy makes it that appends its own to what the client has sent."""
    app_context = college(monkeypatch, tmp_path, PROXY)
    named = {"remote-user": "tom", "remote-groups": "it-staff", "origin": "http://127.0.0.1:8501"}
    who = visitor(app_context, address="10.0.0.1")
    assert who.page("/login", named).status == 303
    who.more = [(repeated, value) for value in ("ada", "it-root")]
    for path in ("/login", "/anything", "/api/v1/printers", "/static/x.js"):
        assert who.page(path, named).status == 400, path
    assert who.post("/login", {}, named).status == 400
    assert who.websocket("/_stcore/stream", named) == "refused"
    assert COOKIE not in visitor(app_context, address="10.0.0.1", more=who.more).cookies
    by_proxy = repeated.startswith("Remote")
    assert caplog.text.count("have it set the header, not append") == (1 if by_proxy else 0)


def test_the_first_and_the_last_of_two_names_are_equally_no_admin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app_context = college(monkeypatch, tmp_path, PROXY)
    for first, last in (("ada", "tom"), ("tom", "ada"), ("ada", "ada")):
        who = visitor(app_context, address="10.0.0.1", more=[("Remote-User", first), ("Remote-User", last)])
        assert who.page("/login").status == 400
        assert who.cookies == {}

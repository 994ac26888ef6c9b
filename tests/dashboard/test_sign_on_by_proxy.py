"""Single sign-on by a proxy that names who is signed in."""

from pathlib import Path

import pytest

from dashboard.security.sessions import COOKIE
from tests.dashboard.doors import college, visitor

PROXY = {
    "TRUSTED_PROXIES": "10.0.0.1",
    "TRUSTED_USER_HEADER": "Remote-User",
    "TRUSTED_GROUPS_HEADER": "Remote-Groups",
    "OIDC_ROLES": '{"it-staff": "technician", "it-lead": "manager", "it-root": "admin"}',
}


def test_whom_our_proxy_names_is_signed_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wiring = college(monkeypatch, tmp_path, PROXY)
    who = visitor(wiring, address="10.0.0.1")
    named = {"remote-user": "Kim", "remote-groups": "choir, it-lead", "x-forwarded-for": "203.0.113.5"}
    answer = who.page("/login?next=/system", named)
    assert (answer.status, answer.location) == (303, "/system")
    assert who.get("/anything", named).json["role"] == "manager"
    # Somebody else sits there now: the session of the one before is not theirs.
    assert who.page("/anything", {**named, "remote-user": "lee"}).status == 303
    assert who.page("/login", {**named, "remote-user": "lee"}).status == 303
    assert who.get("/anything", {**named, "remote-user": "lee"}).json["name"] == "lee"
    assert "You are signed out." in visitor(wiring, address="10.0.0.1").page("/login?out=1", named).body


def test_an_account_of_that_name_is_theirs_also_with_a_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wiring = college(monkeypatch, tmp_path, {**PROXY, "OIDC_ROLES": "{}"})
    who = visitor(wiring, address="10.0.0.1")
    assert who.page("/login", {"remote-user": "maya"}).status == 303
    assert who.get("/anything", {"remote-user": "maya"}).json["role"] == "manager"
    refused = visitor(wiring, address="10.0.0.1").page("/login", {"remote-user": "stranger"})
    assert refused.status == 403
    assert "None of your groups" in refused.body


def test_the_only_admin_is_let_in_by_our_proxy_as_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wiring = college(monkeypatch, tmp_path, {**PROXY, "OIDC_ROLES": "{}", "OIDC_DEFAULT_ROLE": "technician"})
    who = visitor(wiring, address="10.0.0.1")
    assert who.page("/login", {"remote-user": "ada"}).status == 303
    assert who.get("/anything", {"remote-user": "ada"}).json["role"] == "admin"


def test_a_strangers_header_names_nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    wiring = college(monkeypatch, tmp_path, PROXY)
    who = visitor(wiring, address="10.0.0.2")
    assert who.page("/login", {"remote-user": "maya", "remote-groups": "it-root"}).status == 200
    assert COOKIE not in who.cookies

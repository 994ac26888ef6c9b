"""What sign-ins, lock-outs and refused rights leave behind: in the audit, in the log, for administrators."""

import configparser
import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from core.domain.tokens import hashed
from core.runtime.logs import line_format
from core.storage.audit import ACCESS_KEPT, MOST_ACCESS, note, note_access
from core.storage.core_tables import ATTEMPTS, AUDIT, MAILS, SESSIONS, USERS
from core.storage.database import reading, writing
from dashboard.access_log import record_refused_right
from dashboard.app_context import AppContext
from dashboard.features.users.queries import lock_outs
from dashboard.web.sign_in.sessions import COOKIE, ClientInfo, open_session
from tests.dashboard.doors import college, sign_in, visitor
from tests.dashboard.harness import ADMIN, MANAGER, PASSWORD, TECHNICIAN, drawn
from tests.paths import ROOT

FORGED = 'x" from 192.0.2.66: wrong'


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppContext:
    return college(monkeypatch, tmp_path)


def audit(app_context: AppContext, *prefixes: str) -> list[tuple[str, str, dict[str, str]]]:
    with reading(app_context.engine) as connection:
        lines = connection.execute(select(AUDIT).order_by(AUDIT.c.id)).all()
    return [(line.action, line.subject, line.details) for line in lines if line.action.startswith(prefixes)]


def fail2ban() -> re.Pattern[str]:
    """The filter's expression with fail2ban's own form of an address."""
    parser = configparser.RawConfigParser()
    parser.read(ROOT / "deploy/fail2ban/filter.d/printers.conf", encoding="utf-8")
    return re.compile(parser["Definition"]["failregex"].replace("<HOST>", r"(?P<host>[\d.a-fA-F:]+)"))


def test_every_sign_in_and_every_refusal_is_in_the_audit(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya", "wrong")
    sign_in(who, "nobody", "wrong")
    sign_in(who, "maya")
    address = {"address": "198.51.100.7"}
    assert audit(app_context, "sign_in.") == [
        ("sign_in.refused", "maya", {**address, "reason": "wrong name or password"}),
        ("sign_in.refused", "unknown name", {**address, "reason": "wrong name or password"}),
        ("sign_in.accepted", "maya", {**address, "by": "password"}),
    ]


def test_fail2ban_reads_the_address_of_every_refusal_and_of_nothing_else(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "tom").values(active=False))
    sign_in(visitor(app_context, address="203.0.113.1"), "maya", "wrong")
    sign_in(visitor(app_context, address="203.0.113.2"), FORGED, FORGED)
    sign_in(visitor(app_context, address="2001:db8::3"), "tom")
    for _ in range(6):
        sign_in(visitor(app_context, address="203.0.113.4"), "ada", "wrong")
    sign_in(visitor(app_context, address="203.0.113.5"), "maya")
    written = [line_format("dashboard").format(record) for record in caplog.records]
    expression = fail2ban()
    for prefix in ("", "college python[812]: "):
        found = [match["host"] for line in written if (match := expression.match(prefix + line))]
        assert found == ["203.0.113.1", "203.0.113.2", "2001:db8::3", *["203.0.113.4"] * 6]
    without_date = [line[len("2026-01-31 12:00:00") :] for line in written]
    assert sum(bool(expression.match(line)) for line in without_date) == len(found)
    assert "192.0.2.66" not in caplog.text


def test_a_lock_out_is_told_to_admins_once_a_day_and_shown_to_them(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    for name in ("maya", "tom"):
        for number in range(7):
            sign_in(visitor(app_context, address=f"203.0.113.{number}"), name, "guess")
    locked = [
        (subject, details["address"]) for action, subject, details in audit(app_context, "sign_in.locked")
    ]
    assert locked == [("maya", "203.0.113.4"), ("tom", "203.0.113.4")]
    with reading(app_context.engine) as connection:
        mails = connection.execute(select(MAILS.c.recipient, MAILS.c.subject)).all()
        found = lock_outs(connection, now - timedelta(days=1))
    assert [tuple(mail) for mail in mails] == [
        ("ada@college.example", "Printers: the account maya was locked")
    ]
    assert [(each.name, each.count, each.last_address) for each in found] == [
        ("maya", 1, "203.0.113.4"),
        ("tom", 1, "203.0.113.4"),
    ]


def test_the_users_page_names_who_was_locked_out(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    with writing(app_context.engine) as connection:
        for _ in range(3):
            details = {"address": "203.0.113.9"}
            note_access(connection, "sign_in.locked", "maya", actor="maya", now=now, details=details)
    page = drawn("users", ADMIN, app_context)
    (warning,) = [each.value for each in page.warning]
    assert "**maya** 3 times" in warning
    assert "203.0.113.9" in warning.replace("\\", "")


def test_a_refused_right_is_told_once_a_minute(
    app_context: AppContext, caplog: pytest.LogCaptureFixture
) -> None:
    now = datetime.now(UTC)
    for seconds in (0, 20, 40, 70):
        at = now + timedelta(seconds=seconds)
        record_refused_right(app_context.engine, TECHNICIAN, "/users", now=at)
    record_refused_right(app_context.engine, MANAGER, "/users", now=now)
    told = [(subject, details) for _, subject, details in audit(app_context, "right.")]
    assert told == [("/users", {"role": "technician"})] * 2 + [("/users", {"role": "manager"})]
    assert caplog.text.count("refused to tom: /users") == 2


def test_what_strangers_can_write_into_the_audit_is_bounded(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    entry = {"actor": "x", "action": "sign_in.refused", "subject": "x", "details": {}}
    with writing(app_context.engine) as connection:
        note(connection, "user.changed", "tom", actor="ada", now=now - 2 * ACCESS_KEPT)
        kept = connection.execute(select(func.count()).select_from(AUDIT)).scalar_one()
        old = [{**entry, "at": now - ACCESS_KEPT - timedelta(days=1)} for _ in range(500)]
        connection.execute(insert(AUDIT), old)
        connection.execute(insert(AUDIT), [{**entry, "at": now} for _ in range(MOST_ACCESS + 700)])
        for _ in range(100):
            note_access(connection, "sign_in.refused", "x", actor="x", now=now, details={})
        access = AUDIT.c.action == "sign_in.refused"
        left = connection.execute(select(func.count()).select_from(AUDIT).where(access)).scalar_one()
        others = connection.execute(select(func.count()).select_from(AUDIT).where(~access)).scalar_one()
    assert MOST_ACCESS <= left <= MOST_ACCESS + 100
    assert others == kept


def test_sessions_that_ended_long_ago_are_deleted(app_context: AppContext) -> None:
    settings, now = app_context.settings.dashboard, datetime.now(UTC)
    ends = {
        "revoked": {"revoked_at": now - timedelta(days=8)},
        "expired": {"expires_at": now - timedelta(days=8)},
        "idle": {"seen_at": now - timedelta(days=9)},
        "revoked lately": {"revoked_at": now - timedelta(days=6)},
        "in use": {},
    }
    made: dict[str, str] = {}
    for name, values in ends.items():
        with writing(app_context.engine) as connection:
            made[name] = hashed(open_session(connection, 1, ClientInfo(), settings, now))
        if values:
            with writing(app_context.engine) as connection:
                row = SESSIONS.c.token_hash == made[name]
                connection.execute(update(SESSIONS).where(row).values(**values))
    with writing(app_context.engine) as connection:
        newest = hashed(open_session(connection, 1, ClientInfo(), settings, now))
        left = set(connection.execute(select(SESSIONS.c.token_hash)).scalars())
    assert left == {made["revoked lately"], made["in use"], newest}


def test_signing_in_ends_the_session_that_the_browser_had(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    before = who.cookies[COOKIE]
    token = visitor(app_context)
    form = re.search(r'name="form" value="([^"]*)"', token.page("/login").body)
    assert form
    who.cookies.update(token.cookies)
    answer = who.post("/login", {"name": "tom", "password": PASSWORD, "form": form[1]})
    assert answer.status == 303
    assert who.get("/anything").json["name"] == "tom"
    who.cookies[COOKIE] = before
    assert who.page("/fleet").status == 303


def test_a_first_password_expires_after_a_week(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    for days, status in ((1, 303), (-1, 401)):
        with writing(app_context.engine) as connection:
            values = {"must_change_password": True, "password_expires_at": now + timedelta(days=days)}
            connection.execute(update(USERS).where(USERS.c.name == "tom").values(**values))
        answer = sign_in(visitor(app_context), "tom")
        assert answer.status == status
    assert "has expired" in answer.body
    assert sign_in(visitor(app_context), "tom", "wrong").body.count("has expired") == 0


def test_a_form_is_taken_from_the_browser_it_was_made_for_alone(app_context: AppContext) -> None:
    who, other = visitor(app_context), visitor(app_context)
    form = re.search(r'name="form" value="([^"]*)"', who.page("/login").body)
    assert form
    other.page("/login")
    given = {"name": "maya", "password": PASSWORD, "form": form[1]}
    assert other.post("/login", given).status == 403
    other.cookies["printers_form"] = "planted"
    assert other.post("/login", {**given, "form": "planted"}).status == 403
    assert who.post("/login", given).status == 303
    with reading(app_context.engine) as connection:
        assert connection.execute(select(func.count()).select_from(ATTEMPTS)).scalar_one() == 0


def test_the_users_page_names_accounts_that_no_mail_can_reach(app_context: AppContext) -> None:
    assert list(drawn("users", ADMIN, app_context).warning) == []
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "tom").values(email="tom@@college"))
    (warning,) = [each.value for each in drawn("users", ADMIN, app_context).warning]
    assert "No mail can be sent to tom" in warning

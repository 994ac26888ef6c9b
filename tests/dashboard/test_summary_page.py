"""The daily summary on its page: the last one and what became of it, the next as it would be."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.storage.core_tables import MAILS, PRINTERS, USERS
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, assign, issue_row, open_issue
from dashboard.app_context import AppContext
from dashboard.features.summary.shown import in_frame
from dashboard.web.gate.gate import Gate
from dashboard.web.routes import mails
from notifier.summary.composer import Composer
from tests.dashboard.asgi import Answer, Visitor
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.drawing import fine, html_of, tables_of, troubled
from tests.dashboard.harness import MANAGER, drawn, open_college
from tests.notifier.making import make_settings


@pytest.fixture
def app_context(tmp_path: Path) -> Iterator[AppContext]:
    with troubled(tmp_path) as made:
        nobody_receives_it(made)
        yield made


def nobody_receives_it(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).values(summary=""))


def send(app_context: AppContext, folder: Path, listed: str, **values: Any) -> datetime:
    """Have a notifier compose the summary of yesterday's SUMMARY_TIME; returns when."""
    now = datetime.now(UTC)
    with writing(app_context.engine) as connection:
        connection.execute(update(PRINTERS).values(created_at=now - timedelta(days=30)))
    settings = make_settings(folder, issue_summary_recipient=listed, summary_time=time(7), **values)
    composer = Composer(app_context.engine, settings, app_context.settings.links(), "test")
    assert composer.step(now)
    return now


def test_before_the_first_one_the_page_says_so_and_shows_the_next(app_context: AppContext) -> None:
    assert "No summary has been sent yet" in html_of(fine(drawn("summary", MANAGER, app_context)))
    page = fine(drawn("summary", MANAGER, app_context, view="next"))
    assert "open issue" in html_of(page)
    assert "BY PLACE" in page.code[0].value
    assert "Nobody receives the daily summary" in page.info[0].value
    assert not page.warning


def test_an_empty_system_has_a_next_summary_too(tmp_path: Path) -> None:
    nothing = open_college(tmp_path / "none", empty=True)
    assert "There are no printers yet" in html_of(fine(drawn("summary", MANAGER, nothing, view="next")))


def test_the_last_one_says_to_whom_it_went_and_what_became_of_it(
    app_context: AppContext, tmp_path: Path
) -> None:
    now = send(app_context, tmp_path, "a@example.org, b@example.org")
    to = MAILS.c.recipient
    with writing(app_context.engine) as connection:
        connection.execute(update(MAILS).where(to == "a@example.org").values(status="sent", sent_at=now))
        failed = {"status": "failed", "last_error": "550 no such mailbox"}
        connection.execute(update(MAILS).where(to == "b@example.org").values(**failed))
    page = fine(drawn("summary", MANAGER, app_context))
    (table,) = tables_of(page)
    assert list(table["To"]) == ["a@example.org", "b@example.org"]
    assert list(table["Outcome"]) == ["Sent", "Failed"]
    assert table["The server said"][1] == "550 no such mailbox"
    with reading(app_context.engine) as connection:
        subject, text = connection.execute(
            select(MAILS.c.subject, MAILS.c.body_text).where(to == "a@example.org")
        ).one()
    assert subject in html_of(page)
    assert page.code[0].value.strip() == text.strip()


def test_the_next_one_has_the_issues_of_who_looks(app_context: AppContext) -> None:
    now = datetime.now(UTC)
    with writing(app_context.engine) as connection:
        number = open_issue(connection, NewIssue("lib-1", "Squeaks on every page"), actor="tom", now=now)
        seen = issue_row(connection, number)
        assert seen is not None
        assign(connection, seen, "maya", actor="tom", now=now)
    text = drawn("summary", MANAGER, app_context, view="next").code[0].value
    assert f"YOURS (1)\n   #{number} Squeaks on every page" in text


def test_what_the_page_shows_next_is_what_the_notifier_then_sends(
    app_context: AppContext, tmp_path: Path
) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).values(email=""))
        values = {"email": "maya@college.example", "summary": "always"}
        connection.execute(update(USERS).where(USERS.c.name == "maya").values(**values))
        created = datetime.now(UTC) - timedelta(days=30)
        connection.execute(update(PRINTERS).values(created_at=created))
    shown = drawn("summary", MANAGER, app_context, view="next").code[0].value
    send(app_context, tmp_path, "")
    with reading(app_context.engine) as connection:
        sent = connection.execute(select(MAILS.c.body_text)).scalar_one()
    ours = [line for line in sent.splitlines() if "unsubscribe" not in line]
    assert [line for line in shown.splitlines() if not line.startswith("Stop")] == ours


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[AppContext, Gate]]:
    made = college(monkeypatch, tmp_path)
    nobody_receives_it(made)
    yield made, behind_gate(made, mails.ROUTES)
    made.engine.dispose()


def asked(door: tuple[AppContext, Gate], path: str, name: str = "maya") -> Answer:
    who = Visitor(door[1])
    sign_in(who, name)
    return who.page(path)


def test_a_mail_is_shown_in_a_frame_of_ours_alone_and_runs_nothing(
    door: tuple[AppContext, Gate], tmp_path: Path
) -> None:
    send(door[0], tmp_path, "a@example.org")
    with reading(door[0].engine) as connection:
        number = connection.execute(select(MAILS.c.id)).scalar_one()
    for path in (f"/mails/sent/{number}", "/mails/next"):
        answer = asked(door, path)
        assert answer.status == 200
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
        assert "frame-ancestors 'self'" in policy
        assert "script-src" not in policy
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["cache-control"] == "no-store"
        assert '<base target="_blank">' in answer.body
    assert asked(door, "/login").headers["x-frame-options"] == "DENY"


def test_who_may_not_see_mails_and_who_asks_for_another_gets_none(
    door: tuple[AppContext, Gate], tmp_path: Path
) -> None:
    send(door[0], tmp_path, "a@example.org")
    with writing(door[0].engine) as connection:
        connection.execute(update(MAILS).values(kind="account", body_html="<p>A password</p>"))
        number = connection.execute(select(MAILS.c.id)).scalar_one()
    assert Visitor(door[1]).page("/mails/next").status == 303
    for path in (f"/mails/sent/{number}", "/mails/sent/999", "/mails/sent/x", "/mails/sent/" + "9" * 30):
        answer = asked(door, path)
        assert (answer.status, "A password" in answer.body) == (404, False)
    for path in (f"/mails/sent/{number}", "/mails/next"):
        assert asked(door, path, "tom").status == 403


def test_nobody_ends_the_mails_of_others_by_what_is_shown(app_context: AppContext, tmp_path: Path) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "tom").values(summary="always"))
    send(app_context, tmp_path, "")
    with reading(app_context.engine) as connection:
        text, html = connection.execute(select(MAILS.c.body_text, MAILS.c.body_html)).one()
    assert "/unsubscribe?token=" in text
    assert "/unsubscribe?token=" in html
    assert "/unsubscribe" not in in_frame(html)
    assert "/unsubscribe" not in drawn("summary", MANAGER, app_context).code[0].value

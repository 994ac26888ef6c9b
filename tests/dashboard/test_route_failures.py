"""Routes that fail alike answer alike: one sentence, as a page for people and as JSON for programs."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from core.domain.links import Links
from core.storage.core_tables import AUDIT
from core.storage.database import reading, writing
from dashboard.app_context import AppContext
from dashboard.web.answers import NO_DATABASE
from dashboard.web.routes import mails, unsubscribe
from tests.dashboard.asgi import PAGE, Answer, Visitor
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.served import serving

KEY = "a key of this test"


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    made = college(monkeypatch, tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def who(app_context: AppContext) -> Visitor:
    return Visitor(behind_gate(app_context, [*mails.ROUTES, *unsubscribe.ROUTES]))


def is_page(answer: Answer) -> bool:
    return answer.headers["content-type"].startswith("text/html")


def test_without_the_database_a_route_says_so_as_it_was_asked(
    app_context: AppContext, who: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    path = Links("", app_context.settings.web.signing_key()).unsubscribe("maya")
    with writing(app_context.engine) as connection:
        connection.execute(text("ALTER TABLE users RENAME TO away"))
    for answer in (who.page(path), who.post(path, {}, PAGE)):
        assert (answer.status, is_page(answer), NO_DATABASE in answer.body) == (503, True, True)
        assert answer.headers["cache-control"] == "no-store"
    assert (who.post(path, {}).status, who.post(path, {}).json) == (503, {"error": NO_DATABASE})
    assert "could not be answered: no such table: users" in caplog.text


def test_what_a_role_does_not_allow_is_refused_and_recorded(app_context: AppContext, who: Visitor) -> None:
    sign_in(who, "tom")
    answer = who.page("/mails/next")
    assert (answer.status, is_page(answer)) == (403, True)
    assert "This needs the role manager" in answer.body
    with reading(app_context.engine) as connection:
        refused = connection.execute(
            select(AUDIT.c.actor, AUDIT.c.subject).where(AUDIT.c.action == "right.refused")
        )
        assert [tuple(row) for row in refused] == [("tom", "/mails")]


def test_the_running_dashboard_answers_like_that(tmp_path: Path) -> None:
    with serving(tmp_path, settings={"SECRET_KEY": KEY}, for_pages=False) as server:
        path = Links(server.url, KEY.encode()).unsubscribe("maya")
        with writing(server.engine) as connection:
            connection.execute(text("ALTER TABLE users RENAME TO away"))
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(path, timeout=20)  # noqa: S310 (ours, on loopback)
        with refused.value as answer:
            assert (answer.code, json.load(answer)) == (503, {"error": NO_DATABASE})

"""NUL, which no text in PostgreSQL can have: a refusal like any other, whichever database there is."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette

from core.storage.database import open_database
from dashboard.api.app import make_api
from dashboard.app_context import AppContext, install
from dashboard.web.gate.gate import Gate
from dashboard.web.gate.sockets import OpenSockets
from dashboard.web.sign_in.sessions import ClientInfo
from dashboard.web.sign_in.sign_in import Credentials, WrongPassword, sign_in
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import college
from tests.postgres import DATABASES, database


@pytest.fixture(params=DATABASES)
def app_context(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[AppContext]:
    with database(request.param, tmp_path / "other") as settings:
        engine = open_database(settings)
        public = college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})
        public.engine.dispose()
        wired = replace(public, engine=engine)
        install(wired)
        yield wired
        engine.dispose()


def visitor(app_context: AppContext) -> Visitor:
    return Visitor(Gate(Starlette(routes=[make_api()]), app_context, OpenSockets()))


@pytest.mark.parametrize("path", ["/api/v1/issues", "/api/v1/printers", "/labels"])
def test_nothing_is_looked_for_by_it(path: str, app_context: AppContext) -> None:
    assert visitor(app_context).get(f"{path}?text=a%00b&location=%00").status == 404


def test_no_report_is_about_it(app_context: AppContext) -> None:
    report = {"printer_id": "a\0", "category": "jam", "name": "Aisha", "contact": "aisha@college.example"}
    kind = {"content-type": "application/json"}
    answer = visitor(app_context).ask("POST", "/api/v1/issues", kind, json.dumps(report).encode())
    assert answer.status == 422
    assert set(answer.json) == {"error"}


def test_nobody_is_named_by_it(app_context: AppContext) -> None:
    given = Credentials("maya\0", "guess", ClientInfo())
    with pytest.raises(WrongPassword):
        sign_in(app_context.engine, given, app_context.settings, datetime.now(UTC))

"""NUL, which no text in PostgreSQL can have: a refusal like any other, whichever database there is."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette

from dashboard.api.app import make_api
from dashboard.security.gate import Gate
from dashboard.security.sessions import Client
from dashboard.security.sign_in import Credentials, WrongPassword, sign_in
from dashboard.security.sockets import OpenSockets
from dashboard.wiring import Wiring, install
from fleet.database import open_database
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import college
from tests.postgres import DATABASES, database


@pytest.fixture(params=DATABASES)
def wiring(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Wiring]:
    with database(request.param, tmp_path / "other") as settings:
        engine = open_database(settings)
        public = college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})
        public.engine.dispose()
        wired = replace(public, engine=engine)
        install(wired)
        yield wired
        engine.dispose()


def visitor(wiring: Wiring) -> Visitor:
    return Visitor(Gate(Starlette(routes=[make_api()]), wiring, OpenSockets()))


@pytest.mark.parametrize("path", ["/api/v1/issues", "/api/v1/printers", "/labels"])
def test_nothing_is_looked_for_by_it(path: str, wiring: Wiring) -> None:
    assert visitor(wiring).get(f"{path}?text=a%00b&location=%00").status == 404


def test_no_report_is_about_it(wiring: Wiring) -> None:
    report = {"printer_id": "a\0", "category": "jam", "name": "Aisha", "contact": "aisha@college.example"}
    kind = {"content-type": "application/json"}
    answer = visitor(wiring).ask("POST", "/api/v1/issues", kind, json.dumps(report).encode())
    assert answer.status == 422
    assert set(answer.json) == {"error"}


def test_nobody_is_named_by_it(wiring: Wiring) -> None:
    given = Credentials("maya\0", "guess", Client())
    with pytest.raises(WrongPassword):
        sign_in(wiring.engine, given, wiring.settings, datetime.now(UTC))

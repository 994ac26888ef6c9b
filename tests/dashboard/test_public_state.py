"""What everybody sees of a printer: nothing that the printer says in words of its own, whatever it says."""

import typing
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any

import pytest
import streamlit as st
from pydantic import BaseModel
from starlette.applications import Starlette

from core.contract.messages import (
    Alert,
    Attention,
    Cover,
    Evidence,
    InputTray,
    OutputTray,
    PrinterState,
    Supply,
)
from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import IssueKind
from dashboard.api.app import make_api
from dashboard.app_context import AppContext
from dashboard.ordinary_words import is_ordinary
from dashboard.public_state import allowed, public_model, public_sentence, public_state
from dashboard.web.gate.gate import Gate
from dashboard.web.gate.sockets import OpenSockets
from tests.builders import printer, put, snapshot
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import college
from tests.dashboard.harness import ANONYMOUS, TECHNICIAN, drawn
from tests.dashboard.portal import said

NOW = datetime.now(UTC)
SECRETS = (
    *("10.98.76.54", "fe80::beef:1", "00:1b:a9:12:34:56", "print7.college.example", "alice@college.example"),
    *("Job of alice from 10.98.76.54", "http://10.98.76.54/", "\\\\nas\\scans", "print7.local"),
)
WITHHELD = {
    PrinterState: {
        *(
            "schema_version",
            "name",
            "location",
            "site",
            "refresh_id",
            "error",
            "serial_number",
            "firmware",
            "console_text",
        ),
        *("system_name", "system_description", "system_location", "uptime_ticks", "attention"),
        *("counters", "counters_at", "counters_serial", "gaps"),
        "out_of_service",  # of what is published by MQTT alone: pages read the table
    },
    Attention: {"message", "parameters", "evidence"},
    Alert: {"description"},
    Supply: {"source"},
    InputTray: {"media_name"},
    OutputTray: set(),
    Cover: set(),
}
"""Every field that is not passed on, or made anew: a new one has to be decided on here or there."""


def full_of(record: type[BaseModel], secret: str) -> Any:
    """A record in which every text is the secret."""
    return record.model_construct(
        **{name: _value(field.annotation, secret) for name, field in record.model_fields.items()}
    )


def _value(annotation: Any, secret: str) -> Any:
    kind, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if kind in (typing.Union, UnionType, typing.Annotated):
        return _value(inner[0], secret)
    if kind is tuple:
        return (_value(inner[0], secret),)
    if kind is dict:
        return {secret: secret}
    if kind is typing.Literal:
        return inner[0]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return full_of(annotation, secret)
    values: dict[Any, Any] = {str: secret, int: 7, bool: True}
    return values.get(annotation, NOW)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_text_of_a_printer_reaches_everybody(secret: str) -> None:
    state = full_of(PrinterState, secret).model_copy(update={"printer_id": "lib-1"})
    assert state.model_dump_json().count(secret.replace("\\", "\\\\")) > 30
    shown = public_state(state)
    assert secret.replace("\\", "\\\\") not in shown.model_dump_json()
    assert (shown.printer_id, len(shown.attention), len(shown.supplies)) == ("lib-1", 1, 1)


@pytest.mark.parametrize("record", WITHHELD, ids=lambda record: record.__name__)
def test_every_field_of_a_state_is_allowed_or_withheld_by_decision(record: type[BaseModel]) -> None:
    passed = allowed(full_of(record, "word")).model_fields_set
    assert passed.isdisjoint(WITHHELD[record])
    assert passed | WITHHELD[record] == set(record.model_fields)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_model_with_an_address_in_it_is_no_model(secret: str) -> None:
    assert public_model(f"LaserJet {secret}") == ""


@pytest.mark.parametrize(
    "model",
    [
        "HP LaserJet 400 M401dn",
        "Brother HL-L2350DW series",
        "ECOSYS M2540dn v2.1",
        "KONICA MINOLTA, Inc. C308",
    ],
)
def test_a_usual_model_is_shown(model: str) -> None:
    assert public_model(model) == model


def test_what_is_wrong_is_said_without_a_printers_own_words() -> None:
    toner = Supply(
        index="1.1", description="for 10.98.76.54", supply_type="toner", colorant="Black 10.98.76.54"
    )
    assert public_sentence("supply_low", "alice's toner is low.", toner) == "Black toner is low."
    named = InputTray(index="1.2", name="10.98.76.54")
    assert public_sentence("no_paper", "10.98.76.54 is out of paper.", named) == "Tray 2 is out of paper."
    assert (
        public_sentence("door_open", "x is open.", Cover(index="1.3", description="x")) == "Cover 3 is open."
    )
    assert public_sentence("jam", "Paper is jammed at alice.") == "Paper is jammed."
    assert public_sentence("unreachable", "no answer from 10.98.76.54") == "The printer does not answer."
    assert public_sentence("10.98.76.54", "10.98.76.54") == "It needs attention."
    assert public_sentence("supply_low", "Black toner cartridge is low (9 %).") == (
        "Black toner cartridge is low (9 %)."
    )


@pytest.mark.parametrize(
    ("text", "ordinary"),
    [
        ("Tray 2", True),
        ("Paper jam in tray 2.", True),
        ("Black toner is low (9 %).", True),
        ("Front cover", True),
        ("MP Tray", True),
        ("Job of alice", False),
        ("10.98.76.54", False),
        ("10 98 76 54", False),
        ("tray-10-98-76", False),
        ("Tray 2024", False),
        ("print7.local", False),
        ("Tray 2 <b>", False),
        ("", False),
        ("tray " * 100, False),
    ],
)
def test_ordinary_words_are_those_of_a_printers_parts(text: str, ordinary: bool) -> None:
    assert is_ordinary(text) == ordinary


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    st.cache_resource.clear()
    made = college(monkeypatch, tmp_path, {"PORTAL_PUBLIC": "true"})
    for number, secret in enumerate(SECRETS):
        state = _state(f"secret-{number}", secret)
        put(
            made.engine,
            printer(state.printer_id, name="Copier", model="", serial=secret, notes=secret, site="annex-7"),
            snapshot(
                state.printer_id,
                state,
                model=secret,
                serial=secret,
                lowest_supply_percent=9,
                stale_at=NOW + timedelta(days=1),
            ),
        )
        title = f"{secret} is low."
        issue = NewIssue(printer_id=state.printer_id, title=title, kind=IssueKind.DEVICE, category="supplies")
        with writing(made.engine) as connection:
            open_issue(connection, issue, actor="processor", now=NOW)
    yield made
    made.engine.dispose()


def _state(printer_id: str, secret: str) -> PrinterState:
    """As the processor would have stored it."""
    evidence = (Evidence(object="reading", index=secret, value=f"no answer from {secret}"),)
    flags = tuple(
        Attention(
            code=code, severity="critical", message=secret, since_at=NOW, evidence=evidence, subject="1.1"
        )
        for code in ("unreachable", "alert_critical", "supply_low")
    )
    return PrinterState(
        printer_id=printer_id,
        taken_at=NOW,
        answered_at=NOW,
        stale_at=NOW + timedelta(days=1),
        reachable=True,
        error=f"no answer from {secret}",
        state="unreachable",
        severity="critical",
        attention=flags,
        alerts=(Alert(index="1.1", severity="critical", description=secret),),
        supplies=(
            Supply(index="1.1", description=secret, colorant=secret, level_percent=9, level_state="measured"),
        ),
        input_trays=(InputTray(index="1.1", name=secret, description=secret, media_name=secret),),
        covers=(Cover(index="1.1", description=secret, status="cover_open"),),
        model=secret,
        serial_number=secret,
        firmware=secret,
        console_text=secret,
        system_name=secret,
        system_description=secret,
        system_location=secret,
    )


def test_no_route_tells_it_to_everybody(app_context: AppContext) -> None:
    who = Visitor(Gate(Starlette(routes=[make_api()]), app_context, OpenSockets()))
    bodies = [who.get("/api/v1/printers?limit=100").body]
    for number in range(len(SECRETS)):
        answer = who.get(f"/api/v1/printers/secret-{number}")
        assert answer.status == 200
        bodies.append(answer.body)
    for secret in (*SECRETS, "10.0.0.5", "annex-7"):
        assert all(secret.replace("\\", "\\\\") not in body for body in bodies), secret


@pytest.mark.parametrize("path", ["printer", "report", "fleet"])
def test_no_page_tells_it_to_everybody(path: str, app_context: AppContext) -> None:
    for number, secret in enumerate(SECRETS):
        name = {"printer": "id", "report": "printer"}.get(path, "find")
        wanted = f"secret-{number}" if path != "fleet" else "secret"
        page = drawn(path, ANONYMOUS, app_context, **{name: wanted})
        assert not page.exception
        assert "Copier" in said(page)
        assert secret not in said(page).replace("\\", "") or "\\" in secret
        assert "alice" not in said(page)
        assert "98.76" not in said(page)
        if path == "fleet":
            break


def test_who_is_signed_in_sees_it_as_it_was(app_context: AppContext) -> None:
    assert "Job of alice" in said(
        drawn("printer", TECHNICIAN, app_context, id=f"secret-{SECRETS.index(SECRETS[5])}")
    )

"""A new wording is shown of flags that are stored already, by everybody who shows them; no row is touched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from console.fleet import read_fleet
from core.contract.messages import Attention, PrinterState
from core.domain.conditions import CONDITIONS, NO_PAPER
from core.domain.permissions import ROLES
from core.mails.facts import open_flags
from core.storage.core_tables import ATTENTION, SNAPSHOTS
from core.storage.database import open_database, reading
from core.storage.fleet_states import read_states
from core.storage.tables import AttentionRow
from dashboard.features.attention import queries
from dashboard.features.attention.queries import FlagFilter
from dashboard.features.fleet.listed import read_details
from dashboard.features.printer.queries import read_printer
from dashboard.viewer import Viewer
from notifier.notices.rows import read_conditions
from tests.builders import printer, put, snapshot
from tests.postgres import database

NOW = datetime.now(UTC).replace(microsecond=0)
BEFORE, AFTER = "Tray 2 is out of paper.", "Bitte Papier in Tray 2 nachlegen."
OLD = "Tray 3 ran dry."
MANAGER = Viewer(ROLES["manager"], "maya")


def flag(printer_id: str, message: str, parameters: dict[str, str] | None) -> AttentionRow:
    return AttentionRow(
        printer_id=printer_id,
        code=NO_PAPER,
        subject="1.2",
        severity="warning",
        message=message,
        parameters=parameters,
        fixer="anyone",
        since_at=NOW,
        evidence=[],
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """`new` has its flag with parameters, `old` one from before there were any."""
    with database(request.param, tmp_path / "data") as settings:
        engine = open_database(settings)
        for printer_id, message, parameters in (
            ("new", BEFORE, {"part": "Tray 2"}),
            ("old", OLD, None),
        ):
            row = flag(printer_id, message, parameters)
            shown = Attention(**row.model_dump(exclude={"id", "printer_id", "cleared_at", "outcome"}))
            state = PrinterState(
                printer_id=printer_id, taken_at=NOW, answered_at=NOW, reachable=True, attention=(shown,)
            )
            stale_at = NOW + timedelta(hours=1)
            put(engine, printer(printer_id), snapshot(printer_id, state, stale_at=stale_at), row)
        yield engine
        engine.dispose()


def said(engine: Engine) -> dict[str, set[str]]:
    """What each who shows flags says of the two printers."""
    found: dict[str, set[str]] = {"new": set(), "old": set()}
    with reading(engine) as connection:
        for one in queries.flags(connection, FlagFilter(), now=NOW):
            found[one.printer_id].add(one.message)
        for printer_id, details in read_details(connection, ["new", "old"], NOW).items():
            found[printer_id] |= {details.message}
        for printer_id in found:
            view = read_printer(connection, printer_id, MANAGER, NOW)
            assert view is not None
            found[printer_id] |= {one.message for one in view.state.attention}
        for state in read_states(connection, NOW):
            found[state.printer_id] |= {one.message for one in state.latest.attention}
        for open_flag in open_flags(connection, NOW):
            found[open_flag.printer_id].add(open_flag.message)
        for condition in read_conditions(connection, NOW, timedelta()):
            found[condition.printer_id].add(condition.message)
        for shown in read_fleet(connection, NOW, attention=True).printers:
            found[shown.printer_id] |= {flag.message for flag in shown.latest.attention}
    return found


def test_a_new_wording_is_shown_of_stored_flags_and_an_old_flag_keeps_its_message(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(engine) == {"new": {BEFORE}, "old": {OLD}}
    with reading(engine) as connection:
        rows = connection.execute(select(ATTENTION)).all(), connection.execute(select(SNAPSHOTS)).all()
    reworded = replace(CONDITIONS[NO_PAPER], of_part="Bitte Papier in {part} nachlegen.")
    monkeypatch.setitem(CONDITIONS, NO_PAPER, reworded)
    assert said(engine) == {"new": {AFTER}, "old": {OLD}}
    with reading(engine) as connection:
        assert rows == (
            connection.execute(select(ATTENTION)).all(),
            connection.execute(select(SNAPSHOTS)).all(),
        )

"""A college in trouble, for the tests of what managers see: flags in two places, failed checks, issues."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from core.contract.messages import PrinterState, Supply
from core.storage.database import open_database, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.supply_tables import SupplyForecast
from core.storage.tables import AttentionRow, IssueKind
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import add_people
from tests.postgres import database

NOW = datetime.now(UTC).replace(microsecond=0)
HOSTILE_NAME = "<script>alert(1)</script>"
HOSTILE_PLACE = '=HYPERLINK("http://evil.example","Library"), floor 1'


def ago(**how_long: float) -> datetime:
    return NOW - timedelta(**how_long)


def state(printer_id: str, **values: Any) -> PrinterState:
    base: dict[str, Any] = {
        "printer_id": printer_id,
        "taken_at": NOW,
        "answered_at": NOW,
        "reachable": True,
        "state": "idle",
    }
    return PrinterState(**(base | values))


def flag(printer_id: str, code: str, severity: str, **values: Any) -> AttentionRow:
    base: dict[str, Any] = {
        "message": f"{code} of {printer_id}",
        "fixer": "anyone" if code in {"jam", "no_paper"} else "technician",
        "since_at": ago(hours=1),
        "evidence": [{"object": "prtAlertCode", "index": "1.1", "value": "8"}],
    }
    return AttentionRow(printer_id=printer_id, code=code, severity=severity, **(base | values))


def toner(percent: int | None, **values: Any) -> Supply:
    base: dict[str, Any] = {
        "index": "1.1",
        "description": "Black Toner TN-1",
        "supply_type": "toner",
        "supply_class": "supply_that_is_consumed",
        "colorant": "black",
        "level_percent": percent,
        "level_state": "measured" if percent is not None else "some_remaining",
    }
    return Supply(**(base | values))


def trouble(engine: Engine) -> None:
    """lib-1 (jam, low toner) and lib-2 (no paper) in the Library, law-1 (low toner) in the Law School,
    gym-1 that does not answer any more (flagged), gym-2 that has only just not answered, all-1 that is fine.
    Issue 1 is the system's about the jam; issue 2 is a person's about law-1."""
    tomorrow = NOW + timedelta(days=1)
    for printer_id, where, seen in (
        ("lib-1", "Library, floor 1", state("lib-1", severity="critical", supplies=(toner(4),))),
        ("lib-2", "Library, floor 2", state("lib-2", severity="warning", supplies=(toner(60),))),
        ("law-1", "Law School, floor 1", state("law-1", severity="warning", supplies=(toner(9),))),
        ("gym-1", "Sports Centre", state("gym-1", reachable=False, error="gym-1 did not answer.")),
        ("gym-2", "Sports Centre", state("gym-2", reachable=False, error="gym-2 did not answer.")),
        ("all-1", "Admissions", state("all-1", supplies=(toner(None),))),
    ):
        lowest = min((s.level_percent for s in seen.supplies if s.level_percent is not None), default=None)
        values: dict[str, Any] = {"stale_at": tomorrow, "lowest_supply_percent": lowest, "model": "Model X"}
        put(engine, printer(printer_id, location=where), snapshot(printer_id, seen, **values))
    put(
        engine,
        flag("lib-1", "jam", "critical", message="Paper is jammed.", since_at=ago(minutes=20)),
        flag("lib-1", "supply_low", "warning", message="Black Toner is low (4 %).", subject="1.1"),
        flag("lib-2", "no_paper", "warning", message="Tray 2 is out of paper.", since_at=ago(hours=5)),
        flag("law-1", "supply_low", "warning", message="Black Toner is low (9 %).", subject="1.1"),
        flag("gym-1", "unreachable", "critical", message="The printer does not answer."),
        flag("all-1", "jam", "critical", message="An old jam", cleared_at=ago(hours=2)),
        SupplyForecast(
            printer_id="lib-2",
            supply_index="1.1",
            days_left=3.2,
            days_left_low=2.0,
            days_left_high=6.0,
            points=40,
            computed_at=NOW,
        ),
    )
    with writing(engine) as connection:
        jam = NewIssue(
            "lib-1", "Paper is jammed.", kind=IssueKind.DEVICE, attention_code="jam", priority="high"
        )
        open_issue(connection, jam, actor="processor", now=ago(minutes=19))
        report = NewIssue("law-1", "Prints are pale", "Since Monday.", "quality", reporter="Noah Williams")
        open_issue(connection, report, actor="Noah Williams", now=ago(hours=3))


@contextmanager
def opened(kind: str, folder: Path) -> Iterator[Engine]:
    """The college in trouble on SQLite or PostgreSQL."""
    with database(kind, folder / "data") as settings:
        engine = open_database(settings)
        trouble(engine)
        add_people(engine, NOW)
        yield engine
        engine.dispose()

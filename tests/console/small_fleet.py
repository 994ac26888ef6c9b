"""A small stored fleet for tests of what shows or carries it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from core.contract.messages import Attention, PrinterState, Supply
from core.storage.database import writing
from core.storage.issues import NewIssue, open_issue
from core.storage.tables import AttentionRow, IssueKind, Outbox, ServiceRow
from tests.builders import printer, put, snapshot


def flag(code: str, severity: Any, message: str, since_at: datetime) -> Attention:
    return Attention(code=code, severity=severity, message=message, since_at=since_at)


def fill(engine: Engine, now: datetime | None = None) -> None:
    """Five printers, one of each kind: fine, low, jammed, stale, never read; live services."""
    now = now or datetime.now(UTC)
    jam = flag("jam", "critical", "Paper jam in tray 2", now - timedelta(minutes=4))
    low = flag("supply_low", "warning", "Black toner is low (9 %)", now - timedelta(hours=3))
    black = Supply(index="1.1", description="Black toner", level_percent=9, level_state="measured")
    waste = Supply(
        index="1.2", description="Waste", supply_class="receptacle_that_is_filled", level_percent=2
    )

    def state(printer_id: str, **values: Any) -> PrinterState:
        base: dict[str, Any] = {"printer_id": printer_id, "taken_at": now, "reachable": True, "state": "idle"}
        return PrinterState(**(base | values))

    jammed = state("jammed", state="stopped", severity="critical", attention=(jam, low))
    put(
        engine,
        printer("fine", name="Fine [1]"),
        snapshot("fine", state("fine", state="asleep")),
        printer("low", location="Room 12", site="annex"),
        snapshot("low", state("low", severity="warning", attention=(low,), supplies=(black, waste))),
        printer("jammed"),
        snapshot("jammed", jammed),
        printer("old"),
        snapshot("old", state("old", taken_at=now - timedelta(hours=2))),
        printer("new", created_at=now, updated_at=now),
        printer("gone", enabled=False),
    )
    put(
        engine,
        ServiceRow(service="processor", instance="here", status="online", seen_at=now, counters={}),
        ServiceRow(
            service="collector", instance="here", site="main", status="online", seen_at=now, counters={}
        ),
        ServiceRow(
            service="collector", instance="far", site="annex", status="online", seen_at=now, counters={}
        ),
        AttentionRow(
            printer_id="jammed",
            code="jam",
            severity="critical",
            message="Paper jam",
            fixer="anyone",
            since_at=now,
            evidence=[{"object": "prtAlertCode", "index": "1.1", "value": "8"}],
        ),
        Outbox(payload='{"printer_id": "low"}'),
    )
    with writing(engine) as connection:
        new = NewIssue(printer_id="jammed", title="Jams – again", kind=IssueKind.PERSON)
        open_issue(connection, new, actor="someone", now=now)

"""A fleet in which one printer jams again and again, for tests of reports, hints and the service sheet."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine

from core.contract.messages import Attention, Evidence
from core.storage.database import writing
from core.storage.issues import NewIssue, change_status, comment, issue_row, open_issue
from core.storage.supply_tables import SupplyEventRow
from core.storage.tables import AttentionRow, IssueStatus, Visibility
from core.timeseries.reader import PrinterDay
from tests.builders import printer, put, snapshot
from tests.dashboard.manager_fleet import flag, state, toner

BAD: Final = "bad-1"
JAMS: Final = 12
OTHERS: Final = tuple(f"fair-{number}" for number in range(8))
PAGES_A_DAY: Final = 500


def seed_chronic(engine: Engine, now: datetime) -> None:
    """Add bad-1, with a jam every second day that is cleared through its cover, and eight with one in all."""
    serial = "SN-4711"
    jam = Attention(
        code="jam",
        severity="critical",
        message="Paper is jammed.",
        since_at=now - timedelta(minutes=9),
        evidence=(Evidence(object="prtAlertCode", index="1.3", value="8"),),
    )
    seen = state(
        BAD,
        attention=(jam,),
        supplies=(toner(40),),
        console_text="Clear jam\nTray 2",
        model="Model X",
        serial_number=serial,
        system_description="JETX firmware 2.41.7",
        marker_life_count=81_234,
    )
    fresh: dict[str, Any] = {"stale_at": now + timedelta(days=1)}
    where = {"location": "Library, floor 1", "created_at": now - timedelta(days=200)}
    put(
        engine,
        printer(BAD, name="Library 1", serial=serial, **where),
        snapshot(BAD, seen, model="Model X", serial=serial, **fresh),
        *(
            row
            for number in range(JAMS)
            for row in _jam(BAD, now - timedelta(days=2 * number, hours=3), minutes=20)
        ),
        SupplyEventRow(
            printer_id=BAD,
            supply_index="1.1",
            at=now - timedelta(days=20),
            part="Black Toner TN-1",
            old_percent=4,
            pages=6_100,
        ),
    )
    for name in OTHERS:
        put(engine, printer(name), snapshot(name, state(name), model="Model X", **fresh))
        put(engine, *_jam(name, now - timedelta(days=5), minutes=10))
    _issues(engine, now)


def _jam(printer_id: str, at: datetime, minutes: int) -> list[AttentionRow]:
    lasted = timedelta(minutes=minutes)
    return [
        flag(
            printer_id, "jam", "critical", since_at=at, cleared_at=at + lasted, parameters={"part": "Tray 2"}
        ),
        flag(
            printer_id,
            "door_open",
            "critical",
            since_at=at + lasted / 2,
            cleared_at=at + lasted,
            parameters={"part": "Front cover"},
        ),
    ]


def _issues(engine: Engine, now: datetime) -> None:
    with writing(engine) as connection:
        opened = now - timedelta(days=10)
        new = NewIssue(BAD, "Jams on every tenth page", reporter="Noah Williams", contact="noah@c.example")
        number = open_issue(connection, new, actor="Noah Williams", now=opened)
        note, answer = "Rollers cleaned, did not help", "The rollers were replaced"
        comment(connection, number, note, actor="tom", now=opened + timedelta(hours=2))
        later = opened + timedelta(days=1)
        comment(connection, number, answer, actor="tom", now=later, visibility=Visibility.PUBLIC)
        row = issue_row(connection, number)
        assert row is not None
        change_status(connection, row, IssueStatus.RESOLVED, actor="tom", now=later)


def printed(days: int, now: datetime) -> list[PrinterDay]:
    """What every printer of the fleet has printed in the last days."""
    today = now.astimezone(UTC).date()
    return [
        PrinterDay(name, today - timedelta(days=ago), 100, 100, 0, PAGES_A_DAY, PAGES_A_DAY)
        for name in (BAD, *OTHERS)
        for ago in range(days)
    ]

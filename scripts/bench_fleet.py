"""The fleet that scripts/bench_dashboard.py measures on: printers with a snapshot each, and an account."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, insert, select

from core.contract.messages import HistoryPoint, HistorySupply, PrinterState, Supply
from core.domain.permissions import ROLES
from core.runtime.settings import HistorySettings
from core.runtime.web_settings import DashboardSettings
from core.storage.core_tables import DOCUMENTS, SNAPSHOTS
from core.storage.database import writing
from core.storage.tables import Printer, Snapshot, StateDocument
from core.storage.users import NewUser, add_user
from core.timeseries.stores import open_store
from dashboard.web.sign_in.sessions import ClientInfo, open_session

NAME: Final = "nora"
PASSWORD: Final = "a horse of the bench"  # noqa: S105 (protects a database that is thrown away)
PLACE: Final = "Building 7"
"""Where one printer of 40 stands."""
_STATES: Final = ("idle", "idle", "asleep", "printing", "stopped", "idle", "warming_up", "asleep")


def fill(engine: Engine, count: int) -> None:
    """Fill the database with so many printers, each just read."""
    now = datetime.now(UTC)
    names = [f"bench-{number:05d}" for number in range(count)]
    printers = [
        Printer(
            printer_id=name,
            name=name,
            host=f"10.0.{number // 250}.{number % 250}",
            location=f"Building {number % 40}, Room {number % 300}",
            created_at=now,
            updated_at=now,
        )
        for number, name in enumerate(names)
    ]
    snapshots = [_snapshot(name, number, now) for number, name in enumerate(names)]
    with writing(engine) as connection:
        connection.execute(insert(Printer), [row.model_dump() for row in printers])
        _insert(connection, snapshots)


def change(engine: Engine, share: float, turn: int, *, over: float) -> None:
    """Read a share of the printers anew, one after the other in the last seconds: other levels and states."""
    now = datetime.now(UTC)
    with writing(engine) as connection:
        names = connection.execute(select(SNAPSHOTS.c.printer_id).order_by("printer_id")).scalars().all()
        some = max(1, round(share * len(names)))
        numbers = [number % len(names) for number in range(turn * some, (turn + 1) * some)]
        times = [now - timedelta(seconds=over * earlier / some) for earlier in range(some)]
        rows = [_snapshot(names[n], n + turn, at) for n, at in zip(numbers, times, strict=True)]
        changed = SNAPSHOTS.c.printer_id.in_([row.printer_id for row, _ in rows])
        connection.execute(delete(SNAPSHOTS).where(changed))
        connection.execute(
            delete(DOCUMENTS).where(DOCUMENTS.c.printer_id.in_([r.printer_id for r, _ in rows]))
        )
        _insert(connection, rows)


def _insert(connection: Connection, rows: Sequence[tuple[Snapshot, StateDocument]]) -> None:
    connection.execute(insert(Snapshot), [snapshot.model_dump() for snapshot, _ in rows])
    connection.execute(insert(StateDocument), [document.model_dump() for _, document in rows])


def _snapshot(name: str, number: int, now: datetime) -> tuple[Snapshot, StateDocument]:
    percent = number % 101
    supplies = tuple(
        Supply(index=f"1.{row}", description=f"{color} toner", level_percent=percent, level_state="measured")
        for row, color in enumerate(("Black", "Cyan", "Magenta", "Yellow"))
    )
    state: Any = _STATES[number % len(_STATES)]
    stale_at = now + timedelta(days=1)
    told = PrinterState(
        printer_id=name, taken_at=now, reachable=True, state=state, supplies=supplies, stale_at=stale_at
    )
    snapshot = Snapshot(
        printer_id=name,
        reading_id=name,
        taken_at=now,
        seq=number,
        received_at=now,
        stale_at=stale_at,
        reachable=True,
        state=state,
        severity="warning" if percent < 10 else None,  # noqa: PLR2004 (a few of them)
        lowest_supply_percent=percent,
    )
    return snapshot, StateDocument(printer_id=name, payload=told.model_dump(mode="json"), memory={})


def sign_in(engine: Engine) -> str:
    """Return an account for a manager; the token of its session."""
    now = datetime.now(UTC)
    with writing(engine) as connection:
        new = NewUser(NAME, ROLES["manager"], password=PASSWORD)
        user = add_user(connection, new, actor="bench", now=now)
        return open_session(connection, user, ClientInfo(), DashboardSettings(), now)


def fill_history(data_dir: Path) -> None:
    """Fill thirty days of the first printer's levels, for its charts."""
    now = datetime.now(UTC)
    writer = open_store(HistorySettings(data_dir=data_dir)).open_writer()
    writer.write(
        [
            HistoryPoint(
                printer_id="bench-00000",
                taken_at=now - timedelta(hours=hours),
                reachable=True,
                state="idle",
                marker_life_count=10_000 - hours,
                supplies={
                    f"1.{row}": HistorySupply(level=hours // 8 % 101, percent=hours // 8 % 101)
                    for row in range(4)
                },
            )
            for hours in range(24 * 30, -1, -1)
        ]
    )
    writer.close()

"""What a trial of thresholds is told about printers, from both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, insert

from core.contract.messages import PrinterState, Supply
from core.domain.supply_events import SupplyEvent
from core.domain.threshold_trial import WatchedPrinter, WatchedSupply
from core.storage.core_tables import SUPPLY_EVENTS
from core.storage.database import reading, writing
from core.storage.mutes import MuteRequest, mute_flag
from core.storage.supply_events import event_values
from core.storage.tables import AttentionRow
from core.storage.watched_printers import read_watched
from tests.builders import printer, put, snapshot

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_enabled_printers_that_were_read_come_with_their_supplies_and_replacements(engine: Engine) -> None:
    black = Supply(index="1.1", description="Black", supply_type="toner", source="brInfoMaintenance")
    twin = Supply(index="1.2", description="Cyan", supply_type="toner", colorant="cyan")
    waste = Supply(index="1.3", description="Waste", supply_type="waste_toner")
    supplies = (black, twin, twin.model_copy(update={"index": "1.4"}), waste)
    state = PrinterState(printer_id="a", taken_at=NOW, answered_at=NOW, reachable=True, supplies=supplies)
    silent = PrinterState(printer_id="silent", taken_at=NOW, state="unknown")
    put(
        engine,
        printer("a", name="A", location="Hall"),
        snapshot("a", state),
        printer("silent", name="S"),
        snapshot("silent", silent),
        printer("new"),
        printer("off", enabled=False),
        snapshot("off", state.model_copy(update={"printer_id": "off"})),
    )
    told = [(NOW - DAY, None), (NOW - 2 * DAY, NOW), (NOW - 40 * DAY, None)]
    with writing(engine) as connection:
        for at, undone_at in told:
            event = SupplyEvent("a", "1.1", at, at - timedelta(minutes=5), undone_at=undone_at)
            connection.execute(insert(SUPPLY_EVENTS).values(event_values(event)))
    with reading(engine) as connection:
        found = read_watched(connection, NOW - 30 * DAY, NOW)
    assert found == [
        WatchedPrinter(
            "a",
            "A",
            "Hall",
            (
                WatchedSupply("1.1", by_vendor=True, replaced_at=(NOW - DAY,)),
                WatchedSupply("1.2", twins=("1.4",)),
                WatchedSupply("1.4", twins=("1.2",)),
            ),
            receptacles=1,
            has_answered=True,
            reachable=True,
        ),
        WatchedPrinter("silent", "S", "", (), receptacles=0, has_answered=False, reachable=False),
    ]


def test_a_muted_supply_is_left_out_as_long_as_it_is_muted(engine: Engine) -> None:
    black = Supply(index="1.1", description="Black", supply_type="toner")
    ghost = Supply(index="1.5", description="Fifth toner", supply_type="toner")
    supplies = (black, ghost)
    state = PrinterState(printer_id="a", taken_at=NOW, answered_at=NOW, reachable=True, supplies=supplies)
    empty = AttentionRow(
        printer_id="a",
        code="supply_empty",
        subject="1.5",
        severity="critical",
        message="Fifth toner is empty.",
        parameters={"part": "Fifth toner"},
        fixer="technician",
        since_at=NOW,
        evidence=[],
    )
    put(engine, printer("a"), snapshot("a", state), empty)
    until = NOW + DAY
    with writing(engine) as connection:
        wanted = MuteRequest("a", "supply_empty", "1.5", "there is none", until, whole_part=True)
        mute_flag(connection, wanted, actor="maya", now=NOW)
    tried = []
    for now in (NOW, until):
        with reading(engine) as connection:
            (found,) = read_watched(connection, NOW - 30 * DAY, now)
        tried.append([supply.index for supply in found.supplies])
    assert tried == [["1.1"], ["1.1", "1.5"]]

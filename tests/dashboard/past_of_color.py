"""A printer of four toners with a past of thirty days: for tests that look at its charts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from core.contract.messages import HistoryPoint, HistorySupply, PrinterState, Supply
from core.domain.supply_events import SupplyEvent
from core.runtime.settings import HistorySettings
from core.storage.core_tables import SUPPLY_EVENTS
from core.storage.database import writing
from core.storage.supply_events import event_values
from core.timeseries.stores import open_store
from tests.builders import printer, put, snapshot
from tests.dashboard.portal import forecast

TONERS: Final = ("Black toner", "Cyan toner", "Magenta toner", "Yellow toner")
REPLACED_DAYS_AGO: Final = 12
_DAYS: Final = 30
_PERCENT_A_DAY: Final = (1, 2, 2, 3)


def add_color_printer(engine: Engine) -> None:
    """The printer `color`; its black toner was replaced, its yellow one is empty within days."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    supplies = tuple(
        Supply(
            index=f"1.{place}",
            description=name,
            supply_type="toner",
            colorant=name.split()[0].lower(),
            level_percent=_level(place, 0),
            level_state="measured",
        )
        for place, name in enumerate(TONERS, 1)
    )
    state = PrinterState(
        printer_id="color", taken_at=now, reachable=True, state="idle", supplies=supplies, model="Model C"
    )
    stays_fresh = datetime.now(UTC) + timedelta(days=1)
    put(
        engine,
        printer("color", name="Color", location="Library, floor 1"),
        snapshot("color", state, stale_at=stays_fresh),
        forecast("color", "1.2", days_left=8, days_left_low=5, days_left_high=14),
        forecast("color", "1.4", days_left=3, days_left_low=2, days_left_high=5),
    )
    at = now - timedelta(days=REPLACED_DAYS_AGO)
    event = SupplyEvent("color", "1.1", at, at - timedelta(hours=6), part="Black toner", new_percent=90)
    with writing(engine) as connection:
        connection.execute(SUPPLY_EVENTS.insert().values(event_values(event)))
    writer = open_store(HistorySettings(data_dir=Path(str(engine.url.database)).parent)).open_writer()
    writer.write([_point(now, quarters) for quarters in range(4 * _DAYS, -1, -1)])
    writer.close()


def _level(place: int, days_ago: float) -> int:
    if place == 1 and days_ago <= REPLACED_DAYS_AGO:
        return round(90 - (REPLACED_DAYS_AGO - days_ago))
    return round((30, 70, 75, 98)[place - 1] - (_DAYS - days_ago) * _PERCENT_A_DAY[place - 1])


def _point(now: datetime, quarters: int) -> HistoryPoint:
    days_ago = quarters / 4
    return HistoryPoint(
        printer_id="color",
        taken_at=now - timedelta(days=days_ago),
        reachable=True,
        state="idle",
        marker_life_count=100_000 - 25 * quarters,
        supplies={
            f"1.{place}": HistorySupply(level=_level(place, days_ago), percent=_level(place, days_ago))
            for place in range(1, 5)
        },
    )

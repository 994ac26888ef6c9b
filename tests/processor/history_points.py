"""History points for tests."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.contract.messages import HistoryPoint, HistorySupply, State
from core.runtime.settings import HistorySettings
from core.timeseries.embedded.reader import EmbeddedReader

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def point(  # noqa: PLR0913 (a record with defaults)
    after: timedelta = timedelta(),
    printer_id: str = "lib-1",
    *,
    level: int = 80,
    reachable: bool = True,
    state: State = "idle",
    count: int | None = 1000,
    device: int = 0,
) -> HistoryPoint:
    """A point taken so long after NOON; without levels where the printer was not reachable."""
    supplies = {
        "1.1": HistorySupply(level=level, percent=max(level, 0) or None),
        "1.2": HistorySupply(level=-3, percent=None),
    }
    return HistoryPoint(
        printer_id=printer_id,
        taken_at=NOON + after,
        reachable=reachable,
        state=state if reachable else "unreachable",
        marker_life_count=count if reachable else None,
        supplies=supplies if reachable else {},
        device=device,
    )


def stored(folder: Path, printer_id: str) -> list[HistoryPoint]:
    """Everything the embedded time series has of a printer."""
    reader = EmbeddedReader(HistorySettings(data_dir=folder))
    return reader.points(printer_id, datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))

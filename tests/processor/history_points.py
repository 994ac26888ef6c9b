"""History points for tests."""

from datetime import UTC, datetime, timedelta

from fleet.messages import HistoryPoint, HistorySupply

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def point(
    after: timedelta = timedelta(), printer_id: str = "lib-1", *, level: int = 80, reachable: bool = True
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
        state="idle" if reachable else "unreachable",
        marker_life_count=1000 if reachable else None,
        supplies=supplies if reachable else {},
    )

"""The interface for writing any time series, as the drain uses it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay


@dataclass
class Written:
    """Result for the points that were given, by their place in the sequence."""

    new: int | None = None
    """How many were not there before; None where the time series does not tell."""
    refused: dict[int, str] = field(default_factory=dict)
    """Points that will never be taken, and why."""


class SeriesWriter(Protocol):
    """Points written once or several times are the same: (printer_id, taken_at) names a point."""

    confirm_seconds: float | None
    """None: what was written is durable. Else it is written once more after that time."""

    def write(self, points: Sequence[HistoryPoint]) -> Written:
        """Write points. Raises TimeSeriesUnavailable."""

    def write_days(self, days: Sequence[PrinterDay]) -> None:
        """Write sums of days that were made elsewhere; of a day summed twice the fuller one stays."""

    def write_counters(self, days: Sequence[CounterDay]) -> None:
        """Write counts that were read elsewhere; of a day written twice the later count stays."""

    def tidy(self, now: datetime) -> bool:
        """Return some of the housekeeping, for a moment; True while there is more of it."""

    def keep_for(self, settings: HistorySettings) -> None:
        """Go by other HISTORY_ times from now on; called in another thread."""

    def close(self) -> None:
        """Let go of files and connections."""

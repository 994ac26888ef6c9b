"""Counters of the processor, for its heartbeat and the System page."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Counters:
    """Totals since the start; each field has one thread that writes it."""

    batches: int = 0
    readings: int = 0
    repeated: int = 0
    late: int = 0
    refused: int = 0
    retries: int = 0
    """Batches that had to wait for the database."""
    history_written: int = 0
    history_refused: int = 0
    history_dropped: int = 0
    lags: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    """Seconds from taken to arrived, of the newest readings."""

    def shown(self) -> Mapping[str, float]:
        """Return the counters as a heartbeat tells them."""
        totals = {name: float(value) for name, value in vars(self).items() if isinstance(value, int)}
        lags = list(self.lags)
        return {**totals, "lag_seconds": round(median(lags), 3) if lags else 0.0}

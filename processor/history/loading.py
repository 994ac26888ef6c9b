"""Old points of history, written into the time series at once."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.runtime.wall_clock import utc_now
from core.timeseries.stores import open_store

log = logging.getLogger(__name__)

_AT_ONCE: Final = 5_000
_SHOWN_REASONS: Final = 10


@dataclass
class Loaded:
    """Numbers of points that were given, and what became of them."""

    points: int = 0
    new: int | None = 0
    """How many were not there already; None where the time series does not tell."""
    refused: int = 0


def load_history(points: Iterable[HistoryPoint], settings: HistorySettings) -> Loaded:
    """Write points; those that are there already stay as they are. Raise TimeSeriesUnavailable."""
    loaded, left = Loaded(), iter(points)
    series = open_store(settings).open_writer()
    try:
        while part := list(islice(left, _AT_ONCE)):
            written = series.write(part)
            for reason in list(written.refused.values())[: max(0, _SHOWN_REASONS - loaded.refused)]:
                log.warning("a point is refused: %s", reason)
            loaded.points += len(part)
            loaded.refused += len(written.refused)
            known = loaded.new is not None and written.new is not None
            loaded.new = (loaded.new or 0) + (written.new or 0) if known else None
        while series.tidy(utc_now()):  # so that the sums of the days are there at once
            pass
    finally:
        series.close()
    return loaded

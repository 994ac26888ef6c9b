"""Trying thresholds on the history: what present and proposed values have flagged, printer by printer."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from core.domain.threshold_trial import Effect, TriedValues, WatchedPrinter, follow_answers, follow_levels
from core.timeseries.reader import SeriesReader

TRIED_DAYS: Final = 30
"""How far back levels are tried."""
_STEP: Final = timedelta(hours=1)
"""Levels are tried by the last reading of each hour: of older days the time series keeps no more."""
_DAY: Final = timedelta(days=1)

Told = Callable[[int, int], object]
"""Gets how many printers of how many are done; what it raises ends the trial."""


@dataclass
class ThresholdTrial:
    """What the present and the proposed values have flagged."""

    present: Effect
    proposed: Effect
    since: datetime
    answers_since: datetime
    """The same for readings without an answer: every single one is kept for a shorter time."""
    printers: int = 0
    """Tried ones, those without history included."""
    history_begins_at: datetime | None = None
    """The oldest reading found; None where there is none at all."""
    without_history: int = 0
    """Printers that have no level in that time."""
    unmeasured: int = 0
    """Supplies of the others that could not be judged: their printers gave no percentage,"""
    receptacles: int = 0
    """and waste containers, which their own alerts tell."""
    names: dict[str, WatchedPrinter] = field(default_factory=dict)
    """The printers that one set of values has flagged and the other has not, by id."""

    @property
    def is_whole(self) -> bool:
        """Whether the history reaches back to the beginning."""
        return self.history_begins_at is not None and self.history_begins_at < self.since + _DAY

    def newly_low(self) -> list[WatchedPrinter]:
        """Return the printers with a low supply by the proposed values alone."""
        return self._only(self.proposed.low_printers, self.present.low_printers)

    def no_longer_low(self) -> list[WatchedPrinter]:
        """Return those by the present values alone."""
        return self._only(self.present.low_printers, self.proposed.low_printers)

    def newly_unreachable(self) -> list[WatchedPrinter]:
        """Return the printers that count as not answering by the proposed values alone."""
        return self._only(self.proposed.unreachable_printers, self.present.unreachable_printers)

    def no_longer_unreachable(self) -> list[WatchedPrinter]:
        """Return those by the present values alone."""
        return self._only(self.present.unreachable_printers, self.proposed.unreachable_printers)

    def _only(self, some: set[str], others: set[str]) -> list[WatchedPrinter]:
        found = (self.names[printer_id] for printer_id in some - others)
        return sorted(found, key=lambda printer: (printer.name.casefold(), printer.printer_id))


def try_thresholds(  # noqa: PLR0913, PLR0917 (what is tried on what, and when)
    reader: SeriesReader,
    printers: Sequence[WatchedPrinter],
    present: TriedValues,
    proposed: TriedValues,
    raw_days: int,
    now: datetime,
    told: Told,
) -> ThresholdTrial:
    """Try both on the last 30 days; one printer's history is in memory at a time.

    `raw_days`: for how long the time series keeps every reading. Raises TimeSeriesUnavailable.
    """
    since, answers_since = now - TRIED_DAYS * _DAY, now - min(raw_days, TRIED_DAYS) * _DAY
    effects = Effect(present), Effect(proposed)
    tried = ThresholdTrial(*effects, since, answers_since, printers=len(printers))
    failed = _failed_readings(reader, answers_since, now)
    fewest = min(present.unreachable_after, proposed.unreachable_after)
    for done, printer in enumerate(printers):
        told(done, len(printers))
        _try_levels(reader, printer, tried, now)
        if printer.has_answered and (failed[printer.printer_id] >= fewest or not printer.reachable):
            follow_answers(printer, reader.points(printer.printer_id, answers_since, now), effects)
    differing = (present_set ^ proposed_set for present_set, proposed_set in _sets(*effects))
    ids = set().union(*differing)
    tried.names = {printer.printer_id: printer for printer in printers if printer.printer_id in ids}
    return tried


def _try_levels(reader: SeriesReader, printer: WatchedPrinter, tried: ThresholdTrial, now: datetime) -> None:
    points = reader.points(printer.printer_id, tried.since, now, _STEP)
    if points:
        begins_at = points[0].taken_at
        known = tried.history_begins_at
        tried.history_begins_at = begins_at if known is None else min(known, begins_at)
    if not any(point.supplies for point in points):
        tried.without_history += 1
        return
    tried.receptacles += printer.receptacles
    tried.unmeasured += len(follow_levels(printer, points, (tried.present, tried.proposed)))


def _failed_readings(reader: SeriesReader, since: datetime, now: datetime) -> Mapping[str, int]:
    """Return how many readings of each printer had no answer, but for the newest hour."""
    failed: Counter[str] = Counter()
    for day in reader.days(since.date(), now.date() + _DAY):
        failed[day.printer_id] += day.readings - day.answered
    return failed


def _sets(present: Effect, proposed: Effect) -> list[tuple[set[str], set[str]]]:
    return [
        (present.low_printers, proposed.low_printers),
        (present.unreachable_printers, proposed.unreachable_printers),
    ]

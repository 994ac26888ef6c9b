"""Trying thresholds on the history: what present and proposed values have flagged, printer by printer."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from core.domain.threshold_trial import (
    TRIED_DAYS,
    Effect,
    ThresholdTrial,
    TriedValues,
    WatchedPrinter,
    follow_answers,
    follow_levels,
    tried_since,
)
from core.domain.thresholds import Thresholds
from core.runtime.settings import RuleSettings
from core.timeseries.reader import SeriesReader

_STEP: Final = timedelta(hours=1)
"""Levels are tried by the last reading of each hour: of older days the time series keeps no more."""
_DAY: Final = timedelta(days=1)
_UNSUMMED: Final = timedelta(hours=2)
"""The sums of days are made anew once an hour."""

Told = Callable[[int, int], object]
"""Gets how many printers of how many are done; what it raises ends the trial."""


def tried_values(rules: RuleSettings) -> TriedValues:
    """Return what a trial looks at of the settings."""
    return TriedValues(
        Thresholds(rules.supply_low_percent, rules.supply_critical_percent), rules.unreachable_after
    )


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
    since, answers_since = tried_since(now), now - min(raw_days, TRIED_DAYS) * _DAY
    effects = Effect(present), Effect(proposed)
    tried = ThresholdTrial(*effects, since, now, answers_since, printers=len(printers))
    failed = _failed_readings(reader, answers_since, now)
    fewest = min(present.unreachable_after, proposed.unreachable_after)
    for done, printer in enumerate(printers):
        told(done, len(printers))
        _try_levels(reader, printer, tried, now)
        if printer.has_answered and (
            failed[printer.printer_id] >= fewest or _failed_lately(reader, printer, now)
        ):
            follow_answers(printer, reader.points(printer.printer_id, answers_since, now), effects)
    ids = tried.differing
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
    """Return how many readings of each printer had no answer, as far as days are summed."""
    failed: Counter[str] = Counter()
    for day in reader.days(since.date(), now.date() + _DAY):
        failed[day.printer_id] += day.readings - day.answered
    return failed


def _failed_lately(reader: SeriesReader, printer: WatchedPrinter, now: datetime) -> bool:
    """Return whether a reading had no answer that is too new to be in the sum of its day."""
    if not printer.reachable:
        return True
    return not all(point.reachable for point in reader.points(printer.printer_id, now - _UNSUMMED, now))

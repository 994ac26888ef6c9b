"""The data frames of how often printers stop, and of when paper runs out. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from core.domain.units import weekday_name
from core.domain.wording import condition_name
from dashboard.features.reports.frames import NAMED_COLUMNS, named
from dashboard.features.reports.paper_outs import DAYS, EmptyPrinter
from dashboard.features.reports.queries import KnownPrinter
from dashboard.features.stoppages.rates import Trend
from dashboard.features.stoppages.scorecard import PrinterScore, Scorecard

_TRENDS: Final = {Trend.RISING: "Rising", Trend.FALLING: "Falling", Trend.STEADY: "Steady"}
SCORE_COLUMNS: Final = (
    *NAMED_COLUMNS,
    *("Stops", "Pages", "Per 10,000 pages", "At least", "Before", "Trend", "Hours stopped", "Most often"),
)
_RATES: Final = ("Per 10,000 pages", "At least", "Before")
"""Numbers, also where none of them is known."""
EMPTY_COLUMNS: Final = (*NAMED_COLUMNS, "Times", "Hours without", "Mostly between", "Most often on")
HOUR_COLUMNS: Final = ("Weekday", "Hour", "Times")


def scores_frame(card: Scorecard, known: Mapping[str, KnownPrinter]) -> pd.DataFrame:
    """Return a row for each printer that stopped, the worst first; rates are None without pages."""
    rows = [(*named(each.printer_id, known), *_score(each)) for each in card.worst_first()]
    frame = pd.DataFrame(rows, columns=SCORE_COLUMNS)
    return frame.astype({"Pages": "Int64", **dict.fromkeys(_RATES, "float64")})


def _score(score: PrinterScore) -> tuple[object, ...]:
    return (
        score.own.stops,
        score.own.pages,
        _rounded(score.own.rate),
        _rounded(score.lowest),
        _rounded(score.before.rate),
        _TRENDS[score.trend] if score.trend else "",
        round(score.seconds / 3600, 1),
        condition_name(score.most_often),
    )


def _rounded(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 1)


def empty_frame(printers: Sequence[EmptyPrinter], known: Mapping[str, KnownPrinter]) -> pd.DataFrame:
    """Return a row for each printer that ran out of paper, most often first."""
    rows = [
        (*named(each.printer_id, known), each.times, round(each.hours, 1), each.usual_hours, each.usual_day)
        for each in printers
    ]
    return pd.DataFrame(rows, columns=EMPTY_COLUMNS)


def hours_frame(counts: Mapping[tuple[int, int], int]) -> pd.DataFrame:
    """Return a row for each weekday and hour in which paper ran out, in their order."""
    rows = [(weekday_name(day), f"{hour:02d}:00", times) for (day, hour), times in sorted(counts.items())]
    return pd.DataFrame(rows, columns=HOUR_COLUMNS)


def chart_frame(counts: Mapping[tuple[int, int], int], hours: Sequence[int]) -> pd.DataFrame:
    """Return day, hour, times for every field of the chart, also those with none."""
    rows = [
        (weekday_name(day), f"{hour:02d}", f"{weekday_name(day)} {hour:02d}:00", counts.get((day, hour), 0))
        for day in DAYS
        for hour in hours
    ]
    return pd.DataFrame(rows, columns=["day", "hour", "at", "times"])

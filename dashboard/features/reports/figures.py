"""The figures on top of the reports, each with that of as many days before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.domain.units import hours_lasting
from core.storage.tables import IssueKind
from dashboard.features.reports.periods import Period
from dashboard.features.reports.queries import ProblemCount, Resolution, Usage, median_hours

_NOTHING: Final = "–"
_ENOUGH: Final = 0.9
"""Such a part of the printer-days has readings."""


@dataclass(frozen=True)
class ReportFigures:
    """Sums of a period; None where nobody knows."""

    pages: int | None
    availability: float | None
    observed: float | None
    problems: int
    hours: float | None
    """The median time to resolve what people reported."""
    resolved: int
    """How many of these reports were resolved."""


def figures_of(
    usage: Usage | None, problems: Sequence[ProblemCount], issues: Sequence[Resolution]
) -> ReportFigures:
    """Return the figures of a period."""
    reports = [each for each in issues if each.kind == IssueKind.PERSON and each.hours is not None]
    return ReportFigures(
        pages=usage.pages if usage else None,
        availability=usage.availability if usage else None,
        observed=usage.observed if usage else None,
        problems=sum(each.times for each in problems),
        hours=median_hours(reports),
        resolved=len(reports),
    )


def is_covered(usage: Usage, chosen: Period) -> bool:
    """Return whether so much of a period is known that its figures can be compared.

    Its first bar has readings, and hardly any printer-day of it is without.
    """
    bars = [bar for (bar, _), tally in usage.places.items() if tally.readings]
    begun = bool(bars) and min(bars) <= chosen.bucket(chosen.since)
    return begun and (usage.observed or 0.0) >= _ENOUGH


def show_figures(now: ReportFigures, before: ReportFigures | None) -> None:
    """Draw the figures of a period, and below each that of the period before."""
    words = (
        "Printed in this period",
        "Readings answered, of those taken in service",
        "Of all printer-days in service; the rest are unknown",
        "Flags raised while in service",
        f"Half of {now.resolved:,} reports of people took less",
    )
    past = _values(before) if before else {}
    with st.grid(5, min_column_width=150):
        for (label, value), meaning in zip(_values(now).items(), words, strict=True):
            old = past.get(label, _NOTHING)
            st.metric(
                *(label, value, f"before: {old}" if old != _NOTHING else None),
                delta_color="off",
                delta_arrow="off",
                help=meaning,
                border=True,
                height="stretch",
            )


def _values(figures: ReportFigures) -> dict[str, str]:
    return {
        "Pages": _NOTHING if figures.pages is None else f"{figures.pages:,}",
        "Availability": _share(figures.availability),
        "Observed": _share(figures.observed),
        "Problems": f"{figures.problems:,}",
        "Time to resolve": _NOTHING if figures.hours is None else hours_lasting(figures.hours),
    }


def _share(part: float | None) -> str:
    return _NOTHING if part is None else f"{100 * part:.1f} %"

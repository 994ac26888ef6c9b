"""What all charts have in common: how they are drawn, their colors and keys, axes that fit, the crosshair.

Vega-Lite draws them, as SVG and without eval. Their keys are HTML: they wrap on a phone, can be selected and
are read aloud.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import altair as alt
import pandas as pd
import streamlit as st

from dashboard.ui.templates import render
from dashboard.ui.text import clean
from dashboard.ui.theme import COLORANTS, OTHER_SUPPLY, QUIET, TEXT, Shade, ink_of

HEIGHT: Final = 260
DAY: Final = "%a %-d %b %Y"
MOMENT: Final = "%a %-d %b %Y, %H:%M"
SHARE_AXIS: Final = alt.Axis(labelExpr="format(100 * datum.value, '.3~f') + ' %'")
COUNT_AXIS: Final = alt.Axis(tickMinStep=1, format=",d")

DASHES: Final = ([1, 0], [7, 3], [2, 2], [9, 3, 2, 3], [14, 4], [5, 2, 1, 2, 1, 2])
"""Patterns of lines, each told from the others; the key draws them, too (look.css: .stroke)."""
_USUAL_DASHES: Final = {"black": 0, "cyan": 1, "magenta": 3, "yellow": 4}

# Words at the edges are wider than Vega has measured them while the page's font is not there yet.
_PADDING: Final = {"left": 10, "top": 20, "right": 16, "bottom": 8}
_LONGEST_WORDS: Final = 2000
_FEW_DAYS: Final = 10
_MOST_DAYS: Final = 12
"""Labels of an axis of days; on a phone, those that would lie over each other are left out."""
_SHORTEST_SPAN: Final = pd.Timedelta(hours=1)
_TICKS: Final[tuple[tuple[pd.Timedelta, str, alt.TimeIntervalStep], ...]] = (
    (pd.Timedelta(hours=2), "%H:%M", alt.TimeIntervalStep(interval="minute", step=10)),
    (pd.Timedelta(hours=6), "%H:%M", alt.TimeIntervalStep(interval="minute", step=30)),
    (pd.Timedelta(hours=36), "%H:%M", alt.TimeIntervalStep(interval="hour", step=3)),
    (pd.Timedelta(days=4), "%a %H:%M", alt.TimeIntervalStep(interval="hour", step=12)),
    (pd.Timedelta(days=14), "%a %-d %b", alt.TimeIntervalStep(interval="day", step=1)),
    (pd.Timedelta(days=100), "%-d %b", alt.TimeIntervalStep(interval="week", step=1)),
    (pd.Timedelta(days=1200), "%b %Y", alt.TimeIntervalStep(interval="month", step=1)),
    (pd.Timedelta.max, "%Y", alt.TimeIntervalStep(interval="year", step=1)),
)
"""Up to which span of time: how ticks are labelled, and how far apart they are."""

_SHARE_FLOORS: Final = (0.9, 0.5, 0.0)


@dataclass(frozen=True)
class Series:
    """What has a color of its own in a chart, and as a line a pattern of its own (a place in DASHES)."""

    name: str
    shade: Shade
    dash: int = 0

    @property
    def style(self) -> str:
        """Its color for the key."""
        return f"color:{self.shade.css}"


def supply_series(names: Sequence[str], colorants: Sequence[str | None]) -> list[Series]:
    """Return supplies in the colors of their colorants, each line with a pattern of its own.

    Black, cyan, magenta and yellow have the same pattern in every chart.
    """
    inks = [ink_of(colorant) for colorant in colorants]
    free = list(range(len(DASHES)))
    patterns: list[int | None] = []
    for ink in inks:
        usual = _USUAL_DASHES.get(ink)
        patterns.append(usual if usual in free else None)
        if usual in free:
            free.remove(usual)
    for place, pattern in enumerate(patterns):
        if pattern is None:
            patterns[place] = free.pop(0) if free else place % len(DASHES)
    return [
        Series(name, COLORANTS.get(ink, OTHER_SUPPLY), pattern or 0)
        for name, ink, pattern in zip(names, inks, patterns, strict=True)
    ]


def is_dark() -> bool:
    """Return whether the page is drawn in the dark theme."""
    return st.context.theme.type == "dark"


def in_theme(shade: Shade, *, dark: bool) -> str:
    """Return the color of one theme, as charts need it."""
    return shade.dark if dark else shade.light


def colors(series: Sequence[Series], *, dark: bool) -> alt.Scale:
    """Return the scale that gives each series its color."""
    shades = [in_theme(each.shade, dark=dark) for each in series]
    return alt.Scale(domain=[each.name for each in series], range=shades)


def dashes(series: Sequence[Series]) -> alt.Scale:
    """Return the scale that gives each series its pattern."""
    return alt.Scale(domain=[each.name for each in series], range=[DASHES[each.dash] for each in series])


def draw(
    chart: alt.Chart | alt.LayerChart, words: str, *, key: Sequence[Series] = (), lines: bool = False
) -> None:
    """Draw a chart; `words` say what it shows, for those who cannot see it."""
    text, quiet = (in_theme(shade, dark=is_dark()) for shade in (TEXT, QUIET))
    # Left to themselves, words and rules are black in the dark, too, and words of an axis are too pale.
    chart = chart.properties(padding=_PADDING).configure_text(color=text).configure_rule(color=quiet)
    chart = chart.configure_axis(labelColor=quiet, titleColor=quiet)
    st.altair_chart(chart, alt=clean(words, _LONGEST_WORDS))
    if key:
        st.html(render("ui/chart_key", series=key, lines=lines))


def time_axis(field: str, first: pd.Timestamp, last: pd.Timestamp) -> alt.X:
    """Return the axis of times: a chart of minutes is drawn over an hour, and no two ticks have one label.

    Left to itself, the axis of two points in a minute is labelled in milliseconds, and that of one point with
    one moment several times.
    """
    span = max(last - first, _SHORTEST_SPAN)
    label, step = next((label, step) for limit, label, step in _TICKS if span <= limit)
    axis = alt.Axis(format=label, tickCount=step, labelOverlap=True, labelSeparation=6)
    return alt.X(
        f"{field}:T",
        title=None,
        axis=axis,
        scale=alt.Scale(domain=[_moment(last - span), _moment(last)], nice=False),
    )


def day_axis(days: "pd.Series[pd.Timestamp]", *, monthly: bool = False) -> alt.Axis:
    """Return the axis of bars of days or months: each label is that of a bar, and none that of an hour."""
    bars = sorted(days.unique())
    shown = bars[:: -(-len(bars) // _MOST_DAYS)] if bars else []
    label = "%b %Y" if monthly else "%a %-d %b" if len(bars) <= _FEW_DAYS else "%-d %b"
    values = [alt.DateTime(year=bar.year, month=bar.month, date=bar.day) for bar in shown]
    return alt.Axis(format=label, values=values, labelOverlap=True, labelSeparation=6)


def share_scale(lowest: float) -> alt.Scale:
    """Return the scale of shares of one whole, from 90 or 50 % where nothing of interest lies below."""
    floor = next(floor for floor in _SHARE_FLOORS if lowest > floor or floor == 0)
    return alt.Scale(domain=[floor, 1], nice=False)


def crosshair(frame: pd.DataFrame, titles: Sequence[str], moment: str) -> alt.Chart:
    """Return a line that follows the pointer, with one tooltip of every series at that time.

    `frame` has `at` and for each title, in their order, a column of words named s0, s1 ... : names of
    supplies have dots and brackets, which in the name of a field mean something.
    """
    near = alt.selection_point(fields=["at"], nearest=True, on="pointerover", clear="pointerout", empty=False)
    tips = [alt.Tooltip(f"s{place}:N", title=title) for place, title in enumerate(titles)]
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=1.2)
        .encode(
            x=alt.X("at:T"),
            opacity=alt.condition(near, alt.value(0.7), alt.value(0)),
            tooltip=[alt.Tooltip("at:T", title="At", format=moment), *tips],
        )
        .add_params(near)
    )
    return chart


def at_least_apart(times: Iterable[pd.Timestamp], least: pd.Timedelta) -> list[pd.Timestamp]:
    """Return the times whose labels do not run into each other, the newest first."""
    kept: list[pd.Timestamp] = []
    for at in sorted(set(times), reverse=True):
        if not kept or kept[-1] - at >= least:
            kept.append(at)
    return kept


def _moment(at: pd.Timestamp) -> alt.DateTime:
    at = at.tz_convert("UTC")
    return alt.DateTime(
        year=at.year,
        month=at.month,
        date=at.day,
        hours=at.hour,
        minutes=at.minute,
        seconds=at.second,
        utc=True,
    )

"""The charts of a printer: data frame in, Altair chart out; pure."""

from collections.abc import Mapping
from typing import Final, cast

import altair as alt
import pandas as pd

from dashboard.ui.theme import COLORANTS, OTHER_SUPPLY, Shade, ink_of

_HEIGHT: Final = 230
_LEGEND_LINE: Final = 20  # the legend is part of the height
_PAGES_HEIGHT: Final = 220
_SHORTEST_SPAN: Final = pd.Timedelta(hours=1)
_FEW_DAYS: Final = 10
_TICKS: Final[tuple[tuple[pd.Timedelta, str, alt.TimeIntervalStep], ...]] = (
    (pd.Timedelta(hours=2), "%H:%M", alt.TimeIntervalStep(interval="minute", step=10)),
    (pd.Timedelta(hours=6), "%H:%M", alt.TimeIntervalStep(interval="minute", step=30)),
    (pd.Timedelta(hours=36), "%H:%M", alt.TimeIntervalStep(interval="hour", step=3)),
    (pd.Timedelta(days=4), "%a %H:%M", alt.TimeIntervalStep(interval="hour", step=12)),
    (pd.Timedelta(days=14), "%a %d %b", alt.TimeIntervalStep(interval="day", step=1)),
    (pd.Timedelta(days=100), "%d %b", alt.TimeIntervalStep(interval="week", step=1)),
    (pd.Timedelta(days=1200), "%b %Y", alt.TimeIntervalStep(interval="month", step=1)),
    (pd.Timedelta.max, "%Y", alt.TimeIntervalStep(interval="year", step=1)),
)
"""Up to which span of time: how ticks are labelled, and how far apart they are."""
# Two supplies of one color (two blacks, drums without any) are told apart by the dash.
_DASHES: Final = ([1, 0], [6, 3], [2, 2], [9, 3, 2, 3])


def levels_chart(frame: pd.DataFrame, colorants: Mapping[str, str | None], *, dark: bool) -> alt.LayerChart:
    """Return a chart of levels over time as steps, gaps open, each refill marked.

    `colorants` is by supply name.
    """
    names = [str(name) for name in frame["supply"].unique()]
    inks = [ink_of(colorants.get(name)) for name in names]
    color = alt.Color(
        "supply:N",
        title=None,
        scale=alt.Scale(domain=names, range=[_hex(ink, dark=dark) for ink in inks]),
        legend=alt.Legend(orient="bottom", columns=1, labelLimit=320, symbolType="stroke"),
    )
    dashes = [_DASHES[inks[:place].count(ink) % len(_DASHES)] for place, ink in enumerate(inks)]
    dash = alt.StrokeDash("supply:N", title=None, scale=alt.Scale(domain=names, range=dashes))
    base = _base(frame)
    lines = base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(color=color, strokeDash=dash)
    refills = (
        base.transform_filter("datum.refilled")
        .mark_point(shape="triangle-up", size=110, filled=True, opacity=1)
        .encode(color=color)
    )
    hover = base.transform_filter("isValid(datum.percent)").mark_point(size=180, opacity=0)
    return cast(
        alt.LayerChart,
        alt.layer(lines, refills, hover).properties(height=_HEIGHT + _LEGEND_LINE * len(names)),
    )


def pages_chart(frame: pd.DataFrame) -> alt.Chart:
    """Return pages per day as bars."""
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(cornerRadiusTopLeft=2, cornerRadiusTopRight=2)
        .encode(
            x=alt.X("yearmonthdate(day):T", title=None, axis=_day_axis(frame["day"])),
            y=alt.Y("pages:Q", title="Pages", axis=alt.Axis(tickMinStep=1, format=",d")),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%a %d %b %Y"),
                alt.Tooltip("pages:Q", title="Pages", format=",d"),
            ],
        )
        .properties(height=_PAGES_HEIGHT)
    )
    return chart


def levels_in_words(frame: pd.DataFrame) -> str:
    """Return what the chart shows, for those who cannot see it."""
    measured = frame.dropna(subset=["percent"])
    told = []
    for name, rows in measured.groupby("supply", sort=False):
        refills = int(rows["refilled"].sum())
        times = "" if not refills else f", refilled {refills} times" if refills > 1 else ", refilled once"
        first, last = rows["percent"].iloc[0], rows["percent"].iloc[-1]
        told.append(f"{name} from {first:.0f} % to {last:.0f} %{times}")
    return "Levels over time: " + "; ".join(told) if told else "No levels"


def pages_in_words(frame: pd.DataFrame) -> str:
    """Return what the chart of pages shows, for those who cannot see it."""
    if frame.empty:
        return "No pages counted"
    pages = frame["pages"]
    days = "one day" if len(frame) == 1 else f"{len(frame)} days"
    return f"Pages per day: {pages.sum():,} in {days}, at most {pages.max():,} in a day"


def _base(frame: pd.DataFrame) -> alt.Chart:
    refilled = alt.Tooltip("refilled:N", title="Refilled")
    return alt.Chart(frame).encode(
        x=_time_axis(frame["at"]),
        y=alt.Y("percent:Q", title="Level (%)", scale=alt.Scale(domain=[0, 100])),
        tooltip=[
            alt.Tooltip("supply:N", title="Supply"),
            alt.Tooltip("percent:Q", title="Level (%)", format=".0f"),
            alt.Tooltip("at:T", title="At", format="%a %d %b %H:%M"),
            refilled,
        ],
    )


def _time_axis(times: "pd.Series[pd.Timestamp]") -> alt.X:
    """Return the axis of times: a chart of minutes is drawn over an hour, and no two ticks have one label.

    Left to itself, the axis of two points in a minute is labelled in milliseconds, and that of one point with
    one moment several times.
    """
    if times.empty:
        return alt.X("at:T", title=None)
    first, last = times.min(), times.max()
    span = max(last - first, _SHORTEST_SPAN)
    label, step = next((label, step) for limit, label, step in _TICKS if span <= limit)
    axis = alt.Axis(format=label, tickCount=step, labelOverlap=True)
    return alt.X("at:T", title=None, axis=axis, scale=alt.Scale(domain=[_moment(last - span), _moment(last)]))


def _day_axis(days: "pd.Series[pd.Timestamp]") -> alt.Axis:
    """Return the axis of days: a label of a day, never of an hour of it."""
    if days.nunique() > _FEW_DAYS:
        return alt.Axis(format="%d %b", labelOverlap=True)
    every_day = alt.TimeIntervalStep(interval="day", step=1)
    return alt.Axis(format="%a %d %b", tickCount=every_day, labelOverlap=True)


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


def _hex(ink: str, *, dark: bool) -> str:
    shade: Shade = COLORANTS.get(ink, OTHER_SUPPLY)
    return shade.dark if dark else shade.light

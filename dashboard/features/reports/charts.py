"""The charts of reports: pure functions from data frames to Altair, drawn in the page's theme."""

from typing import Final, cast

import altair as alt
import pandas as pd

# The page's ok, critical and quiet: told apart by lightness, too, and never by color alone (legend, words).
_ANSWERS: Final = {"Answered": "#12907a", "Did not answer": "#c8382f", "Not observed": "#9aa5b1"}
_INKS: Final = {"Mono": "#5b6673", "Color": "#c0439a"}
_HEIGHT: Final = 330
_ROW: Final = alt.Step(28)
_BELOW: Final = alt.Legend(orient="bottom", columns=3, labelLimit=220)


def pages_chart(frame: pd.DataFrame, *, daily: bool) -> alt.Chart:
    """Return a chart of `bar` (a day or the first of a month), `place`, `pages`, `rank`: stacked by place."""
    places = frame.sort_values("rank")["place"].unique().tolist()
    chart: alt.Chart = (
        alt.Chart(frame, height=_HEIGHT)
        .mark_bar()
        .encode(
            x=_time_axis(daily=daily),
            y=alt.Y("sum(pages):Q", title="Pages", axis=alt.Axis(format="~s")),
            color=alt.Color("place:N", title=None, sort=places, legend=_BELOW),
            order=alt.Order("rank:Q"),
            tooltip=[
                _time_tip(daily=daily),
                alt.Tooltip("place:N", title="Location"),
                alt.Tooltip("sum(pages):Q", title="Pages", format=","),
            ],
        )
    )
    return chart


def split_chart(frame: pd.DataFrame, *, daily: bool) -> alt.Chart:
    """Return a chart of `bar`, `kind` (of _INKS), `pages`, `rank`: mono below, color above."""
    scale = alt.Scale(domain=list(_INKS), range=list(_INKS.values()))
    chart: alt.Chart = (
        alt.Chart(frame, height=_HEIGHT)
        .mark_bar()
        .encode(
            x=_time_axis(daily=daily),
            y=alt.Y("sum(pages):Q", title="Pages", axis=alt.Axis(format="~s")),
            color=alt.Color("kind:N", title=None, scale=scale, legend=_BELOW),
            order=alt.Order("rank:Q"),
            tooltip=[
                _time_tip(daily=daily),
                alt.Tooltip("kind:N", title=" "),
                alt.Tooltip("sum(pages):Q", title="Pages", format=","),
            ],
        )
    )
    return chart


def answers_chart(frame: pd.DataFrame, *, daily: bool) -> alt.Chart:
    """Return a chart of `bar`, `kind` (of _ANSWERS), `share` (0 to 1), `rank`.

    What was not observed is no answer.
    """
    scale = alt.Scale(domain=list(_ANSWERS), range=list(_ANSWERS.values()))
    whole = alt.Scale(domain=[0, 1])
    chart: alt.Chart = (
        alt.Chart(frame, height=_HEIGHT)
        .mark_bar()
        .encode(
            x=_time_axis(daily=daily),
            y=alt.Y("share:Q", title="Of all printers", axis=alt.Axis(format="%"), scale=whole),
            color=alt.Color("kind:N", title=None, scale=scale, legend=_BELOW),
            order=alt.Order("rank:Q"),
            tooltip=[
                _time_tip(daily=daily),
                alt.Tooltip("kind:N", title=" "),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
            ],
        )
    )
    return chart


def problems_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Return a chart of `problem`, `times`, `printers`: the most frequent on top, each with its number."""
    base = alt.Chart(frame, height=_ROW).encode(
        y=_words_axis("problem"),
        x=alt.X("times:Q", title="Times", axis=alt.Axis(tickMinStep=1)),
        tooltip=[
            alt.Tooltip("problem:N", title="Problem"),
            alt.Tooltip("times:Q", title="Times", format=","),
            alt.Tooltip("printers:Q", title="Printers", format=","),
        ],
    )
    numbers = base.mark_text(align="left", dx=4).encode(text=alt.Text("times:Q", format=","))
    return cast(alt.LayerChart, base.mark_bar() + numbers)


def resolve_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Return a chart of `category`, `half`, `most` (hours), `issues`.

    Half and nine tenths are resolved within.
    """
    base = alt.Chart(frame, height=_ROW).encode(
        y=_words_axis("category"),
        tooltip=[
            alt.Tooltip("category:N", title="What was wrong"),
            alt.Tooltip("half:Q", title="Half within (hours)", format=",.1f"),
            alt.Tooltip("most:Q", title="Nine of ten within (hours)", format=",.1f"),
            alt.Tooltip("issues:Q", title="Issues", format=","),
        ],
    )
    title = "Hours to resolve: half of them (bar), nine of ten (line)"
    half = base.mark_bar().encode(x=alt.X("half:Q", title=title))
    reach = base.mark_rule(strokeWidth=2).encode(x="half:Q", x2="most:Q")
    most = base.mark_tick(thickness=3, size=14).encode(x="most:Q")
    return cast(alt.LayerChart, half + reach + most)


def flow_chart(frame: pd.DataFrame, *, daily: bool) -> alt.Chart:
    """Return a chart of `bar`, `what` (Opened, Resolved), `issues`."""
    chart: alt.Chart = (
        alt.Chart(frame, height=_HEIGHT)
        .mark_line(point=True)
        .encode(
            x=_time_axis(daily=daily),
            y=alt.Y("issues:Q", title="Issues", axis=alt.Axis(tickMinStep=1)),
            color=alt.Color("what:N", title=None, legend=_BELOW),
            strokeDash=alt.StrokeDash("what:N", legend=None),
            tooltip=[
                _time_tip(daily=daily),
                alt.Tooltip("what:N", title=" "),
                alt.Tooltip("issues:Q", title="Issues", format=","),
            ],
        )
    )
    return chart


def _time_axis(*, daily: bool) -> alt.X:
    # utc: a day is a day of the time series, and no browser's zone may move it to the evening before.
    unit = "utcyearmonthdate" if daily else "utcyearmonth"
    axis = alt.Axis(format="%d %b" if daily else "%b %Y", labelOverlap=True)
    return alt.X(f"{unit}(bar):T", title=None, axis=axis)


def _time_tip(*, daily: bool) -> alt.Tooltip:
    unit = "utcyearmonthdate" if daily else "utcyearmonth"
    title, form = ("Day", "%d %b %Y") if daily else ("Month", "%b %Y")
    return alt.Tooltip(f"{unit}(bar):T", title=title, format=form)


def _words_axis(column: str) -> alt.Y:
    return alt.Y(f"{column}:N", sort="-x", title=None, axis=alt.Axis(labelLimit=220))

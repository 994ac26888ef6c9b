"""The charts of reports: pure functions from data frames to Altair.

A `bar` is a day or the first of a month, without a time zone, so that it is that day in every time zone.
"""

from collections.abc import Callable, Sequence
from typing import Final, cast

import altair as alt
import pandas as pd

from core.domain.units import kept_together, number
from dashboard.ui import charts
from dashboard.ui.charts import Series
from dashboard.ui.theme import LINE, ON_PRIMARY, OTHER_SUPPLY, PANEL, SERIES, TEXT, Shade

# The page's ok, critical and quiet: told apart by lightness, too, and never by color alone (key, words).
ANSWERS: Final = (
    Series("Answered", Shade("#12907a", "#2fae95")),
    Series("Did not answer", Shade("#c8382f", "#ff8d80")),
    Series("Not observed", Shade("#9aa5b1", "#5d6874")),
    Series("Out of service", Shade("#d3d9df", "#3b4450")),
)
INKS: Final = (Series("Mono", Shade("#5b6673", "#98a2ad")), Series("Color", Shade("#c0439a", "#e0559f")))
FLOW: Final = (Series("Opened", SERIES[1], 0), Series("Resolved", SERIES[0], 1))
_HEIGHT: Final = 330
_WEEK_HEIGHT: Final = 260
_STRONG: Final = 0.7
"""Of the strongest shade: from there on numbers are in the color of words on the primary one."""
_ROW: Final = 44
_AXIS_ROOM: Final = 84
_ROOM_ON_TOP: Final = alt.Scale(paddingInner=0.66, paddingOuter=0.5, align=1)


def place_series(frame: pd.DataFrame) -> list[Series]:
    """Return the places of a frame, the one with most pages first."""
    places = frame.sort_values("rank")["place"].unique().tolist()
    return [
        Series(str(place), SERIES[rank] if rank < len(SERIES) else OTHER_SUPPLY)
        for rank, place in enumerate(places)
    ]


def pages_chart(frame: pd.DataFrame, *, daily: bool, dark: bool) -> alt.LayerChart:
    """Return a chart of `bar`, `place`, `pages`, `rank`: stacked by place."""
    y = alt.Y("sum(value):Q", title="Pages", axis=charts.COUNT_AXIS)
    named = frame.rename(columns={"place": "kind", "pages": "value"})
    return _stacked(named, place_series(frame), y, number, daily=daily, dark=dark)


def split_chart(frame: pd.DataFrame, *, daily: bool, dark: bool) -> alt.LayerChart:
    """Return a chart of `bar`, `kind` (of INKS), `pages`, `rank`: mono below, color above."""
    y = alt.Y("sum(value):Q", title="Pages", axis=charts.COUNT_AXIS)
    return _stacked(frame.rename(columns={"pages": "value"}), INKS, y, number, daily=daily, dark=dark)


def answers_chart(frame: pd.DataFrame, *, daily: bool, dark: bool) -> alt.LayerChart:
    """Return a chart of `bar`, `kind` (of ANSWERS), `share` (0 to 1), `rank`.

    What was not observed is no answer. The axis begins where the lowest bar still answers.
    """
    answered = frame.loc[frame["kind"] == ANSWERS[0].name, "share"]
    scale = charts.share_scale(float(answered.min()) if len(answered) else 0.0)
    y = alt.Y("sum(value):Q", title="Of all printers", axis=charts.SHARE_AXIS, scale=scale)
    named = frame.rename(columns={"share": "value"})
    return _stacked(
        named, ANSWERS, y, lambda share: kept_together(f"{100 * share:.1f} %"), daily=daily, dark=dark
    )


def _stacked(  # noqa: PLR0913 (what differs between three charts)
    frame: pd.DataFrame,
    series: Sequence[Series],
    y: alt.Y,
    words: Callable[[float], str],
    *,
    daily: bool,
    dark: bool,
) -> alt.LayerChart:
    """Return bars of `bar`, `kind`, `value`, `rank`; pointed at, a bar tells all its kinds at once."""
    x = _bars(frame, daily=daily)
    bars = (
        alt.Chart(frame)
        .mark_bar(clip=True)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", scale=charts.colors(series, dark=dark), legend=None),
            order=alt.Order("rank:Q"),
        )
    )
    sums = frame.pivot_table(index="bar", columns="kind", values="value", aggfunc="sum", fill_value=0)
    hovered = pd.DataFrame({"bar": sums.index})
    for place, each in enumerate(series):
        hovered[f"s{place}"] = [words(value) for value in sums.get(each.name, pd.Series(0, sums.index))]
    pointed = alt.selection_point(fields=["bar"], on="pointerover", clear="pointerout", empty=False)
    tips = [alt.Tooltip(f"s{place}:N", title=each.name) for place, each in enumerate(series)]
    hover = (
        alt.Chart(hovered)
        .mark_rect(color=charts.in_theme(TEXT, dark=dark))
        .encode(
            x=x,
            y=alt.value(0),
            y2=alt.value("height"),
            opacity=alt.condition(pointed, alt.value(0.12), alt.value(0)),
            tooltip=[_bar_tip(daily=daily), *reversed(tips)],
        )
        .add_params(pointed)
    )
    return cast(alt.LayerChart, alt.layer(bars, hover).properties(height=_HEIGHT))


def problems_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Return a chart of `problem`, `times`, `printers`: the most frequent on top, each with its number."""
    base = alt.Chart(frame).encode(
        y=_in_order(frame, "problem", "times"),
        x=alt.X("times:Q", title="Times", axis=charts.COUNT_AXIS),
        tooltip=[
            alt.Tooltip("problem:N", title="Problem"),
            alt.Tooltip("times:Q", title="Times", format=","),
            alt.Tooltip("printers:Q", title="Printers", format=","),
        ],
    )
    named = base.transform_calculate(words="datum.problem + ': ' + format(datum.times, ',')")
    return _rows(frame, base.mark_bar(), _above(named))


def hours_chart(frame: pd.DataFrame, *, dark: bool) -> alt.LayerChart:
    """Return a chart of `day`, `hour`, `at`, `times`: a field for each hour of a week, its number in it.

    The shade of a field goes from the panel's to that of the first series.
    """
    most = max(1, int(frame["times"].max()))
    shades = [charts.in_theme(shade, dark=dark) for shade in (PANEL, SERIES[0])]
    base = alt.Chart(frame).encode(
        x=alt.X("hour:O", title="Hour", axis=alt.Axis(labelAngle=0, labelOverlap=True, labelFlush=False)),
        y=alt.Y("day:O", sort=None, title=None, axis=alt.Axis(labelFlush=False)),
        tooltip=[alt.Tooltip("at:N", title="In the hour from"), alt.Tooltip("times:Q", title="Times")],
    )
    color = alt.Color("times:Q", scale=alt.Scale(domain=[0, most], range=shades), legend=None)
    line = charts.in_theme(LINE, dark=dark)
    fields = base.mark_rect(stroke=line, strokeWidth=1).encode(color=color)
    on_dark, on_light = (charts.in_theme(shade, dark=dark) for shade in (ON_PRIMARY, TEXT))
    words = base.transform_filter("datum.times > 0").mark_text(fontSize=11)
    strong = alt.datum.times > _STRONG * most
    numbers = words.encode(
        text="times:Q", color=alt.condition(strong, alt.value(on_dark), alt.value(on_light))
    )
    return cast(alt.LayerChart, alt.layer(fields, numbers).properties(height=_WEEK_HEIGHT))


def resolve_chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Return a chart of `category`, `half`, `most` (hours), `issues`.

    Half and nine tenths are resolved within.
    """
    base = alt.Chart(frame).encode(
        y=_in_order(frame, "category", "half"),
        tooltip=[
            alt.Tooltip("category:N", title="Category"),
            alt.Tooltip("half:Q", title="Median (hours)", format=",.1f"),
            alt.Tooltip("most:Q", title="90 % within (hours)", format=",.1f"),
            alt.Tooltip("issues:Q", title="Issues", format=","),
        ],
    )
    half = base.mark_bar().encode(x=alt.X("half:Q", title="Hours"))
    reach = base.mark_rule(strokeWidth=2).encode(x="half:Q", x2="most:Q")
    most = base.mark_point(shape="diamond", size=70, filled=True, opacity=1).encode(x="most:Q")
    named = base.transform_calculate(words="datum.category")
    return _rows(frame, half, reach, most, _above(named))


def flow_chart(frame: pd.DataFrame, *, daily: bool, dark: bool) -> alt.LayerChart:
    """Return a chart of `bar`, `what` (of FLOW), `issues`."""
    lines = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=_bars(frame, daily=daily),
            y=alt.Y("issues:Q", title="Issues", axis=charts.COUNT_AXIS),
            color=alt.Color("what:N", scale=charts.colors(FLOW, dark=dark), legend=None),
            strokeDash=alt.StrokeDash("what:N", scale=charts.dashes(FLOW), legend=None),
        )
    )
    sums = frame.pivot_table(index="bar", columns="what", values="issues", aggfunc="sum", fill_value=0)
    hovered = pd.DataFrame({"at": sums.index})
    for place, each in enumerate(FLOW):
        hovered[f"s{place}"] = [number(value) for value in sums.get(each.name, pd.Series(0, sums.index))]
    cross = charts.crosshair(hovered, [each.name for each in FLOW], _bar_form(daily=daily))
    return cast(alt.LayerChart, alt.layer(lines, cross).properties(height=_HEIGHT))


def _rows(frame: pd.DataFrame, *layers: alt.Chart) -> alt.LayerChart:
    return cast(alt.LayerChart, alt.layer(*layers).properties(height=_ROW * len(frame) + _AXIS_ROOM))


def _in_order(frame: pd.DataFrame, column: str, by: str) -> alt.Y:
    """Return the axis of bars that lie, the longest on top."""
    order = frame.sort_values(by, ascending=False)[column].tolist()
    return alt.Y(f"{column}:N", sort=order, title=None, axis=None, scale=_ROOM_ON_TOP)


def _above(named: alt.Chart) -> alt.Chart:
    """Return the words of a bar above it: beside it, they would leave no room for it on a phone."""
    words = named.mark_text(align="left", baseline="bottom", dy=-10, fontSize=12.5, limit=0)
    return cast(alt.Chart, words.encode(x=alt.value(0), text=alt.Text("words:N")))


def _bars(frame: pd.DataFrame, *, daily: bool) -> alt.X:
    axis = charts.day_axis(frame["bar"], monthly=not daily)
    return alt.X(f"{'yearmonthdate' if daily else 'yearmonth'}(bar):T", title=None, axis=axis)


def _bar_tip(*, daily: bool) -> alt.Tooltip:
    return alt.Tooltip("bar:T", title="Day" if daily else "Month", format=_bar_form(daily=daily))


def _bar_form(*, daily: bool) -> str:
    return charts.DAY if daily else "%b %Y"

"""Levels over time: with thresholds, replacements and forecasts, and all supplies at the pointer's time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

import altair as alt
import pandas as pd
import streamlit as st

from core.contract.messages import Supply
from core.contract.printer_mib import MARKING_TYPES, RECEPTACLE
from core.domain.units import counted
from core.runtime.settings import RuleSettings
from dashboard.features.printer import levels_frames as frames
from dashboard.features.printer.levels_frames import Levels, Mark, Outlook
from dashboard.features.printer.past import Past, supply_names
from dashboard.ui import charts
from dashboard.ui.charts import Series
from dashboard.ui.dates import on_day
from dashboard.ui.empty import nothing
from dashboard.ui.templates import render
from dashboard.ui.theme import PAGE, PANEL, QUIET, TEXT, TONES

_LABEL_ROOM: Final = 0.14
"""The part of the axis that a date takes on a phone: closer ones have no label, the key has them all."""
_LABEL_SIZE: Final = 11
_FEW: Final = 6
"""So many lines can still be told from each other."""
_MARKS_WORDS: Final = "A triangle marks a replacement or a refill. A line is open where no reading was taken."
_BAND_WORDS: Final = (
    "The band is the forecast: if printing goes on as before, the day on which the supply is empty lies in "
    "it in four of five cases."
)
_LEAST_APART: Final = 4
"""Percent between two thresholds whose labels do not run into each other."""


@dataclass(frozen=True)
class LevelsPast:
    """What the chart shows, from the past of a printer."""

    levels: Levels
    series: Sequence[Series]
    marks: Sequence[Mark]
    expected: Sequence[Outlook]
    gap: timedelta

    @classmethod
    def of(cls, past: Past, supplies: Sequence[Supply]) -> "LevelsPast":
        """Take from the past what can be drawn of these supplies."""
        every = supply_names(past.view.state.supplies)
        names = {one.index: every[one.index] for one in supplies if one.index in every}
        levels = frames.levels_of(past.points, names)
        gap = frames.gap_of(past.days)
        drawn = [one for one in supplies if names.get(one.index) in levels]
        return cls(
            levels={names[one.index]: levels[names[one.index]] for one in drawn},
            series=charts.supply_series([names[one.index] for one in drawn], [one.colorant for one in drawn]),
            marks=frames.marks(levels, past.view.replacements, names, gap),
            expected=frames.outlooks(levels, past.view.forecasts, names),
            gap=gap,
        )


def draw(past: Past) -> None:
    """Draw it with its key, which is a table of the same."""
    st.subheader("Levels", anchor=False)
    supplies = [one for one in past.view.state.supplies if one.supply_class != RECEPTACLE]
    shown = LevelsPast.of(past, _chosen(supplies))
    if not shown.levels:
        nothing("No levels in this time.", "Either it was not read, or it gives no percentages.")
        return
    charts.draw(levels_chart(shown, past.days, past.rules, dark=past.dark), levels_in_words(shown))
    st.html(key_html(shown))
    st.caption(f"{_MARKS_WORDS} {_BAND_WORDS}" if shown.expected else _MARKS_WORDS)


def _chosen(supplies: Sequence[Supply]) -> Sequence[Supply]:
    """Return the supplies that the viewer wants to see; where they are many, first those that print."""
    printing = [one for one in supplies if one.supply_type in MARKING_TYPES]
    others = [one for one in supplies if one.supply_type not in MARKING_TYPES]
    if len(supplies) <= _FEW or not printing or not others:
        return supplies
    groups = {"Toner and ink": printing, "Other parts": others, "All": supplies}
    which = st.segmented_control(
        "Supplies",
        list(groups),
        default="Toner and ink",
        required=True,
        key="supplies-shown",
        label_visibility="collapsed",
    )
    return groups[which or "All"]


def levels_chart(shown: LevelsPast, days: int, rules: RuleSettings, *, dark: bool) -> alt.LayerChart:
    """Return the chart: levels as steps, gaps open; what is to come as bands."""
    frame = frames.levels_frame(shown.levels, days)
    now, until = frame["at"].max(), pd.Timestamp(frames.horizon(shown.levels, shown.expected))
    x = charts.time_axis("at", frame["at"].min(), until)
    y = alt.Y("percent:Q", title=None, scale=alt.Scale(domain=[0, 100], nice=False), axis=_PERCENT_AXIS)
    color = alt.Color("supply:N", scale=charts.colors(shown.series, dark=dark), legend=None)
    dash = alt.StrokeDash("supply:N", scale=charts.dashes(shown.series), legend=None)
    lines = alt.Chart(frame).mark_line(interpolate="step-after", strokeWidth=2.4)
    layers: list[alt.Chart] = []
    if until > now:
        layers += _to_come(now, until, dark=dark)
        band = alt.Chart(frames.band_frame(shown.expected, until.to_pydatetime())).encode(x=_AT, color=color)
        layers.append(band.mark_area(opacity=0.16).encode(y=alt.Y("early:Q"), y2=alt.Y2("late:Q")))
        likely = band.mark_line(strokeWidth=1.2, opacity=0.9)
        layers.append(likely.encode(y=alt.Y("median:Q"), strokeDash=dash))
    layers += _thresholds(rules, dark=dark)
    layers.append(lines.encode(x=x, y=y, color=color, strokeDash=dash))
    if shown.marks:
        changed = frames.marks_frame(shown.marks)
        layers += _dates(changed, until - frame["at"].min(), dark=dark)
        edge = charts.in_theme(TEXT, dark=dark)
        triangles = alt.Chart(changed).mark_point(
            shape="triangle-up", size=110, filled=True, opacity=1, stroke=edge, strokeWidth=0.8
        )
        layers.append(triangles.encode(x=_AT, y=_PERCENT, color=color))
    hovered = frames.crosshair_frame(
        shown.levels, shown.marks, shown.expected, until.to_pydatetime(), shown.gap
    )
    layers.append(charts.crosshair(hovered, list(shown.levels), charts.MOMENT))
    return cast(alt.LayerChart, alt.layer(*layers).properties(height=charts.HEIGHT))


_AT: Final = alt.X("at:T")
_PERCENT: Final = alt.Y("percent:Q")
_PERCENT_AXIS: Final = alt.Axis(values=[0, 25, 50, 75, 100], labelExpr="datum.value + ' %'")


# What is the same in a whole layer is said of its mark: in an encoding, Altair checks it for milliseconds.
def _to_come(now: pd.Timestamp, until: pd.Timestamp, *, dark: bool) -> list[alt.Chart]:
    """Return the shaded background of the forecast, which sets it apart from what was measured."""
    ground = alt.Chart(pd.DataFrame([(now, until)], columns=["at", "until"]))
    color, quiet = charts.in_theme(PANEL, dark=dark), charts.in_theme(QUIET, dark=dark)
    word = ground.mark_text(
        text="Forecast", align="right", baseline="top", y=0, dy=-14, fontSize=_LABEL_SIZE, color=quiet
    )
    return [
        ground.mark_rect(color=color).encode(x=_AT, x2=alt.X2("until:T")),
        word.encode(x=alt.X("until:T")),
    ]


def _thresholds(rules: RuleSettings, *, dark: bool) -> list[alt.Chart]:
    """Return the levels from which a supply is low and critical, each with its name."""
    low, critical = rules.supply_low_percent, rules.supply_critical_percent
    made = []
    for percent, name, tone in ((low, "Low", "warning"), (critical, "Critical", "critical")):
        color = charts.in_theme(TONES[tone].text, dark=dark)
        base = alt.Chart(pd.DataFrame([(percent,)], columns=["percent"]))
        made.append(base.mark_rule(strokeDash=[3, 3], strokeWidth=1, color=color).encode(y=_PERCENT))
        if tone == "warning" or low - critical >= _LEAST_APART:
            # The lower one is a halo of the page's color: the words lie over lines.
            for shade, outline in ((charts.in_theme(PAGE, dark=dark), 4), (color, 0)):
                label = base.mark_text(
                    text=f"{name} {percent} %",
                    align="left",
                    baseline="bottom",
                    x=0,
                    dx=3,
                    dy=-1,
                    fontSize=_LABEL_SIZE,
                    color=shade,
                    stroke=shade,
                    strokeWidth=outline,
                )
                made.append(label.encode(y=_PERCENT))
    return made


def _dates(changed: pd.DataFrame, span: pd.Timedelta, *, dark: bool) -> list[alt.Chart]:
    """Return the days of replacements above the chart, where there is room."""
    with_room = charts.at_least_apart(changed["at"], span * _LABEL_ROOM)
    dated = alt.Chart(changed[changed["at"].isin(with_room)].drop_duplicates("at"))
    quiet = charts.in_theme(QUIET, dark=dark)
    words = dated.mark_text(baseline="top", y=0, dy=-14, fontSize=_LABEL_SIZE, color=quiet)
    return [
        dated.mark_rule(strokeDash=[1, 3], strokeWidth=1, color=quiet).encode(x=_AT),
        words.encode(x=_AT, text=alt.Text("at:T", format="%-d %b")),
    ]


@dataclass(frozen=True)
class _KeyRow:
    """A supply in the key: from which level to which, when it was replaced and will be empty."""

    series: Series
    first: int
    last: int
    replaced: Sequence[datetime]
    empty: str


def key_html(shown: LevelsPast) -> str:
    """Return the key of the chart: what it shows, as a table."""
    expected = {each.supply: each for each in shown.expected}
    rows = [
        _KeyRow(
            series=each,
            first=shown.levels[each.name][0][1],
            last=shown.levels[each.name][-1][1],
            replaced=[mark.at for mark in reversed(shown.marks) if mark.supply == each.name],
            empty=_empty_words(expected.get(each.name)),
        )
        for each in shown.series
    ]
    return render("printer/levels_key", rows=rows)


def _empty_words(expected: Outlook | None) -> str:
    if expected is None:
        return ""
    early = on_day(expected.early)
    until = "or later" if expected.late is None else f"to {on_day(expected.late)}"
    return f"about {on_day(expected.median)} ({early} {until})"


def levels_in_words(shown: LevelsPast) -> str:
    """Return what the chart shows, for those who cannot see it; the key has the rest."""
    told = []
    for name, levels in shown.levels.items():
        times = sum(mark.supply == name for mark in shown.marks)
        often = f", replaced {counted(times, 'time')}" if times else ""
        told.append(f"{name} from {levels[0][1]} % to {levels[-1][1]} %{often}")
    return "Levels over time: " + "; ".join(told)

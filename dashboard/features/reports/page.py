"""Reports: pages, charges, answers, problems and times to resolve of a period, as charts and as CSV."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from core.domain.units import counted
from core.storage.database import reading
from core.storage.tables import IssueKind
from core.timeseries.reader import TimeSeriesUnavailable
from dashboard.app_context import BY_DATABASE, AppContext
from dashboard.features.reports import charts, frames, queries
from dashboard.features.reports.cartridge_view import show_cartridges
from dashboard.features.reports.charge_view import show_charges
from dashboard.features.reports.figures import ReportFigures, figures_of, is_covered, show_figures
from dashboard.features.reports.firmware_view import show_firmware
from dashboard.features.reports.kept import period_usage
from dashboard.features.reports.periods import PERIODS, Period, period
from dashboard.features.reports.queries import KnownPrinter, ProblemCount, Resolution, Usage
from dashboard.features.reports.replace_view import show_replace
from dashboard.features.reports.stoppage_view import show_paper_outs, show_stoppages
from dashboard.features.reports.tables import report_table
from dashboard.features.stoppages.kept import period_scorecard
from dashboard.features.stoppages.queries import paper_outs, period_before
from dashboard.features.stoppages.scorecard import Scorecard
from dashboard.features.stoppages.stoppages import Stoppage
from dashboard.page_context import PageContext
from dashboard.ui.charts import draw, is_dark
from dashboard.ui.empty import nothing
from dashboard.ui.manager_style import manager_style
from dashboard.ui.query_choice import choice
from dashboard.ui.text import in_markdown

_MINUTES: Final = 10 * 60
_TABS: Final = {
    "pages": "Pages",
    "charges": "Charges",
    "answers": "Availability",
    "problems": "Problems",
    "paper": "Paper",
    "issues": "Time to resolve",
    "cartridges": "Cartridges",
    "firmware": "Firmware",
    "replace": "Replace",
}

_KINDS: Final = {
    IssueKind.PERSON.value: "People's reports",
    IssueKind.DEVICE.value: "Found by the system",
    "all": "All",
}


@dataclass(frozen=True)
class PeriodReport:
    """Data of all views of a period."""

    period: Period
    zone: ZoneInfo
    """Whose days its issues are counted by."""
    usage: Usage | None
    """None where the time series does not answer."""
    away: str
    """Why the time series does not answer."""
    problems: list[ProblemCount]
    by_printer: Mapping[str, Counter[str]]
    """How often which problems were raised, by printer."""
    issues: list[Resolution]
    stops: Scorecard
    """How often printers stopped; without rates where the time series does not answer."""
    paper_outs: list[Stoppage]
    known: Mapping[str, KnownPrinter]
    at: datetime
    before: ReportFigures | None
    """The figures of the period before; None where it is not wholly known."""


def page(context: PageContext) -> None:
    """Draw the page."""
    manager_style()
    st.title("Reports", anchor=False)
    chosen = _period(context.settings.zone)
    with st.spinner("Calculating …"):
        report = _report(context.app, chosen)
    before = f", before: {period_before(chosen).words()}" if report.before else ""
    utc = "Days of pages and answers are days of UTC; today's grow once an hour."
    st.caption(f"{chosen.words()}{before}. {utc}")
    show_figures(figures_of(report.usage, report.problems, report.issues), report.before)
    tabs = {
        name: label for name, label in _TABS.items() if name != "firmware" or context.viewer.sees_addresses
    }
    which = choice("of", "Report", tabs, as_="segments", hide_label=True)
    if which == "cartridges":
        show_cartridges(context, chosen)
    elif which == "charges":
        if not _away(report) and report.usage is not None:
            show_charges(context, report.usage, chosen)
    elif which == "firmware":
        show_firmware(context)
    elif which == "replace":
        show_replace(context, report.stops, report.known, chosen)
    else:
        _DRAW[which](report)


def _period(zone: ZoneInfo) -> Period:
    today = datetime.now(zone).date()
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        name = choice("period", "Period", {"30d": PERIODS["30d"], **PERIODS})
        if name != "custom":
            chosen = period(name, today)
        else:
            month = today - timedelta(days=29)
            since = st.date_input(
                "From", month, max_value=today, key="since", bind="query-params", format="YYYY-MM-DD"
            )
            last = st.date_input(
                "To", today, max_value=today, key="until", bind="query-params", format="YYYY-MM-DD"
            )
            since, last = since or month, last or today
            chosen = Period(min(since, last), max(since, last) + timedelta(days=1))
    return chosen


@st.cache_resource(ttl=_MINUTES, max_entries=8, show_spinner=False, hash_funcs=BY_DATABASE)
def _report(app_context: AppContext, chosen: Period) -> PeriodReport:
    """Return the report, the same for every manager; nothing changes what it hands out."""
    zone = app_context.settings.zone
    since, until = chosen.moments(zone)
    now = datetime.now(zone)
    with reading(app_context.engine) as connection:
        known = queries.known_printers(connection)
        problems = queries.problems(connection, since, until)
        by_printer = queries.problems_by_printer(connection, since, until)
        issues = queries.resolutions(connection, since, until)
        outs = paper_outs(connection, since, until)
    usage, before, away = None, None, ""
    try:
        usage = period_usage(app_context, chosen)
        before = _figures_before(app_context, chosen)
    except TimeSeriesUnavailable as error:
        away = str(error)
    pages = None if usage is None else {name: tally.pages for name, tally in usage.printers.items()}
    stops = period_scorecard(app_context, chosen, pages)
    return PeriodReport(
        period=chosen,
        zone=zone,
        usage=usage,
        away=away,
        problems=problems,
        by_printer=by_printer,
        issues=issues,
        stops=stops,
        paper_outs=outs,
        known=known,
        at=now,
        before=before,
    )


def _figures_before(app_context: AppContext, chosen: Period) -> ReportFigures | None:
    """Return the figures of the period before; None where it is not wholly known."""
    past = period_before(chosen)
    usage = period_usage(app_context, past)
    if not is_covered(usage, past):
        return None
    since, until = past.moments(app_context.settings.zone)
    with reading(app_context.engine) as connection:
        problems = queries.problems(connection, since, until)
        issues = queries.resolutions(connection, since, until)
    return figures_of(usage, problems, issues)


def _away(report: PeriodReport) -> bool:
    if report.usage is None:
        st.warning(in_markdown(report.away), icon=":material/cloud_off:")
        return True
    if not report.usage.printers:
        nothing("No reading in this period.", "Choose a longer one, or wait: days are added up once an hour.")
        return True
    return False


def _pages(report: PeriodReport) -> None:
    if _away(report) or report.usage is None:
        return
    frame, daily = frames.pages_frame(report.usage), report.period.daily
    st.subheader("Pages by place", anchor=False)
    if frame.empty:
        nothing("No pages counted in this period.", "A counter needs a reading before it to be subtracted.")
    else:
        draw(
            charts.pages_chart(frame, daily=daily, dark=is_dark()),
            "Pages by day or month, stacked by place",
            key=charts.place_series(frame),
        )
    centers = frames.centers_frame(report.usage)
    if not centers.empty:
        report_table("Pages by cost center", centers, "pages-by-cost-center", report.period)
        if centers[list(frames.CENTER_COLUMNS[3:])].notna().to_numpy().any():
            st.caption("Mono and color: of the printers whose maker counts them.")
    places, printers = frames.places_frame(report.usage), _printers(report)
    report_table("Printers", printers, "pages-by-printer", report.period, unshown=[frames.OUT_COLUMN])
    with st.expander("By place and " + ("day" if daily else "month")):
        report_table("", places, "pages-by-location", report.period)
    _split(report.usage, report.period)


def _split(usage: Usage, chosen: Period) -> None:
    st.subheader("Mono and color", anchor=False)
    by_month = frames.counters_frame(usage)
    if by_month.empty:
        nothing(
            "No printer told mono and color apart in this period.",
            "Not every maker counts them, and a counter needs a reading before it to be subtracted.",
        )
        return
    frame = frames.split_frame(usage)
    if not frame.empty:
        chart = charts.split_chart(frame, daily=chosen.daily, dark=is_dark())
        draw(chart, "Mono and color pages by day or month", key=charts.INKS)
    st.caption(
        f"Of {counted(by_month['Printer ID'].nunique(), 'printer')} whose maker counts them. Two-sided is "
        "in sheets, scans in images, everything else in printed sides. A dash: the printer does not "
        "count it, or has only just begun to."
    )
    report_table("By printer and month", by_month, "counters-by-month", chosen)


def _answers(report: PeriodReport) -> None:
    if _away(report) or report.usage is None:
        return
    st.subheader("Availability", anchor=False)
    frame = frames.answers_frame(report.usage)
    chart = charts.answers_chart(frame, daily=report.period.daily, dark=is_dark())
    words = "Share of printers that answered, did not answer, were not observed, or out of service"
    draw(chart, words, key=charts.ANSWERS)
    st.caption(
        "Not observed: no reading was taken, as when the collector is down. It never counts as OK. "
        "Out of service: in neither availability nor observed."
    )
    printers = _printers(report).sort_values(["Answered", "Printer"], na_position="last", ignore_index=True)
    unshown = () if printers[frames.OUT_COLUMN].any() else (frames.OUT_COLUMN,)
    report_table("Printers, least available first", printers, "availability", report.period, unshown=unshown)


def _problems(report: PeriodReport) -> None:
    if not report.problems:
        nothing("No problem was reported in this period.")
        return
    st.subheader("Most frequent problems", anchor=False)
    frame = frames.problems_frame(report.problems)
    draw(charts.problems_chart(frame), "How often each kind of problem was raised")
    st.caption("Here and below without what printers reported while they were out of service.")
    show_stoppages(report.stops, report.known, report.period)
    printers = _printers(report)
    often = printers[printers["Problems"] > 0].sort_values(
        ["Problems", "Printer"], ascending=[False, True], ignore_index=True
    )
    with st.expander("All problems by printer"):
        report_table("", often, "problems-by-printer", report.period, unshown=[frames.OUT_COLUMN])
    with st.expander("All kinds of problems"):
        columns = {
            "problem": "Problem",
            "times": "Times",
            "printers": "Printers",
            "critical": "Critical",
            "open": "Open now",
        }
        report_table("", frame.rename(columns=columns), "problems", report.period)


def _paper(report: PeriodReport) -> None:
    show_paper_outs(report.paper_outs, report.known, report.period, report.zone, report.at)


def _issues(report: PeriodReport) -> None:
    kind = choice("kind", "Reported by", _KINDS)
    issues = [each for each in report.issues if kind in {"all", each.kind}]
    if not issues:
        nothing("None of these issues was opened or resolved in this period.")
        return
    st.subheader("Opened and resolved", anchor=False)
    flow = frames.flow_frame(issues, report.period, report.zone)
    chart = charts.flow_chart(flow, daily=report.period.daily, dark=is_dark())
    draw(chart, "Issues opened and resolved", key=charts.FLOW, lines=True)
    frame = frames.resolve_frame(issues)
    if frame.empty:
        st.caption("None of them is resolved yet.")
        return
    st.subheader("Time to resolve", anchor=False)
    draw(charts.resolve_chart(frame), "Hours to resolve by what was wrong")
    st.caption("The bar: half of them took no longer. The line: nine of ten took no longer.")
    columns = {
        "category": "Category",
        "half": "Median (h)",
        "most": "90 % within (h)",
        "issues": "Issues",
    }
    report_table("", frame.rename(columns=columns).round(2), "time-to-resolve", report.period)


_DRAW: Final[Mapping[str, Callable[[PeriodReport], None]]] = {
    "pages": _pages,
    "answers": _answers,
    "problems": _problems,
    "paper": _paper,
    "issues": _issues,
}


def _printers(report: PeriodReport) -> pd.DataFrame:
    usage = report.usage or Usage({}, {}, {}, {})
    return frames.printers_frame(usage, report.by_printer)

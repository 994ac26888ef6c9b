"""The round: the printers that need somebody on site, in the order in which they are walked, to be ticked."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.places import NOWHERE, named, parts_of, place_of
from core.domain.units import counted
from core.runtime.wall_clock import utc_now
from core.storage.issues import IssueRow
from core.storage.tables import LIVING, IssueStatus
from dashboard.features.issues.actions import change_many
from dashboard.features.round import actions
from dashboard.features.round.kept import kept_round
from dashboard.features.round.parts import carry_html, place_html, sheet_link_html, stop_html
from dashboard.features.round.queries import ReportedFlag, RoundFacts, ended_flags
from dashboard.features.round.stops import Round, Stop
from dashboard.features.shared.manager_cached import round_facts
from dashboard.features.shared.outages import warn_of_outage
from dashboard.features.shared.outcomes import Action, P, forget_outcome, perform, show_outcome_here
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.manager_style import manager_style
from dashboard.ui.paging import chosen_page
from dashboard.ui.query_choice import choice
from dashboard.ui.refreshing import WORK_SECONDS
from dashboard.ui.templates import render
from dashboard.ui.text import sentences

_PAGE_ROWS: Final = 50
"""Stops of one page."""
_SEEN: Final = "round.seen"
"""In the session: flags that were shown as stops. When one is over it stays in its place, and says so."""
_MOST_SEEN: Final = 1_000
_SHOWN_FOR: Final = timedelta(hours=8)


def page(context: PageContext) -> None:
    """Draw the page; `?location=` limits it to a place."""
    manager_style()
    st.title("Round", anchor=False)
    st.fragment(_round, run_every=WORK_SECONDS)(context)


def _round(context: PageContext) -> None:
    """Draw everything; refreshed by itself as printers confirm what was done, and report something new."""
    now = utc_now()
    facts = round_facts(context.app)
    ended = _ended(context, facts, now)
    everywhere = kept_round(context.app, context.viewer, "", now, ended)
    place = _place(everywhere)
    walked = kept_round(context.app, context.viewer, place, now, ended) if place else everywhere
    st.caption(_summary(walked))
    for outage in walked.outages:
        warn_of_outage(outage.title, outage.issue_id)
    if walked.carry.words:
        with st.expander(f"To carry: {walked.carry.words}", expanded=True, icon=":material/shopping_bag:"):
            st.html(carry_html(walked.carry, with_stock=context.viewer.may(Permission.USE_STOCK)))
    _stops(context, walked, place, facts.people)
    if walked.not_now:
        with st.expander(f"Not for this round ({len(walked.not_now):,})", icon=":material/event_busy:"):
            st.html(render("round/not_now", found=walked.not_now))


def _ended(context: PageContext, facts: RoundFacts, now: datetime) -> Sequence[ReportedFlag]:
    """Return the flags that this page has shown and that are over since; remember those there are."""
    there = {line.flag.attention_id for line in facts.flags}
    seen: set[int] = st.session_state.get(_SEEN, set())
    gone = sorted(seen - there)[-_MOST_SEEN:]
    st.session_state[_SEEN] = there | set(gone)
    if not gone:
        return ()
    return context.read(ended_flags, gone, now - _SHOWN_FOR, now)


def _place(everywhere: Round) -> str:
    """Choose the place; what the address says may be a floor, which is no choice otherwise."""
    places = dict.fromkeys(place_of(stop.location) for stop in everywhere.stops)
    asked = named(parts_of(st.query_params.get("location", "")))
    options = {"": "All places"} | {place: place for place in places if place}
    if asked:
        options.setdefault(asked, asked)
        st.query_params["location"] = asked
    with st.container(horizontal=True, vertical_alignment="center", key="round-head"):
        chosen = choice("location", "Place", options, hide_label=True, width=280)
        st.html(sheet_link_html(chosen), width="content")
    return chosen


def _summary(walked: Round) -> str:
    done = len(walked.stops) - walked.left
    places = len({place_of(stop.location) for stop in walked.stops if not stop.is_over})
    return sentences(
        (
            f"{counted(walked.left, 'stop')} in {counted(places, 'place')}" if walked.left else "",
            f"{done:,} done" if done else "",
        )
    )


def _stops(context: PageContext, walked: Round, place: str, people: Mapping[str, str]) -> None:
    if not walked.stops:
        nothing("Nobody is needed.", "Printers that need somebody on site appear here by themselves.")
        return
    shown, of_page = chosen_page(walked.stops, _PAGE_ROWS, place)
    with shown:
        for around, group in groupby(of_page, key=lambda stop: place_of(stop.location)):
            stops = list(group)
            with st.container(border=True, gap=None, key=f"round-place-{stops[0].printer_id}"):
                st.html(place_html(around or NOWHERE, stops))
                for stop in stops:
                    _stop(context, stop, around, people)


def _stop(context: PageContext, stop: Stop, around: str, people: Mapping[str, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"stop-{stop.printer_id}"):
        st.html(stop_html(stop, around, people))
        with st.container(horizontal=True, gap="small", width="content", key=f"ticks-{stop.printer_id}"):
            _buttons(context, stop)
    show_outcome_here(_area(stop), context)  # what failed: what was done is seen in the stop itself


def _buttons(context: PageContext, stop: Stop) -> None:
    for label, key, icon, tasks, act in (
        ("Done here", "done", ":material/check:", stop.to_do, actions.tick),
        ("Undo", "undo", ":material/undo:", stop.done, actions.take_back),
    ):
        flags = [task.flag for task in tasks]
        if flags:
            st.button(
                label,
                key=f"{key}-{stop.printer_id}",
                icon=icon,
                type="secondary" if act is actions.tick else "tertiary",
                help=f"{label}: {stop.name}",
                on_click=_do,
                args=(context, stop, act, flags),
            )
    for report in stop.reports:
        _report_button(context, stop, report)


def _report_button(context: PageContext, stop: Stop, report: IssueRow) -> None:
    is_open = report.status in LIVING
    label, status = ("Resolve", IssueStatus.RESOLVED) if is_open else ("Reopen", IssueStatus.OPEN)
    st.button(
        f"{label} #{report.id}" if len(stop.reports) > 1 or stop.tasks else label,
        key=f"report-{report.id}",
        icon=":material/check:" if is_open else ":material/undo:",
        type="secondary" if is_open else "tertiary",
        help=f"{label}: issue {report.id}",
        on_click=_do,
        args=(context, stop, change_many, [report], {"status": status.value}),
    )


def _do(context: PageContext, stop: Stop, act: Action[P], *args: P.args, **kwargs: P.kwargs) -> None:
    done = perform(_area(stop), context, act, *args, **kwargs)
    if done is not None and not done.refused:
        forget_outcome(_area(stop))
        if done.steps:
            # By a reading that was asked for, one is enough to confirm it.
            context.app.refresher.ask(stop.printer_id)


def _area(stop: Stop) -> str:
    return f"round.{stop.printer_id}"

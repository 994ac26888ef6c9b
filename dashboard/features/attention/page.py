"""The page Attention: flags that need somebody, the worst first, and their triage."""

from typing import Final

import streamlit as st

from core.domain.conditions import FIXERS, SEVERITIES
from core.domain.health import HEALTHS
from core.domain.places import NOWHERE
from core.domain.units import counted
from core.domain.wording import STATES, last_answer
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from core.storage.full_names import full_names
from dashboard.features.attention.flag_dialog import flag_dialog
from dashboard.features.attention.flag_rows import AREA, ASKED, AttentionQueue, flag_places, flag_row
from dashboard.features.attention.queries import Counts, FlagFilter, Pile, muted_conditions
from dashboard.features.mutes.dialog import ASKED as MUTE_ASKED
from dashboard.features.mutes.dialog import mute_dialog
from dashboard.features.mutes.muted import muted_line
from dashboard.features.shared.cached import the_fleet
from dashboard.features.shared.manager_cached import (
    PER_SHEET,
    failed_sheet,
    flag_counts,
    flags_sheet,
    shown_outages,
    stock_notice,
    unreached_sheet,
)
from dashboard.features.shared.outages import warn_of_outage
from dashboard.features.shared.outcomes import show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.asked import asked_once
from dashboard.ui.chips import chips, chosen
from dashboard.ui.empty import nothing
from dashboard.ui.manager_style import manager_style
from dashboard.ui.paging import chosen_sheet, sheet_number
from dashboard.ui.query_choice import choice
from dashboard.ui.refreshing import WORK_SECONDS
from dashboard.ui.search import search_field
from dashboard.ui.templates import render
from dashboard.ui.wording import HEALTH
from dashboard.viewer import Viewer

_OUTAGES_SHOWN: Final = 3
_NAMED: Final = 3
"""Parts that are named in a line about stock; the others are counted."""
_FAILED: Final = "failed"
_UNREACHED: Final = "unreached"
_MUTED: Final = "muted"
_MINE, _NOBODY = "mine", "nobody"
_WHOSE: Final = {"": "Anybody's", _MINE: "Mine", _NOBODY: "Nobody's"}
_SEVERITY_LOOKS: Final = {severity: HEALTH[severity] for severity in SEVERITIES}


def page(context: PageContext) -> None:
    """Draw the page."""
    manager_style()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title("Attention", anchor=False, width="content")
        st.html(render("attention/round"), width="content")
    with asked_once(ASKED, MUTE_ASKED) as (asked, to_mute):
        _list(context)
        if to_mute is not None:
            mute_dialog(context, AREA, to_mute)
        if asked is not None:
            flag_dialog(_queue(context), asked)


def _filter(viewer: Viewer) -> FlagFilter:
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        text = search_field("words", "Printer, place, words")
        whose = choice("whose", "Whose", _WHOSE)
        fixer = choice("fixer", "Who can fix it", {"": "Anybody", **FIXERS})
    assignee = {_MINE: viewer.name, _NOBODY: ""}.get(whose)
    severities = chosen("severity", _SEVERITY_LOOKS)
    return FlagFilter(severities, (fixer,) if fixer else (), assignee, text)


def _queue(context: PageContext) -> AttentionQueue:
    with reading(context.engine) as connection:
        return AttentionQueue(context, full_names(connection), utc_now())


@st.fragment(run_every=WORK_SECONDS)
def _list(context: PageContext) -> None:
    """Draw the flags; refreshed by itself as flags clear and begin."""
    if ASKED in st.session_state or MUTE_ASKED in st.session_state:
        st.rerun()  # the dialog belongs to the page: a refresh of this list must not close it
    queue, wanted = _queue(context), _filter(context.viewer)
    counts = flag_counts(context.app, wanted)
    _summary(counts, sum(row.health == "stale" for row in the_fleet(context.app).rows))
    _outages(queue)
    _stock(queue)
    show_outcome(AREA, context)
    pile = _pile(counts)
    if pile == _FAILED:
        _failed(queue, wanted, counts.failed)
    elif pile == _UNREACHED:
        _unreached(queue, counts.unreached)
    elif pile == _MUTED:
        _muted(queue)
    else:
        _flags(queue, wanted, Pile(pile), counts.now if pile == Pile.NOW else counts.aside)


def _summary(counts: Counts, silent: int) -> None:
    by_severity = {severity: getattr(counts, severity) for severity in SEVERITIES}
    with st.container(horizontal=True, vertical_alignment="center"):
        chips("severity", "Severity", _SEVERITY_LOOKS, by_severity)
        stale = f"{counted(silent, 'printer')} with no data: is the collector running?" if silent else ""
        nobody = f"{counts.unassigned:,} unassigned" if counts.unassigned else ""
        st.html(render("attention/beside", nobody=nobody, stale=stale))


def _outages(queue: AttentionQueue) -> None:
    for each in shown_outages(queue.context.app)[:_OUTAGES_SHOWN]:
        warn_of_outage(each.title, each.issue_id)


def _stock(queue: AttentionQueue) -> None:
    """Draw a line for stock and orders, which are no printer's flags, until they are seen to."""
    notice = stock_notice(queue.context.app)
    low = [line for line in notice.shelves if line.shelf.is_low]
    count = [line for line in notice.shelves if line.shelf.to_count]
    lines = [
        ("/stock?show=low", "Stock is low", [f"{line.part.title}, {line.room_name}" for line in low]),
        ("/stock?show=low", "To be counted", [f"{line.part.title}, {line.room_name}" for line in count]),
        ("/supplies", "Orders overdue", [line.title for line in notice.overdue]),
    ]
    if any(names for *_, names in lines):
        st.html(render("attention/stock", lines=lines, most=_NAMED))


def _pile(counts: Counts) -> str:
    names = {
        Pile.NOW.value: "To do",
        _FAILED: STATES["unreachable"],
        Pile.SET_ASIDE.value: "Set aside",
        _UNREACHED: HEALTHS["new"],
    }
    if counts.muted:
        names[_MUTED] = "Muted"
    numbers = {
        Pile.NOW.value: counts.now,
        _FAILED: counts.failed,
        Pile.SET_ASIDE.value: counts.aside,
        _UNREACHED: counts.unreached,
        _MUTED: counts.muted,
    }
    return choice("pile", "What to show", names, as_="segments", counts=numbers, hide_label=True)


def _flags(queue: AttentionQueue, wanted: FlagFilter, pile: Pile, total: int) -> None:
    found = flags_sheet(queue.context.app, wanted, pile, sheet_number(total, PER_SHEET, "sheet"))
    if found:
        flag_places(queue, found, pile)
    elif wanted != FlagFilter():
        nothing("Nothing matches.", "Remove a filter to see more.")
    elif pile == Pile.NOW:
        nothing("Nothing needs attention.", "New flags appear here automatically.")
    else:
        nothing("Nothing is set aside.", "What you acknowledge or snooze waits here until it is over.")


def _failed(queue: AttentionQueue, wanted: FlagFilter, total: int) -> None:
    found = failed_sheet(queue.context.app, wanted, sheet_number(total, PER_SHEET, "sheet"))
    if not found:
        nothing("Every printer answered.", "Printers whose newest reading was not answered appear here.")
        return
    with st.container(border=True, gap="small"):
        for check in found:
            if check.flag is not None:
                words = check.error or check.flag.message
                flag_row(queue, check.flag, said=words, more=last_answer(check.answered_at, queue.now))
            else:
                words, answered = (
                    check.error or "It did not answer.",
                    last_answer(check.answered_at, queue.now),
                )
                place = check.location or NOWHERE
                st.html(
                    render(
                        "attention/first_failure", check=check, words=words, place=place, last_answer=answered
                    )
                )


def _unreached(queue: AttentionQueue, total: int) -> None:
    found = unreached_sheet(queue.context.app, sheet_number(total, PER_SHEET, "sheet"))
    if not found:
        nothing(
            "Every printer has answered.", "Printers that were never reached appear here, not among faults."
        )
        return
    with_address = queue.context.viewer.sees_addresses
    st.html(render("attention/unreached", printers=found, with_address=with_address))


def _muted(queue: AttentionQueue) -> None:
    shown = chosen_sheet(queue.context.read(muted_conditions, queue.now), PER_SHEET, "sheet")
    with st.container(border=True, gap="small"):
        for known, printer_name in shown:
            muted_line(queue.context, AREA, known, queue.people, printer_name)

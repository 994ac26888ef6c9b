"""Calendar: terms, holidays and closing days, which forecasts go by; typed in or from an .ics file."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.contract.errors import UserError
from core.domain.calendar_days import HOLIDAY, KINDS, LONGEST_NAME, PeriodEntry
from core.domain.calendar_file import MEGABYTES
from core.domain.units import counted
from core.storage.calendar_periods import StoredPeriod, read_periods
from core.storage.full_names import full_names
from dashboard.features.calendar import actions
from dashboard.features.calendar.actions import TypedPeriod
from dashboard.features.shared.outcomes import perform, press, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.issue_parts import who
from dashboard.ui.text import in_markdown, sentences
from dashboard.ui.word_select import word_select

_AREA: Final = "calendar"
_SHOWN_REFUSED: Final = 20


def page(context: PageContext) -> None:
    """Draw the list, a form for another period, and the upload of a file."""
    st.title("Calendar", anchor=False)
    st.caption(
        "Forecasts of supplies count working days: holidays and closing days do not count, and days between "
        "two terms count as much as is printed on such days. Notices and summaries can pause on days off "
        "(Settings)."
    )
    show_outcome(_AREA, context)
    found = context.read(read_periods)
    with st.container(horizontal=True):
        with st.popover("Add a period", icon=":material/add:"), st.form("new-period", border=False):
            _fields("new")
            st.form_submit_button("Add", type="primary", on_click=_add, args=(context,))
        with st.popover("Add from a file", icon=":material/upload_file:"):
            _upload(context)
    if found:
        _list(context, found)
    else:
        nothing("The calendar is empty.", "Every week counts alike until it knows terms and holidays.")


def _fields(key: str, seen: StoredPeriod | None = None) -> None:
    entry = seen.entry if seen else None
    word_select("Kind", KINDS, entry.kind if entry else HOLIDAY, key=f"{key}-kind")
    st.text_input("Name", entry.name if entry else "", key=f"{key}-name", max_chars=LONGEST_NAME)
    st.date_input("First day", entry.first_day if entry else None, key=f"{key}-first", format="YYYY-MM-DD")
    st.date_input(
        "Last day",
        entry.last_day if entry else None,
        key=f"{key}-last",
        help="Empty: the first day alone",
        format="YYYY-MM-DD",
    )


def _typed(key: str) -> TypedPeriod:
    state = st.session_state
    return TypedPeriod(
        state[f"{key}-kind"], state[f"{key}-name"], state[f"{key}-first"], state[f"{key}-last"]
    )


def _add(context: PageContext) -> None:
    if perform(_AREA, context, actions.add, _typed("new")):
        st.session_state["new-name"] = ""


def _list(context: PageContext, found: Sequence[StoredPeriod]) -> None:
    names = context.read(full_names)
    for seen in found:
        key = f"period-{seen.period_id}-{seen.version}"
        with st.container(horizontal=True, vertical_alignment="center"):
            kind = KINDS.get(seen.entry.kind, seen.entry.kind)
            words = sentences((in_markdown(kind), in_markdown(f"entered by {who(seen.edited_by, names)}")))
            st.markdown(f"**{in_markdown(seen.entry.words())}** · {words}", width="stretch")
            with st.popover("Edit", icon=":material/edit:", key=f"{key}-edit"), st.form(key, border=False):
                _fields(key, seen)
                st.form_submit_button("Save", type="primary", on_click=_edit, args=(context, seen, key))
            st.button(
                "Delete",
                key=f"{key}-delete",
                icon=":material/delete:",
                on_click=press,
                args=(_AREA, context, actions.remove, seen),
            )


def _edit(context: PageContext, seen: StoredPeriod, key: str) -> None:
    perform(_AREA, context, actions.edit, seen, _typed(key))


def _upload(context: PageContext) -> None:
    st.markdown("An `.ics` file, as calendars export it. Its events of whole days are added.")
    number = st.session_state.setdefault("calendar-number", 0)
    given = st.file_uploader(
        "Calendar file", type=["ics"], key=f"calendar-{number}", max_upload_size=MEGABYTES
    )
    if given is None:
        return
    try:
        parsed = actions.preview(context.viewer, given.getvalue())
    except UserError as error:
        st.error(in_markdown(str(error)))
        return
    for sentence in parsed.left_out[:_SHOWN_REFUSED]:
        st.warning(in_markdown(sentence))
    for entry in parsed.periods[:_SHOWN_REFUSED]:
        st.markdown(f"{in_markdown(KINDS[entry.kind])}: {in_markdown(entry.words())}")
    st.button(
        f"Add {counted(len(parsed.periods), 'period')}",
        type="primary",
        disabled=not parsed.periods,
        on_click=_import,
        args=(context, parsed.periods),
    )


def _import(context: PageContext, periods: tuple[PeriodEntry, ...]) -> None:
    if perform(_AREA, context, actions.import_file, periods):
        st.session_state["calendar-number"] += 1  # an empty place for the next file

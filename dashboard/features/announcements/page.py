"""The page Announcements: what everybody reads now, what is planned, and what was."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from core.domain.local_times import instant
from core.domain.places import is_inside
from core.runtime.wall_clock import utc_now
from core.storage.announcements import (
    LONGEST_TEXT,
    MOST_PAST,
    Announcement,
    NewAnnouncement,
    read_announcements,
)
from core.storage.database import reading
from core.storage.full_names import full_names
from dashboard.features.announcements import actions
from dashboard.features.shared.cached import the_fleet
from dashboard.features.shared.outcomes import perform, press, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.dates import on_day
from dashboard.ui.empty import nothing
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render

_AREA: Final = "announcements"
_OPENER: Final = "new-announcement"
_EVERYWHERE: Final = "Everywhere"
_ONE_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(microseconds=1)


def page(context: PageContext) -> None:
    """Draw the list, and a form for another one."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Announcements", anchor=False)
        _new(context)
    st.caption(
        "Planned work, a print server that is down, a closed building: everybody reads it on the list of "
        "printers, on the pages of the place and its printers, before they report a problem, and on wall "
        "screens."
    )
    show_outcome(_AREA, context)
    with reading(context.engine) as connection:
        found, names = read_announcements(connection), full_names(connection)
    now = utc_now()
    living = [one for one in found if not one.is_over(now)]
    if not living:
        nothing("Nothing is announced.", "Everybody who looks for a printer there reads what you announce.")
    locations = the_fleet(context.app).locations
    for one in living:
        is_empty = not any(is_inside(each, one.location) for each in locations)
        _living(context, one, names, now, "no printer is there" if is_empty and one.location else "")
    _past([one for one in found if one.is_over(now)][:MOST_PAST], names)


def _new(context: PageContext) -> None:
    opener = st.popover("Announce", icon=":material/campaign:", key=_OPENER, on_change="rerun")
    with opener, st.form("announce", border=False):
        _fields(context, "new", None)
        st.form_submit_button("Announce", type="primary", on_click=_announce, args=(context,))


def _fields(context: PageContext, key: str, seen: Announcement | None) -> None:
    zone = context.settings.zone
    places = [_EVERYWHERE, *the_fleet(context.app).places]
    chosen = (seen.location if seen else "") or _EVERYWHERE
    places += [] if chosen in places else [chosen]
    st.text_area(
        "What people are to know",
        seen.text if seen else "",
        key=f"{key}-text",
        max_chars=LONGEST_TEXT,
        placeholder="No printing on Saturday from 6:00 to 10:00: the print server is being replaced.",
    )
    st.selectbox("Where", places, index=places.index(chosen), key=f"{key}-place")
    first = seen.begins_at.astimezone(zone).date() if seen else None
    last = _last_day(seen, zone) if seen else None
    st.date_input(
        "First day (optional)", first, key=f"{key}-first", help="Empty: from now on.", format="YYYY-MM-DD"
    )
    st.date_input(
        "Last day (optional)", last, key=f"{key}-last", help="Empty: until you end it.", format="YYYY-MM-DD"
    )


def _typed(context: PageContext, key: str, seen: Announcement | None, now: datetime) -> NewAnnouncement:
    state, zone = st.session_state, context.settings.zone
    first: date | None = state[f"{key}-first"]
    last: date | None = state[f"{key}-last"]
    begins_at = instant(first, time(), zone) if first else now
    if seen is not None and first == seen.begins_at.astimezone(zone).date():
        begins_at = seen.begins_at  # of that day, but not from its beginning
    place = state[f"{key}-place"]
    ends_at = instant(last + _ONE_DAY, time(), zone) if last else None
    return NewAnnouncement(state[f"{key}-text"], "" if place == _EVERYWHERE else place, begins_at, ends_at)


def _announce(context: PageContext) -> None:
    now = utc_now()
    new = _typed(context, "new", None, now)
    if perform(_AREA, context, actions.announce, new):
        st.session_state["new-text"] = ""
        st.session_state[_OPENER] = False  # it would hide what was announced


def _living(
    context: PageContext, one: Announcement, names: Mapping[str, str], now: datetime, note: str
) -> None:
    key = f"announcement-{one.announcement_id}-{one.version}"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.html(_line(one, names, now, note))
        with st.popover("Edit", icon=":material/edit:", key=f"{key}-edit"), st.form(key, border=False):
            _fields(context, key, one)
            st.form_submit_button("Save", type="primary", on_click=_edit, args=(context, one, key))
        st.button(
            "End now",
            key=f"{key}-end",
            icon=":material/event_available:",
            on_click=press,
            args=(_AREA, context, actions.end, one),
        )


def _edit(context: PageContext, seen: Announcement, key: str) -> None:
    now = utc_now()
    wanted = _typed(context, key, seen, now)
    perform(_AREA, context, actions.edit, seen, wanted)


def _past(found: Sequence[Announcement], names: Mapping[str, str]) -> None:
    if not found:
        return
    with st.expander(f"Past announcements ({len(found)})", key="past-announcements"):
        for one in found:
            st.html(_line(one, names, None))


def _line(one: Announcement, names: Mapping[str, str], now: datetime | None, note: str = "") -> str:
    """Return an announcement with its place and days, and a note; `now` is None of one that is over."""
    last = on_day(one.ends_at - _MOMENT) if one.ends_at else ""
    if now is None:
        when = f"{on_day(one.begins_at)} to {last}"
    elif one.begins_at > now:
        when = f"planned from {on_day(one.begins_at)}" + (f" to {last}" if last else "")
    else:
        when = f"shown until {last}" if last else "shown until somebody ends it"
    by = who(one.created_by, names)
    told = [one.location or _EVERYWHERE, note, when]
    return render("announcements/line", one=one, told=told, by=by)


def _last_day(one: Announcement, zone: ZoneInfo) -> date | None:
    """Return the day at whose end it ends."""
    return (one.ends_at - _MOMENT).astimezone(zone).date() if one.ends_at else None

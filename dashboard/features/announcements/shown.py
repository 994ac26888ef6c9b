"""The announcements that people read on the pages of printers and places: read once for all of them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import streamlit as st

from core.domain.places import is_inside
from core.runtime.wall_clock import utc_now
from core.storage.announcements import Announcement, about_place, shown_announcements
from core.storage.database import reading
from dashboard.app_context import BY_DATABASE, AppContext
from dashboard.ui.refreshing import STATES_SECONDS
from dashboard.ui.templates import render

_MINUTE: Final = timedelta(minutes=1)
"""Most end at midnight: that is the last minute of a day, not the first one of the next."""
MOST_SHOWN: Final = 3
"""On one page: who reads more than that reads none."""


def announced(app_context: AppContext, location: str, *, within: bool = False) -> list[Announcement]:
    """Return what everybody reads about a location; `within`: also about places in it."""
    return about_place(_shown(app_context), location, within=within)[:MOST_SHOWN]


def announcements_box(app_context: AppContext, location: str, *, within: bool = False) -> None:
    """Draw what is announced about a location; nothing where nothing is."""
    if found := announced(app_context, location, within=within):
        st.html(announcements_html(found, location))


def announcements_html(found: Sequence[Announcement], location: str) -> str:
    """Return announcements, each with its place where that is not where one is anyway."""
    told = [
        (
            one,
            "" if is_inside(location, one.location) else one.location,
            one.ends_at and one.ends_at - _MINUTE,
        )
        for one in found
    ]
    return render("announcements/shown", announcements=told)


def forget_announcements() -> None:
    """Read them anew: somebody has just changed one."""
    _shown.clear()


@st.cache_resource(ttl=STATES_SECONDS, max_entries=4, show_spinner=False, hash_funcs=BY_DATABASE)
def _shown(app_context: AppContext) -> list[Announcement]:
    with reading(app_context.engine) as connection:
        return shown_announcements(connection, utc_now())

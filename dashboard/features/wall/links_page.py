"""Wall screens: the links by which screens show the wall view without an account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.units import ago
from core.runtime.wall_clock import utc_now
from core.storage.wall_links import LONGEST_NAME, WallScreenLink, read_wall_links
from dashboard.features.shared.cached import the_fleet
from dashboard.features.shared.confirmation import confirmation
from dashboard.features.shared.makers import made_by
from dashboard.features.shared.outcomes import perform, show_outcome
from dashboard.features.shared.revocable import revocable_line
from dashboard.features.wall import actions
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.shown_once import show_secret
from dashboard.ui.text import in_markdown

_AREA: Final = "screens"
_OPENER: Final = "new-screen-opener"
_ALL: Final = "All printers"


def page(context: PageContext) -> None:
    """The list, and a form for a new one."""
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Wall screens", anchor=False)
        _new(context)
    st.caption(
        "A screen on the wall shows the printers of a place without an account: no addresses, no serial "
        "numbers, nothing to press. [Open the wall view](/wall)"
    )
    now = utc_now()
    found = context.read(read_wall_links)
    show_outcome(_AREA, context)
    confirmation(_AREA, context, path="/screens")
    show_secret(_AREA)
    _warn_of_left_open(found)
    for link in found:
        link_line(_AREA, context, link, now)
    if not found:
        nothing("No screen has a link yet.", "Make one for each screen, so that each can be revoked alone.")


def _new(context: PageContext) -> None:
    opener = st.popover("Create a link", icon=":material/add:", key=_OPENER, on_change="rerun")
    with opener, st.form("new-screen", border=False):
        st.text_input("Which screen", key="screen-name", max_chars=LONGEST_NAME, placeholder="IT office")
        st.selectbox("Shows", [_ALL, *the_fleet(context.app).places], key="screen-place")
        st.form_submit_button("Create", type="primary", on_click=_make, args=(context,))


def _make(context: PageContext) -> None:
    name, chosen = st.session_state["screen-name"], st.session_state["screen-place"]
    location = "" if chosen == _ALL else chosen

    if perform(_AREA, context, actions.make, name, location, context.settings.dashboard.dashboard_url):
        st.session_state["screen-name"] = ""
        st.session_state[_OPENER] = False  # it would hide the link


def link_line(
    area: str, context: PageContext, link: WallScreenLink, now: datetime, *, among: str = ""
) -> None:
    """Draw the link of a screen with its button; `among`: as of `revocable_line`."""
    made = made_by(link.created_by, link.maker, link.created_at, now, takes=Permission.MANAGE_SCREENS)
    used = f"used {ago(link.used_at, now)}" if link.used_at else "never used"
    revocable_line(
        area,
        context,
        link.link_id,
        link.name,
        (link.location or _ALL, made, used),
        ended=f"revoked {ago(link.revoked_at, now)}" if link.revoked_at else "",
        revoke=actions.revoke,
        warning="The screen shows nothing from now on.",
        among=among,
    )


def _warn_of_left_open(found: Sequence[WallScreenLink]) -> None:
    """Name the screens whose links somebody may have kept who may make none any more."""
    left = [link for link in found if link.is_left_open]
    if left:
        names = ", ".join(in_markdown(link.name) for link in left)
        st.warning(
            f"Whoever made the link of {names} may make none any more, and may have kept it. These screens "
            "stay on: make a new link for each and revoke the old one, or leave it.",
            icon=":material/person_off:",
        )

"""What is muted, a line each with its button: on its printer's page, and of all on the page Attention."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.domain.permissions import Permission
from core.storage.full_names import full_names
from core.storage.mutes import KnownMute
from dashboard.actor import Actor
from dashboard.app_context import Refresher
from dashboard.features.mutes import actions
from dashboard.features.shared.outcomes import press
from dashboard.page_context import PageContext
from dashboard.ui.dates import on_day
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.undoing import Done


def muted_line(
    context: PageContext, area: str, known: KnownMute, names: Mapping[str, str], printer_name: str = ""
) -> None:
    """Draw what is muted and why, with the name of its printer where it stands among others."""
    by = who(known.set_by, names)
    until = f"until {on_day(known.until_at)}" if known.until_at else "until further notice"
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"muted-{known.mute.mute_id}", gap="small"
    ):
        st.html(render("mutes/muted", known=known, until=until, by=by, printer_name=printer_name))
        if context.viewer.may(Permission.TRIAGE_ATTENTION):
            st.button(
                "Unmute",
                key=f"unmute-{known.mute.mute_id}",
                icon=":material/notifications_active:",
                help=f"It counts again: {known.mute.title}",
                on_click=press,
                args=(area, context, _unmute, known, context.app.refresher),
            )


def muted_box(context: PageContext, area: str, muted: Sequence[KnownMute]) -> None:
    """Draw what is muted of one printer."""
    names = context.read(full_names)
    with st.container(border=True, gap="small"):
        for known in muted:
            muted_line(context, area, known, names)


def _unmute(by: Actor, known: KnownMute, refresher: Refresher) -> Done:
    done = actions.end(by, known)
    refresher.ask(known.printer_id)
    return done

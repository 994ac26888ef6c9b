"""The dialog in which a flag is muted: how much of it, until when and why."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.domain.mutes import can_be_muted, everything_of, part_of
from core.domain.permissions import Permission
from core.storage.mutes import MuteRequest
from dashboard.actor import Actor
from dashboard.app_context import Refresher
from dashboard.features.mutes import actions
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.features.shared.reason_fields import reason_fields
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown
from dashboard.undoing import Done
from dashboard.viewer import Viewer

_ONE, _ALL = "one", "all"
ASKED: Final = "mutes.asked"
"""In the session: the flag that the dialog is about. The page opens it, not a part that is refreshed."""


@dataclass(frozen=True)
class MutableFlag:
    """A flag of a printer, as far as muting it needs it."""

    printer_id: str
    printer_name: str
    code: str
    subject: str
    message: str
    part: str
    """The name of the part that it is about; "" where it names none."""


def may_mute(viewer: Viewer, code: str) -> bool:
    """Return whether a viewer may mute a condition of this code."""
    return viewer.may(Permission.TRIAGE_ATTENTION) and can_be_muted(code)


@st.dialog("Mute")
def mute_dialog(context: PageContext, area: str, flag: MutableFlag) -> None:
    """Open it; it closes itself when it is muted."""
    st.markdown(
        f"**{in_markdown(flag.printer_name)}.** For a tray that is out of use, or a supply that it lists and "
        "does not have: no flag, no issue and no mail tells of it, and it is not ordered. What the printer "
        "itself reports stays on its page."
    )
    with st.form("mute", border=False):
        whole = _how_much(flag)
        why, until = reason_fields(
            context,
            "Unmute on",
            "From the beginning of that day. Leave it empty to unmute it by hand.",
            example="Tray 3 is broken and stays empty until it is replaced",
        )
        sent = st.form_submit_button("Mute", type="primary")
    if sent:
        wanted = MuteRequest(flag.printer_id, flag.code, flag.subject, why, until, whole)
        perform_and_close(area, context, _mute, wanted, context.app.refresher)


def _how_much(flag: MutableFlag) -> bool:
    """Ask whether everything of the part is to be muted, where the flag is about one."""
    if not part_of(flag.code, flag.subject):
        st.markdown(f"**{in_markdown(flag.message)}**")
        return False
    choices = {_ONE: f"Only: {flag.message}", _ALL: everything_of({"part": flag.part} if flag.part else {})}
    chosen = st.radio("What", list(choices), format_func=lambda each: in_markdown(choices[each]))
    return chosen == _ALL


def _mute(by: Actor, wanted: MuteRequest, refresher: Refresher) -> Done:
    done = actions.mute(by, wanted)
    refresher.ask(wanted.printer_id)  # else its flag would stay until its next turn
    return done

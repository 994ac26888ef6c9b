"""A printer out of service: the sentence that tells it, and the dialog and button that change it."""

from datetime import datetime

import streamlit as st

from core.domain.permissions import Permission
from core.storage.out_of_service import OutOfService
from dashboard.features.printer.actions import put_back, take_out
from dashboard.features.printer.queries import PrinterView
from dashboard.features.shared.outcomes import perform_and_close, press
from dashboard.features.shared.reason_fields import reason_fields
from dashboard.page_context import PageContext
from dashboard.ui.dates import on_day
from dashboard.ui.headline import headline_box

_PERMISSION = Permission.WORK_ISSUES


def out_of_service_box(out: OutOfService) -> str:
    """Return the HTML of why a printer is out of service, and until when."""
    return headline_box("out", f"Out of service {until_words(out)}: {out.note}")


def until_words(out: OutOfService) -> str:
    """Return until when it is, in words."""
    return f"until {on_day(out.until_at)}" if out.until_at else "until further notice"


def service_button(context: PageContext, view: PrinterView, area: str) -> None:
    """Draw the button that takes it out of service or puts it back, for who may."""
    if not context.viewer.may(_PERMISSION) or not view.enabled:
        return
    if view.out_of_service:
        st.button(
            "Put back in service",
            key="in-service",
            icon=":material/play_circle:",
            help="What it reports counts again: attention, mails and issues.",
            on_click=press,
            args=(area, context, put_back, view),
        )
    elif st.button(
        "Take out of service",
        key="out-of-service",
        icon=":material/do_not_disturb_on:",
        help="For a repair, a move, a closed building: it is still read, and nobody is told of its faults.",
    ):
        _dialog(context, view, area)


@st.dialog("Take out of service")
def _dialog(context: PageContext, view: PrinterView, area: str) -> None:
    asked = out_of_service_form(context, "Waiting for a new fuser")
    if asked is not None:
        why, until = asked
        perform_and_close(area, context, take_out, view, why, until)


def out_of_service_form(context: PageContext, example: str) -> tuple[str, datetime | None] | None:
    """Draw the form; return why and until when once it is sent."""
    with st.form("out-of-service", border=False):
        asked = reason_fields(
            context,
            "Back in service on",
            "From the beginning of that day. Leave it empty to put it back by hand.",
            example=example,
            read_by="Everybody who looks for a printer there reads it.",
        )
        sent = st.form_submit_button("Take out of service", type="primary")
    return asked if sent else None

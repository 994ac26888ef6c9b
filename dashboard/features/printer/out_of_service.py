"""Take a printer out of service and put it back: the dialog, the sentence that tells it, the actions."""

from datetime import datetime

import streamlit as st

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.out_of_service import (
    OutOfService,
    put_back_in_service,
    take_out_of_service,
)
from dashboard.actor import Actor
from dashboard.features.printer.queries import PrinterView
from dashboard.features.shared.cached import forget_states
from dashboard.features.shared.outcomes import perform_and_close, press
from dashboard.features.shared.reason_fields import reason_fields
from dashboard.page_context import PageContext
from dashboard.ui.dates import on_day
from dashboard.ui.headline import headline_box
from dashboard.undoing import Done

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


def take_out(by: Actor, view: PrinterView, why: str, until: datetime | None) -> Done:
    """Take a printer out of service. Raises Forbidden, and UserError for what cannot be."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        take_out_of_service(connection, view.printer_id, until=until, why=why, actor=by.name, now=by.now)
    forget_states()
    return Done(f"{view.name} is out of service")


def put_back(by: Actor, view: PrinterView) -> Done:
    """Put a printer back in service. Raises Forbidden."""
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        put_back_in_service(connection, view.printer_id, actor=by.name, now=by.now)
    forget_states()
    return Done(f"{view.name} is back in service")

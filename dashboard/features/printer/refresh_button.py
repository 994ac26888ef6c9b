"""The button that asks a printer now, and what came of it."""

from typing import Final

import streamlit as st

from core.contract.messages import PrinterState
from core.domain.permissions import Permission
from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from dashboard.features.printer.queries import refresh_answer
from dashboard.features.printer.refresh import PATIENCE, Asked, ask_printer, why_silent
from dashboard.features.shared import cached
from dashboard.features.shared.outcomes import forget_outcome, tell
from dashboard.page_context import PageContext
from dashboard.throttle import TooManyAttempts
from dashboard.ui.client import throttle_address
from dashboard.undoing import Done
from dashboard.viewer import Viewer

_LOOK_EVERY: Final = 0.7


def refresh_now(context: PageContext, printer_id: str, site: str, area: str) -> None:
    """Draw the button; while a request is under way, look for its answer by itself.

    What came of it is an outcome in this area of the page.
    """
    if not context.viewer.may(Permission.REFRESH_PRINTERS):
        return
    asked: Asked | None = st.session_state.get(_key(printer_id))
    st.fragment(_button, run_every=_LOOK_EVERY if asked else None)(context, printer_id, site, area)


def _button(context: PageContext, printer_id: str, site: str, area: str) -> None:
    asked: Asked | None = st.session_state.get(_key(printer_id))
    pressed = st.button(
        "Asking …" if asked else "Refresh now",
        icon="spinner" if asked else ":material/refresh:",
        key="refresh-now",
        disabled=asked is not None,
        help="Polls the printer now instead of at its next turn.",
    )
    if pressed and not asked:
        _ask(context, printer_id, area)
    elif asked:
        _look(context, printer_id, site, area, asked)


def _ask(context: PageContext, printer_id: str, area: str) -> None:
    try:
        asked = ask_printer(
            context.app, context.viewer, printer_id, address=throttle_address(), now=utc_now()
        )
    except TooManyAttempts as error:
        tell(area, Done("", refused=(str(error),)))
    else:
        if asked is None:
            tell(area, Done("", refused=("It cannot be polled now: the message broker is not connected.",)))
        else:
            st.session_state[_key(printer_id)] = asked
            forget_outcome(area)
    st.rerun()


def _look(context: PageContext, printer_id: str, site: str, area: str, asked: Asked) -> None:
    now = utc_now()
    with reading(context.engine) as connection:
        state = refresh_answer(connection, printer_id, asked.refresh_id)
        late = state is None and now - asked.at > PATIENCE
        reason = why_silent(connection, site, now) if late else ""
    if state is None and not late:
        return
    if state is None:
        tell(area, Done("", refused=(f"No reading came. {reason}",)))
    else:
        tell(area, _outcome(state, asked, context.viewer))
    del st.session_state[_key(printer_id)]
    cached.forget_states()
    st.rerun()


def _outcome(state: PrinterState, asked: Asked, viewer: Viewer) -> Done:
    if not state.reachable:
        why = f" {state.error}" if viewer.sees_addresses and state.error else ""
        return Done("", refused=(f"The printer was polled and did not answer.{why}",))
    taken = state.taken_at or asked.at
    seconds = max(0.1, (taken - asked.at).total_seconds())
    return Done(f"New reading, {seconds:.1f} s after you asked")


def _key(printer_id: str) -> str:
    return f"refresh-{printer_id}"

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
from dashboard.page_context import PageContext
from dashboard.throttle import TooManyAttempts
from dashboard.ui.client import throttle_address
from dashboard.ui.text import in_markdown
from dashboard.viewer import Viewer

_LOOK_EVERY: Final = 0.7


def refresh_now(context: PageContext, printer_id: str, site: str) -> None:
    """Draw the button; while a request is under way, look for its answer by itself."""
    if not context.viewer.may(Permission.REFRESH_PRINTERS):
        return
    asked: Asked | None = st.session_state.get(_key(printer_id))
    st.fragment(_button, run_every=_LOOK_EVERY if asked else None)(context, printer_id, site)


def _button(context: PageContext, printer_id: str, site: str) -> None:
    asked: Asked | None = st.session_state.get(_key(printer_id))
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Asking …" if asked else "Refresh now",
            icon="spinner" if asked else ":material/refresh:",
            key="refresh-now",
            disabled=asked is not None,
            help="Polls the printer now instead of at its next turn.",
        )
        _said(printer_id)
    if pressed and not asked:
        _ask(context, printer_id)
    elif asked:
        _look(context, printer_id, site, asked)


def _ask(context: PageContext, printer_id: str) -> None:
    try:
        asked = ask_printer(
            context.app, context.viewer, printer_id, address=throttle_address(), now=utc_now()
        )
    except TooManyAttempts as error:
        _say(printer_id, "warning", str(error))
    else:
        if asked is None:
            _say(printer_id, "warning", "It cannot be polled now: the message broker is not connected.")
        else:
            st.session_state[_key(printer_id)] = asked
            _say(printer_id, "", "")
    st.rerun()


def _look(context: PageContext, printer_id: str, site: str, asked: Asked) -> None:
    now = utc_now()
    with reading(context.engine) as connection:
        state = refresh_answer(connection, printer_id, asked.refresh_id)
        late = state is None and now - asked.at > PATIENCE
        reason = why_silent(connection, site, now) if late else ""
    if state is None and not late:
        return
    if state is None:
        _say(printer_id, "warning", f"No reading came. {reason}")
    else:
        _say(printer_id, *_outcome(state, asked, context.viewer))
    del st.session_state[_key(printer_id)]
    cached.forget_states()
    st.rerun()


def _outcome(state: PrinterState, asked: Asked, viewer: Viewer) -> tuple[str, str]:
    if not state.reachable:
        why = f" {state.error}" if viewer.may(Permission.SEE_ADDRESSES) and state.error else ""
        return "warning", f"The printer was polled and did not answer.{why}"
    taken = state.taken_at or asked.at
    seconds = max(0.1, (taken - asked.at).total_seconds())
    return "success", f"New reading, {seconds:.1f} s after you asked."


def _say(printer_id: str, how: str, sentence: str) -> None:
    st.session_state[f"{_key(printer_id)}-said"] = (how, sentence)


def _said(printer_id: str) -> None:
    how, sentence = st.session_state.get(f"{_key(printer_id)}-said", ("", ""))
    if sentence:
        icon = ":material/check:" if how == "success" else ":material/info:"
        color = "green" if how == "success" else "orange"
        st.markdown(f":{color}[{icon} {in_markdown(sentence)}]", width="content")


def _key(printer_id: str) -> str:
    return f"refresh-{printer_id}"

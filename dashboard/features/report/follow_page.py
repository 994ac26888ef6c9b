"""What became of a report: for whoever holds its link, without an account."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.contract.errors import UserError
from core.domain.links import issue_of_token
from core.storage.database import reading
from core.storage.tables import ENDED
from dashboard.app_context import AppContext
from dashboard.features.fleet.table import printer_path
from dashboard.features.report.actions import LONGEST_DETAILS, add_note
from dashboard.features.report.queries import Followed, read_followed
from dashboard.page_context import PageContext
from dashboard.ui.client import client_address
from dashboard.ui.empty import nothing
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown

_LOOK_AGAIN_SECONDS: Final = 20
_MEANING: Final = {
    "open": "It is on the list. Nobody has begun with it yet.",
    "in_progress": "Somebody is working on it.",
    "waiting": "It waits for something: a part, or somebody from outside.",
    "resolved": "It is solved.",
    "closed": "It is closed.",
}


def page(context: PageContext) -> None:
    """Draw it; `?token=` says which report."""
    issue_id = issue_of_token(context.settings.web.link_keys(), st.query_params.get("token", ""))
    followed = None if issue_id is None else _read(context.app, issue_id)
    if followed is None:
        st.title("Your report")
        nothing(
            "This link leads to no report.",
            "It may not be whole: copy all of it from the mail or the page that gave it to you.",
            link=("Report a problem", "/report"),
        )
        return
    st.title(f"Report no. {followed.issue_id}")
    st.fragment(_status, run_every=_LOOK_AGAIN_SECONDS)(context.app, followed.issue_id)
    if followed.status not in ENDED:
        _note(context, followed.issue_id)


def _read(app_context: AppContext, issue_id: int) -> Followed | None:
    with reading(app_context.engine) as connection:
        return read_followed(connection, issue_id)


def _status(app_context: AppContext, issue_id: int) -> None:
    followed = _read(app_context, issue_id)
    if followed is None:
        return
    meaning = _MEANING.get(followed.status, "")
    path = printer_path(followed.printer_id)
    st.html(render("report/status", followed=followed, path=path, meaning=meaning))
    st.subheader("What has happened")
    st.html(render("report/steps", steps=list(reversed(followed.steps))))
    st.caption("This page looks again by itself. Keep its address: it is the only way back to it.")


def _note(context: PageContext, issue_id: int) -> None:
    st.subheader("Something to add?")
    with st.form("note", border=False):
        text = st.text_area(
            "For those who work on it",
            key="note-text",
            max_chars=LONGEST_DETAILS,
            placeholder="It happens only with envelopes …",
        )
        sent = st.form_submit_button("Send")
    if not sent:
        return
    try:
        add_note(context.app, context.viewer, issue_id, text, address=client_address(), now=datetime.now(UTC))
    except UserError as error:
        st.error(in_markdown(error))
    else:
        st.success("Thank you. It is with the report now.")

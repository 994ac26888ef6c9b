"""Reporting a problem: which printer, whether it is known already, what is wrong, and how to follow it."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.contract.errors import UserError
from core.domain.links import follower_of_token
from core.domain.wording import CATEGORIES
from core.runtime.wall_clock import utc_now
from core.storage.out_of_service import OutOfService
from dashboard.app_context import AppContext
from dashboard.features.announcements.shown import announcements_box
from dashboard.features.fleet.table import printer_path
from dashboard.features.photos.picker import HOLDER, draft_of, forget_draft, photo_picker
from dashboard.features.printer.nearby import print_instead
from dashboard.features.printer.out_of_service import out_of_service_box
from dashboard.features.printer.queries import PrinterIssue, PrinterView, read_printer
from dashboard.features.report.actions import (
    LONGEST_CONTACT,
    LONGEST_DETAILS,
    LONGEST_NAME,
    FiledReport,
    ProblemReport,
    RefusedReport,
    file_report,
    me_too,
)
from dashboard.features.report.pauses import ReportsPaused, refuse_paused
from dashboard.features.shared.picker import printer_picker
from dashboard.page_context import PageContext
from dashboard.ui.client import throttle_address
from dashboard.ui.empty import nothing
from dashboard.ui.headline import headline_box
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown, sentences
from dashboard.ui.wording import headline
from dashboard.viewer import Viewer

_SHOWN_ISSUES: Final = 5
_FORM: Final = "report"
_WIDTH: Final = 800
"""Lines longer than that are hard to read; a phone has less."""
_CALM: Final = frozenset({"ok", "info"})
_NO_FIELDS: Final[Mapping[str, DeltaGenerator]] = {}
Sending = Callable[[str], FiledReport]


def page(context: PageContext) -> None:
    """Draw it; `?printer=` (as on the label's QR code) says which printer it is about."""
    st.title("Report a problem", anchor=False)
    if token := st.query_params.get("filed"):
        _thanks(context.app, token)
        return
    printer_id = st.query_params.get("printer", "")
    view = _read(context, printer_id) if printer_id else None
    if view is None or not view.enabled:
        _choose(context, missing=bool(printer_id))
        return
    with st.container(width=_WIDTH):
        _about(context, view)
        if not _paused(context, view):
            _known(context, view)
            _form(context, view)


def _read(context: PageContext, printer_id: str) -> PrinterView | None:
    return context.read(read_printer, printer_id, context.viewer, utc_now())


def _choose(context: PageContext, *, missing: bool) -> None:
    if missing:
        st.warning("This printer is no longer monitored. Find another one:")
    announcements_box(context.app, "", within=True)
    with st.container(width=_WIDTH):
        chosen = printer_picker(context, "report")
    if chosen:
        st.query_params["printer"] = chosen
        st.rerun()
    st.caption("Or scan the code on the printer's label with your phone: it brings you straight here.")


def _about(context: PageContext, view: PrinterView) -> None:
    now = utc_now()
    where = sentences((view.location, view.model))
    st.html(render("report/about", name=view.name, where=where, path=printer_path(view.printer_id)))
    announcements_box(context.app, view.location)
    if view.out_of_service:
        _out_of_service(context, view, view.out_of_service)
        return
    said = headline(view.state, stale=view.stale, now=now)
    if said.health not in _CALM:
        st.html(headline_box(said.health, said.sentence, said.advice))


def _out_of_service(context: PageContext, view: PrinterView, out: OutOfService) -> None:
    """Say so before somebody reports it, and where to print instead."""
    st.html(out_of_service_box(out))
    print_instead(context.app, view.printer_id)


def _paused(context: PageContext, view: PrinterView) -> bool:
    """Return whether reports are paused where the viewer is, and say so before they write one."""
    if not context.viewer.is_anonymous:
        return False
    try:
        context.read(refuse_paused, throttle_address(), utc_now(), context.settings.zone)
    except ReportsPaused as error:
        st.html(headline_box("stale", str(error)))
        st.html(render("ui/sign_in", path=f"/report?printer={view.printer_id}"))
        return True
    return False


def _known(context: PageContext, view: PrinterView) -> None:
    if not view.open_issues:
        return
    st.subheader("Known issues", anchor=False)
    st.caption("If one of these is your problem, choose it instead of describing it again.")
    for line in view.open_issues[:_SHOWN_ISSUES]:
        _issue(context, line)


def _issue(context: PageContext, line: PrinterIssue) -> None:
    what, button = st.columns([5, 1], vertical_alignment="center")
    what.html(render("report/known", issue=line, today=context.today))
    if button.button("Me too", key=f"me-too-{line.issue_id}", help="Adds you to this issue."):
        _try(lambda address: me_too(context.actor(), context.settings, line.issue_id, address=address))


def _form(context: PageContext, view: PrinterView) -> None:
    st.subheader("Report another problem" if view.open_issues else "What is wrong?", anchor=False)
    with st.container(key=f"{HOLDER}-report"), st.form("report", border=False):
        category = st.pills("Type of problem", CATEGORIES, format_func=CATEGORIES.__getitem__, key="category")
        below = {"category": st.container()}
        details = st.text_area(
            "What happens? (if the line above does not say it all)",
            key="details",
            max_chars=LONGEST_DETAILS,
            placeholder="What you did, what the printer did, what its panel says",
        )
        below["details"] = st.container()
        photo_picker(context.app, _FORM)
        name, contact = _contact(context.viewer, below)
        with st.container(key="trap"):
            trap = st.text_input("Leave this empty", key="website", autocomplete="off")
        sent = st.form_submit_button("Send report", type="primary")
    if sent:
        draft = draft_of(context.app, _FORM)
        report = ProblemReport(view.printer_id, category or "", details, name, contact, trap, draft)
        _try(
            lambda address: file_report(context.actor(), context.settings, report, address=address),
            below,
        )


def _contact(viewer: Viewer, below: dict[str, DeltaGenerator]) -> tuple[str, str]:
    """Return the contact of the reporter, known of those who are signed in; adds where it is refused."""
    if viewer.is_anonymous:
        left, right = st.columns(2)
        name = left.text_input("Your name", key="name", max_chars=LONGEST_NAME, autocomplete="name")
        contact = right.text_input(
            "Your mail address", key="contact", max_chars=LONGEST_CONTACT, autocomplete="email"
        )
        below |= {"name": left.container(), "contact": right.container()}
        st.caption("Both are required. Only the people who manage the printers see them.")
        return name, contact
    label = "How to reach you with a question"
    contact = st.text_input(label, value=viewer.email, key="contact", max_chars=LONGEST_CONTACT)
    below["contact"] = st.container()
    return viewer.full_name, contact


def _try(send: Sending, below: Mapping[str, DeltaGenerator] = _NO_FIELDS) -> None:
    """Send it; why it is refused is said below its field, where it has one."""
    try:
        filed = send(throttle_address())
    except UserError as error:
        where = below.get(error.field) if isinstance(error, RefusedReport) else None
        (where or st).error(in_markdown(error), icon=":material/error:")
    else:
        forget_draft(_FORM)
        # In the address: whoever loads the page anew, or keeps it open, has it still.
        st.query_params.from_dict({"filed": filed.token})
        st.rerun()


def _thanks(app_context: AppContext, token: str) -> None:
    follower = follower_of_token(app_context.settings.web.link_keys(), token)
    if follower is None:
        nothing(
            "This link leads to no report.", "It may be incomplete.", link=("Report a problem", "/report")
        )
        return
    link = f"/follow?token={quote(token, safe='')}"
    st.html(headline_box("ok", f"Thank you. This is report number {follower.issue_id}."))
    st.html(render("report/thanks", path=link, number=follower.issue_id))

"""The page Audit: changes and sign-ins, with their filters in the address."""

from datetime import timedelta
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.domain.spreadsheets import to_csv
from core.domain.units import counted
from core.runtime.wall_clock import utc_now
from core.storage.audit import Details
from core.storage.database import reading
from dashboard.app_context import AppContext
from dashboard.features.audit.queries import AuditFilter, AuditLine, actors, audit_lines, count_audit
from dashboard.page_context import PageContext
from dashboard.ui.downloads import csv_button
from dashboard.ui.empty import nothing
from dashboard.ui.paging import sheet_number
from dashboard.ui.query_choice import choice
from dashboard.ui.search import search_field
from dashboard.ui.table import Column, Row, asked_order, html_table
from dashboard.ui.text import clean

_PER_SHEET: Final = 50
_MOST_EXPORTED: Final = 100_000
_KINDS: Final = {
    "": "Everything",
    "user": "Users",
    "session": "Sessions",
    "sign_in": "Sign-ins",
    "second_factor": "Two-factor authentication",
    "right": "Access denied",
    "token": "API tokens",
    "wall": "Wall screens",
    "secret_key": "Secret key",
    "printer": "Printers",
    "sweep": "Searches for printers",
    "attention": "Attention",
    "round": "Round",
    "announcement": "Announcements",
    "place": "Places",
    "reports": "Paused reports",
    "purchase": "Purchase list",
    "stock": "Stock",
    "part": "Parts",
    "store_room": "Store rooms",
    "supply_event": "Cartridges",
    "page_price": "Prices of pages",
    "calendar": "Calendar",
    "service": "Services",
    "mail": "Mails",
    "setting": "Settings",
    "summary": "Summary mails",
}
_DAYS: Final = {"30": "Last 30 days", "1": "Last day", "7": "Last 7 days", "365": "Last year", "0": "Ever"}
_WORDS: Final = {
    "printer.out_of_service": "printer taken out of service",
    "printer.in_service": "printer put back in service",
    "printer.device_changed": "another device answers for a printer",
    "printer.reported": "change reported by the printer",
    "place.assignee": "who looks after a place",
    "reports.paused": "reports without an account paused where spam came from",
    "reports.resumed": "reports without an account taken again",
    "printer.muted": "condition of a printer muted",
    "printer.unmuted": "condition of a printer unmuted",
    "supply_event.undone": "replacement of a supply taken back",
    "sweep.begun": "search for printers begun",
    "user.signed_out": "user signed out everywhere",
    "user.password": "user got a new password",
    "sign_in.accepted": "signed in",
    "sign_in.refused": "sign-in refused",
    "sign_in.screen": "wall screen opened",
    "sign_in.locked": "account locked",
    "second_factor.on": "two-factor authentication set up",
    "second_factor.off": "two-factor authentication removed",
    "second_factor.codes": "new recovery codes",
    "second_factor.recovery": "recovery code used",
    "secret_key.rotated": "SECRET_KEY changed, secrets of two-factor authentication encrypted anew",
    "token.suspended": "API token refused: its maker is deactivated",
    "token.resumed": "API token accepted again",
    "token.limited": "API token has the rights of its maker's new role",
    "wall.left_open": "wall screen stays on, its maker may make none any more",
    "right.refused": "access denied: role too low",
}


def page(context: PageContext) -> None:
    """Draw the page: the newest first, one page at a time."""
    st.title("Audit", anchor=False)
    wanted = _filter(context.app)
    total = context.read(count_audit, wanted)
    if not total:
        nothing("Nothing was changed.", "No entry matches these filters.")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(counted(total, "entry", "entries"))
        csv_button("audit", lambda: audit_csv(context, wanted))
    offset = _PER_SHEET * (sheet_number(total, _PER_SHEET, "part") - 1)
    order = asked_order(_COLUMNS)
    lines = context.read(audit_lines, wanted, limit=_PER_SHEET, offset=offset, order=order)
    html_table("Audit", _COLUMNS, [_row(line) for line in lines])


def _filter(app_context: AppContext) -> AuditFilter:
    with reading(app_context.engine) as connection:
        known = {"": "Anybody", **{actor: clean(actor) for actor in actors(connection)}}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = search_field("text", "Target")
        actor = choice("by", "Done by", known)
        action = choice("about", "About", _KINDS)
        days = int(choice("days", "When", _DAYS))
    since = utc_now() - timedelta(days=days) if days else None
    return AuditFilter(actor, action, text.strip(), since)


_COLUMNS: Final = (
    Column("When", "at", "at"),
    Column("By", sort="actor"),
    Column("What", sort="action"),
    Column("Target", sort="subject"),
    Column("Details", "long"),
)


def _row(line: AuditLine) -> Row:
    what = _WORDS.get(line.action, line.action.replace(".", " ").replace("_", " "))
    return Row((line.at, line.actor, what, line.subject, told(line.details)))


def told(details: Details) -> str:
    """Describe the details of an entry: `role: technician → manager; active: yes → no`."""
    return clean(
        "; ".join(f"{name.replace('_', ' ')}: {_change(value)}" for name, value in details.items()), 2000
    )


def _change(value: object) -> str:
    match value:
        case [before, after]:
            return f"{_plain(before)} → {_plain(after)}"
        case _:
            return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else str(value)


def audit_csv(context: PageContext, wanted: AuditFilter) -> bytes:
    """Return all entries of a filter for a spreadsheet."""
    context.viewer.require(Permission.SEE_AUDIT)
    lines = context.read(audit_lines, wanted, limit=_MOST_EXPORTED)
    rows = [(line.at, line.actor, line.action, line.subject, told(line.details)) for line in lines]
    return to_csv(("When", "By", "Action", "Target", "Details"), rows)

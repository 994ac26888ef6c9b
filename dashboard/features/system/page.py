"""System: whether the services are there, what waits, what was refused, how mail fares."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.runtime.wall_clock import utc_now
from core.storage.refused_points import KEPT_POINTS, RefusedReason
from dashboard.features.report.pauses import Pause
from dashboard.features.shared.outcomes import press, show_outcome
from dashboard.features.system.actions import dismiss, send_again, take_reports
from dashboard.features.system.parts import failed_mail_html, mail_html, services_html
from dashboard.features.system.queries import RejectedLine, SystemView, system_view
from dashboard.features.system.wording import figures, troubles
from dashboard.page_context import PageContext
from dashboard.ui.empty import note
from dashboard.ui.headline import headline_box
from dashboard.ui.manager_style import manager_style
from dashboard.ui.refreshing import DETAIL_SECONDS
from dashboard.ui.table import Column, Row, sorted_table
from dashboard.ui.templates import render

_AREA: Final = "system"
_SERVICES_AREA: Final = "system-services"
_PAUSES_AREA: Final = "system-pauses"


def page(context: PageContext) -> None:
    """Draw the page."""
    manager_style()
    st.title("System", anchor=False)
    _live(context)


@st.fragment(run_every=DETAIL_SECONDS)
def _live(context: PageContext) -> None:
    """Refreshes itself."""
    now = utc_now()
    system = context.read(system_view, now=now)
    _headline(system, context.app.broker_silent_seconds())
    with st.grid(5, min_column_width=150):
        for label, value, words in figures(system):
            st.metric(label, value, help=words, border=True, height="stretch")
    st.subheader("Services", anchor=False)
    show_outcome(_SERVICES_AREA, context)
    _services(context, system)
    st.subheader("Mail", anchor=False)
    show_outcome(_AREA, context)
    _mail(context, system)
    show_outcome(_PAUSES_AREA, context)
    _pauses(context, system.pauses)
    st.subheader("Refused", anchor=False)
    _refused(system)
    _shared_serials(system)


def _headline(system: SystemView, broker_silent_seconds: float) -> None:
    found = troubles(system, broker_silent_seconds)
    if not system.services:
        st.html(headline_box("stale", "No service has sent a heartbeat yet.", "They start with: printers up"))
    elif found:
        st.html(headline_box("critical", *found))
    else:
        st.html(headline_box("ok", "All services are running."))


def _services(context: PageContext, system: SystemView) -> None:
    for each in system.gone:
        name = f"{each.service}-{each.instance}"
        with st.container(horizontal=True, vertical_alignment="center", key=f"gone-{name}"):
            st.html(services_html([each], system.at))
            st.button(
                "Dismiss",
                key=f"dismiss-{name}",
                icon=":material/visibility_off:",
                help="It was renamed, moved or switched off for good. Its next heartbeat shows it again.",
                on_click=press,
                args=(_SERVICES_AREA, context, dismiss, each.service, each.instance),
            )
    if system.online:
        st.html(services_html(system.online, system.at))
    elif not system.services:
        note("None.")


def _mail(context: PageContext, system: SystemView) -> None:
    st.html(mail_html(system.summary, system.mail, context.settings.zone))
    for mail in system.mail_failed:
        with st.container(horizontal=True, vertical_alignment="center", key=f"flag-mail-{mail.id}"):
            st.html(failed_mail_html(mail))
            st.button(
                "Send again",
                key=f"send-{mail.id}",
                icon=":material/send:",
                on_click=press,
                args=(_AREA, context, send_again, mail.id),
            )


def _pauses(context: PageContext, lines: Sequence[Pause]) -> None:
    if not lines:
        return
    st.subheader("Paused reports", anchor=False)
    st.caption("For a day nobody reports a problem from these addresses without signing in.")
    for address in dict.fromkeys(pause.address for pause in lines):
        own = [pause for pause in lines if pause.address == address]
        with st.container(horizontal=True, vertical_alignment="center", key=f"pause-{address}"):
            st.html(render("system/pause", address=address, until_at=own[0].until_at, pauses=own))
            st.button(
                "Take reports again",
                key=f"take-reports-{address}",
                icon=":material/play_arrow:",
                on_click=press,
                args=(_PAUSES_AREA, context, take_reports, address),
            )


def _refused(system: SystemView) -> None:
    if not system.rejected and not system.refused:
        note("No message and no history point was refused.")
    if system.rejected:
        label = "messages that could not be read"
        with st.expander(f"{system.rejected_count:,} {label}"):
            _refusals(label, system.rejected, "rejected")
    if system.refused:
        label = "points of history that the time series does not take"
        with st.expander(f"{system.refused_count:,} {label}"):
            st.html(render("system/resend", kept=KEPT_POINTS))
            _reasons(system.refused_reasons)
            _refusals(label, system.refused, "refused")


def _shared_serials(system: SystemView) -> None:
    if not system.shared_serials:
        return
    st.subheader("One device under several addresses", anchor=False)
    st.html(render("system/shared_serials", shared=system.shared_serials))


def _reasons(found: Sequence[RefusedReason]) -> None:
    columns = (Column("Points", "number"), Column("Reason", "long"), Column("Last refused", "ago"))
    rows = [Row((each.points, each.reason, each.last_at)) for each in found]
    sorted_table("Why they were refused", columns, rows, key="reasons")


_REFUSALS: Final = (
    Column("At", "at"),
    *(Column("Reason"), Column("What"), Column("Bytes", "number"), Column("Beginning")),
)


def _refusals(name: str, found: Sequence[RejectedLine], key: str) -> None:
    rows = [Row((one.at, one.reason, one.what, one.size_bytes, one.excerpt[:200])) for one in found]
    sorted_table(name, _REFUSALS, rows, key=key)

"""System: whether the services are there, what waits, what was refused, how mail fares."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import pandas as pd
import streamlit as st

from core.storage.database import reading
from core.storage.refused_points import KEPT_POINTS, RefusedReason
from dashboard.app_context import AppContext
from dashboard.features.shared.outcomes import attempt, show_outcome
from dashboard.features.system.actions import dismiss, send_again
from dashboard.features.system.parts import mail_html, service_html, summary_html
from dashboard.features.system.queries import RejectedLine, ServiceLine, SystemView, system_view
from dashboard.features.system.wording import figures, troubles
from dashboard.ui.badges import headline_box
from dashboard.ui.issue_parts import dotted, printer_link
from dashboard.ui.manager_style import manager_style
from dashboard.ui.text import clean, in_html
from dashboard.viewer import Rank, Viewer

_AREA: Final = "system"
_SERVICES_AREA: Final = "system-services"
_REFRESH_SECONDS: Final = 10


def page(viewer: Viewer, app_context: AppContext) -> None:
    """The page."""
    viewer.require(Rank.MANAGER)
    manager_style()
    st.title("System", anchor=False)
    _live(viewer, app_context)


@st.fragment(run_every=_REFRESH_SECONDS)
def _live(viewer: Viewer, app_context: AppContext) -> None:
    """Refreshes itself."""
    now = datetime.now(UTC)
    with reading(app_context.engine) as connection:
        system = system_view(connection, now=now)
    _headline(system)
    with st.grid(5, min_column_width=150):
        for label, value, words in figures(system):
            st.metric(label, value, help=words, border=True)
    st.subheader("Services", anchor=False)
    show_outcome(_SERVICES_AREA, viewer, app_context)
    _services(viewer, app_context, system.services, now)
    st.subheader("Mail", anchor=False)
    show_outcome(_AREA, viewer, app_context)
    _mail(viewer, app_context, system, now)
    st.subheader("Refused", anchor=False)
    _refused(system)
    _shared_serials(system)


def _headline(system: SystemView) -> None:
    found = troubles(system)
    if not system.services:
        st.html(headline_box("stale", "No service has been heard of yet.", "They start with: printers up"))
    elif found:
        st.html(headline_box("critical", *found))
    else:
        st.html(headline_box("ok", "Everything runs."))


def _services(viewer: Viewer, app_context: AppContext, lines: Sequence[ServiceLine], now: datetime) -> None:
    ordered = sorted(lines, key=lambda each: (each.service, each.instance))
    for line in ordered:
        if line.status == "online":
            continue
        with st.container(
            horizontal=True, vertical_alignment="center", key=f"gone-{line.service}-{line.instance}"
        ):
            st.html(f'<ul class="rows">{service_html(line, now)}</ul>')
            st.button(
                "Dismiss",
                key=f"dismiss-{line.service}-{line.instance}",
                icon=":material/visibility_off:",
                help="It was renamed, moved or switched off for good. It is shown again once it is heard of.",
                on_click=_dismiss,
                args=(viewer, app_context, line.service, line.instance),
            )
    items = "".join(service_html(line, now) for line in ordered if line.status == "online")
    if items or not lines:
        st.html(f'<ul class="rows">{items}</ul>' if items else '<p class="quiet">None.</p>')


def _dismiss(viewer: Viewer, app_context: AppContext, service: str, instance: str) -> None:
    attempt(
        _SERVICES_AREA, lambda: dismiss(app_context.engine, viewer, service, instance, now=datetime.now(UTC))
    )


def _mail(viewer: Viewer, app_context: AppContext, system: SystemView, now: datetime) -> None:
    counts = (f"{number:,} {in_html(status)}" for status, number in sorted(system.mail.items()))
    messages = f'<span class="quiet">Messages: {dotted(*counts) or "none yet"}</span>'
    st.html(f"<p>{summary_html(system.summary, now)}<br>{messages}</p>")
    for mail in system.mail_failed:
        with st.container(horizontal=True, vertical_alignment="center", key=f"flag-mail-{mail.id}"):
            st.html(mail_html(mail, now))
            st.button(
                "Send again",
                key=f"send-{mail.id}",
                icon=":material/send:",
                on_click=_send_again,
                args=(viewer, app_context, mail.id),
            )


def _send_again(viewer: Viewer, app_context: AppContext, mail_id: int) -> None:
    attempt(_AREA, lambda: send_again(app_context.engine, viewer, mail_id, now=datetime.now(UTC)))


def _refused(system: SystemView) -> None:
    if not system.rejected and not system.refused:
        st.html('<p class="quiet">Every message and every point of history could be used.</p>')
    if system.rejected:
        label = "messages that nobody could read"
        with st.expander(f"{system.rejected_count:,} {label}"):
            st.dataframe(_refusals(system.rejected), hide_index=True, alt=label)
    if system.refused:
        label = "points of history that the time series does not take"
        with st.expander(f"{system.refused_count:,} {label}"):
            st.html(
                f'<p class="quiet">The newest {KEPT_POINTS:,} are kept. After the cause was mended, '
                "<code>printers history resend-refused</code> sends them again.</p>"
            )
            st.dataframe(_reasons(system.refused_reasons), hide_index=True, alt="Why they were refused")
            st.dataframe(_refusals(system.refused), hide_index=True, alt=label)


def _shared_serials(system: SystemView) -> None:
    if not system.shared_serials:
        return
    st.subheader("One device under several addresses", anchor=False)
    items = "".join(
        f"<li>Serial number {in_html(each.serial)}: "
        + ", ".join(printer_link(printer_id, name) for printer_id, name in each.printers)
        + "</li>"
        for each in system.shared_serials
    )
    st.html(
        '<p class="quiet">These printers report one serial number: is one of them twice in the inventory?</p>'
        f'<ul class="rows">{items}</ul>'
    )


def _reasons(found: Sequence[RefusedReason]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Points": [each.points for each in found],
            "Reason": [clean(each.reason) for each in found],
            "Last refused": [each.last_at for each in found],
        }
    )


def _refusals(found: Sequence[RejectedLine]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "At": [each.at for each in found],
            "Reason": [clean(each.reason) for each in found],
            "What": [clean(each.what) for each in found],
            "Bytes": [each.size_bytes for each in found],
            "Beginning": [clean(each.excerpt, 200) for each in found],
        }
    )

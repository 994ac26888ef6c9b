"""Mails as they are shown in a frame of the page: kept a moment for it, and without anybody's secrets."""

import re
from typing import Final

import streamlit as st

from core.domain.logos import LOGO_CID
from core.mails.recipients import Recipient
from core.runtime.wall_clock import utc_now
from dashboard.app_context import BY_DATABASE, AppContext, HashFuncs
from dashboard.features.summary.queries import NextSummary, next_summary
from dashboard.viewer import Viewer
from dashboard.web.gate.headers import MAILS

SENT_PATH: Final = f"{MAILS}sent"
NEXT_PATH: Final = f"{MAILS}next"
_KEPT_SECONDS: Final = 10
_BY_READER: Final[HashFuncs] = BY_DATABASE | {
    Viewer: lambda viewer: (viewer.email, viewer.name, viewer.full_name)
}
_UNSUBSCRIBE: Final = re.compile(r"/unsubscribe\?token=[\w.=-]+")


@st.cache_resource(ttl=_KEPT_SECONDS, max_entries=32, show_spinner=False, hash_funcs=_BY_READER)
def preview(app_context: AppContext, viewer: Viewer) -> NextSummary:
    """Return the next summary for a viewer, a few seconds old at most: the page and its frame ask for it."""
    reader = Recipient(viewer.email, viewer.name, viewer.full_name)
    return next_summary(app_context.engine, app_context.settings, reader, utc_now())


def without_tokens(body: str) -> str:
    """Return a body in which the links that end somebody's mails lead to one's own account."""
    return _UNSUBSCRIBE.sub("/account", body)


def in_frame(html: str) -> str:
    """Return the HTML of a mail as a frame shows it: with the logo that is sent along."""
    return without_tokens(html).replace(f"cid:{LOGO_CID}", "/logo")

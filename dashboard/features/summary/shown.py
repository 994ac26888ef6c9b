"""Mails as they are shown in a frame of the page: kept a moment for it, and without anybody's secrets."""

import re
from datetime import UTC, datetime
from typing import Final

import streamlit as st
from sqlalchemy import Engine

from core.domain.logos import LOGO_CID
from core.mails.recipients import Recipient
from dashboard.app_context import AppContext
from dashboard.features.summary.queries import NextSummary, next_summary
from dashboard.settings import DashboardAppSettings
from dashboard.viewer import Viewer
from dashboard.web.gate.headers import MAILS

SENT_PATH: Final = f"{MAILS}sent"
NEXT_PATH: Final = f"{MAILS}next"
_KEPT_SECONDS: Final = 10
_UNSUBSCRIBE: Final = re.compile(r"/unsubscribe\?token=[\w.=-]+")


def preview(app_context: AppContext, viewer: Viewer) -> NextSummary:
    """Return the next summary for a viewer, a few seconds old at most: the page and its frame ask for it."""
    whose = viewer.email, viewer.name, viewer.full_name
    return _preview(str(app_context.engine.url), whose, app_context.engine, app_context.settings)


def without_tokens(body: str) -> str:
    """Return a body in which the links that end somebody's mails lead to one's own account."""
    return _UNSUBSCRIBE.sub("/account", body)


def in_frame(html: str) -> str:
    """Return the HTML of a mail as a frame shows it: with the logo that is sent along."""
    return without_tokens(html).replace(f"cid:{LOGO_CID}", "/logo")


@st.cache_resource(ttl=_KEPT_SECONDS, max_entries=32, show_spinner=False)
def _preview(
    url: str, whose: tuple[str, str, str], _engine: Engine, _settings: DashboardAppSettings
) -> NextSummary:
    return next_summary(_engine, _settings, Recipient(*whose), datetime.now(UTC))

"""List the places where somebody is signed in, each with a button that ends it."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.domain.units import ago
from dashboard.features.shared.outcomes import press
from dashboard.features.users.actions import end_one
from dashboard.features.users.queries import OpenSession
from dashboard.page_context import PageContext
from dashboard.ui.dates import on_day
from dashboard.ui.text import in_markdown

_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera"}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def session_list(
    area: str, context: PageContext, user_id: int, sessions: Sequence[OpenSession], now: datetime
) -> None:
    """Draw the sessions of a user, each with a button that ends it but for the one of this page."""
    for session in sessions:
        here = session.token_hash == context.viewer.session
        with st.container(horizontal=True, vertical_alignment="center"):
            seen = "this browser" if here else f"last used {ago(session.seen_at, now)}"
            parts = (session.address or "unknown address", seen, f"since {on_day(session.created_at)}")
            name = in_markdown(browser(session.agent))
            st.markdown(f"**{name}** · {' · '.join(map(in_markdown, parts))}", width="stretch")
            if not here:
                st.button(
                    "End",
                    key=f"{area}-end-{session.token_hash[:16]}",
                    help="Sign out",
                    on_click=press,
                    args=(area, context, end_one, user_id, session.token_hash),
                )


def browser(agent: str) -> str:
    """Name the browser and its system: `Firefox on Windows`."""
    name = next((name for name in _BROWSERS if f"{name}/" in agent), "")
    system = next((word for sign, word in _SYSTEMS.items() if sign in agent), "")
    return " on ".join(part for part in (_NAMES.get(name, name) or "A browser", system) if part)

"""Users: who can sign in, as what, and where they are signed in now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import pandas as pd
import streamlit as st

from dashboard.queries.people import Account, accounts
from dashboard.text import clean
from dashboard.viewer import Rank, Viewer
from dashboard.widgets.address import choice
from dashboard.widgets.outcomes import show_outcome
from dashboard.widgets.shown_once import show_secret
from dashboard.widgets.user_editor import AREA, new_user, user_editor
from dashboard.wiring import Wiring
from fleet.database import reading

_ROLES: Final = {"technician": "Technician", "manager": "Manager", "admin": "Admin"}


def page(viewer: Viewer, wiring: Wiring) -> None:
    """The list; what is done to the one that is chosen stands below it."""
    viewer.require(Rank.ADMIN)
    now = datetime.now(UTC)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("Users", anchor=False)
        new_user(viewer, wiring)
    show_outcome(AREA, viewer, wiring)
    show_secret(AREA)
    with reading(wiring.engine) as connection:
        everybody = accounts(connection, wiring.settings.dashboard, now)
    _table(everybody)
    chosen = _choose(everybody)
    if chosen is not None:
        user_editor(viewer, wiring, chosen, everybody)


def _table(everybody: Sequence[Account]) -> None:
    st.dataframe(
        _frame(everybody),
        hide_index=True,
        alt="Users",
        column_config={
            "Name": st.column_config.TextColumn(pinned=True),
            "Last signed in": st.column_config.DatetimeColumn(format="distance"),
            "Daily summary": st.column_config.CheckboxColumn(),
            "Sessions": st.column_config.NumberColumn(help="In how many browsers they are signed in now."),
        },
    )


def _choose(everybody: Sequence[Account]) -> Account | None:
    by_name = {one.seen["name"]: one for one in everybody}
    labels = {name: clean(f"{one.seen['full_name']} ({name})") for name, one in by_name.items()}
    return by_name.get(choice("user", "Change a person", {"": "Choose somebody", **labels}))


def _frame(everybody: Sequence[Account]) -> pd.DataFrame:
    rows = [one.seen for one in everybody]
    return pd.DataFrame(
        {
            "Name": [clean(row["name"]) for row in rows],
            "Full name": [clean(row["full_name"]) for row in rows],
            "Role": [_ROLES.get(row["role"], row["role"]) for row in rows],
            "Mail": [clean(row["email"]) for row in rows],
            "Daily summary": [bool(row["receives_summary"]) for row in rows],
            "Account": ["open" if row["active"] else "closed" for row in rows],
            "Signs in by": [_way(row["password_hash"], row["subject"]) for row in rows],
            "Last signed in": pd.Series([row["signed_in_at"] for row in rows], dtype="datetime64[ms, UTC]"),
            "Sessions": [one.sessions for one in everybody],
        }
    )


def _way(password_hash: str, subject: str) -> str:
    ways = [way for way, there in (("password", password_hash), ("single sign-on", subject)) if there]
    return ", ".join(ways) or "nothing yet"

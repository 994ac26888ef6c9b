"""API tokens: what programs use in place of a person's password."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from dashboard.actions import tokens as actions
from dashboard.actions.undoing import Done
from dashboard.queries.people import Token, account, tokens
from dashboard.text import in_markdown, sentences
from dashboard.viewer import Rank, Viewer
from dashboard.widgets.confirmation import confirmation
from dashboard.widgets.outcomes import attempt, show_outcome
from dashboard.widgets.shown_once import keep_secret, show_secret
from dashboard.widgets.states import nothing
from dashboard.wiring import Wiring
from fleet.database import reading
from fleet.people_tables import Role
from fleet.wording import ago

_AREA: Final = "tokens"
_OPENER: Final = "new-token-opener"
_ROLES: Final = {
    Role.TECHNICIAN.value: "Technician: reads printers, files and works issues",
    Role.MANAGER.value: "Manager: the manager's data, too",
    Role.ADMIN.value: "Admin: everything",
}


def page(viewer: Viewer, wiring: Wiring) -> None:
    """The list, and a form for a new one."""
    viewer.require(Rank.ADMIN)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.title("API tokens", anchor=False)
        _new(viewer, wiring)
    st.caption(
        "For programs: `Authorization: Bearer TOKEN` at the JSON routes, with the rights of a role. "
        "[What there is](/api/v1/docs)"
    )
    with reading(wiring.engine) as connection:
        found = tokens(connection)
        own = account(connection, viewer.user_id or 0)
    show_outcome(_AREA, viewer, wiring)
    confirmation(_AREA, viewer, wiring, path="/tokens", second_factor=bool(own and own["second_factor"]))
    show_secret(_AREA)
    if found:
        _list(viewer, wiring, found)
    else:
        nothing(
            "No program has a token yet.", "Make one for each program, so that each can be revoked alone."
        )


def _new(viewer: Viewer, wiring: Wiring) -> None:
    opener = st.popover("Make a token", icon=":material/add:", key=_OPENER, on_change="rerun")
    with opener, st.form("new-token", border=False):
        st.text_input("For which program", key="token-name", max_chars=actions.LONGEST_NAME)
        st.selectbox("Role", list(_ROLES), format_func=_ROLES.__getitem__, key="token-role")
        st.form_submit_button("Make", type="primary", on_click=_make, args=(viewer, wiring))


def _make(viewer: Viewer, wiring: Wiring) -> None:
    name, role = st.session_state["token-name"], Role(st.session_state["token-role"])

    def act() -> Done:
        made = actions.make(wiring.engine, viewer, name, role, now=datetime.now(UTC))
        keep_secret(_AREA, f"The token of {name}.", made.token)
        return made.done

    if attempt(_AREA, act):
        st.session_state["token-name"] = ""
        st.session_state[_OPENER] = False  # it would hide the token


def _list(viewer: Viewer, wiring: Wiring, found: Sequence[Token]) -> None:
    now = datetime.now(UTC)
    for token in found:
        with st.container(horizontal=True, vertical_alignment="center"):
            made = f"made by {token.created_by} {ago(token.created_at, now)}"
            used = f"used {ago(token.used_at, now)}" if token.used_at else "never used"
            parts = sentences(map(in_markdown, (token.role, made, used)))
            if token.revoked_at is not None:
                ended = in_markdown(f"revoked {ago(token.revoked_at, now)}")
                st.markdown(f"~~{in_markdown(token.name)}~~ · {parts} · {ended}", width="stretch")
                continue
            st.markdown(f"**{in_markdown(token.name)}** · {parts}", width="stretch")
            st.button(
                "Revoke",
                key=f"revoke-{token.token_id}",
                icon=":material/block:",
                help="Refuse it from now on; what uses it stops working.",
                on_click=_revoke,
                args=(viewer, wiring, token.token_id),
            )


def _revoke(viewer: Viewer, wiring: Wiring, token_id: int) -> None:
    attempt(_AREA, lambda: actions.revoke(wiring.engine, viewer, token_id, now=datetime.now(UTC)))

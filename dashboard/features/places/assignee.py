"""Who looks after a place: what people report there is theirs from the moment it comes."""

from functools import partial
from typing import Final

import streamlit as st

from core.domain.permissions import Permission
from core.storage.database import reading, writing
from core.storage.place_assignees import place_assignee, place_assignees, set_place_assignee
from dashboard.actor import Actor
from dashboard.features.issues.queries import people
from dashboard.features.places.out_of_service import AREA
from dashboard.features.places.tree import PlaceTree
from dashboard.features.shared.outcomes import perform
from dashboard.page_context import PageContext
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.ui.text import in_markdown
from dashboard.undoing import Done

_KEY: Final = "looks-after"
_NOBODY: Final = "Nobody in particular"


def look_after(by: Actor, location: str, assignee: str, *, seen: str | None = None) -> Done:
    """Have somebody look after a place ("" nobody in particular). Raises Forbidden, UserError, Conflict."""
    by.require(Permission.TRIAGE_ATTENTION)
    with writing(by.engine) as connection:
        before = set_place_assignee(connection, location, assignee, seen, actor=by.name, now=by.now)
        names = people(connection)
    whose = f"are assigned to {who(assignee, names)}" if assignee else "are no longer assigned by this place"
    step = partial(set_place_assignee, location=location, assignee=before, seen=assignee)
    return Done(f"New reports from {location} {whose}", (step,), permission=Permission.TRIAGE_ATTENTION)


def looked_after(context: PageContext, location: str) -> None:
    """Draw who looks after a place, for those who work on issues, and its change for managers."""
    if not context.viewer.may(Permission.WORK_ISSUES):
        return
    with reading(context.engine) as connection:
        found, names = place_assignee(connection, location), people(connection)
    here = found.assignee if found and found.location == location else ""
    if found is None:
        said = "Reports from here are assigned to nobody until somebody takes them."
    else:
        of_outer = "" if here else f", who looks after {in_markdown(found.location)}"
        said = f"Reports from here are assigned to **{in_markdown(who(found.assignee, names))}**{of_outer}."
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(said, width="content")
        if context.viewer.may(Permission.TRIAGE_ATTENTION):
            _change(context, location, here, ["", *names], names)


def empty_places(context: PageContext, tree: PlaceTree) -> None:
    """Draw who looks after places without a printer, for managers: they may have other names now."""
    if not context.viewer.may(Permission.TRIAGE_ATTENTION):
        return
    with reading(context.engine) as connection:
        left = [one for one in place_assignees(connection) if one.location not in tree.places]
        names = people(connection) if left else {}
    if left:
        told = [(one.location, who(one.assignee, names)) for one in left]
        st.html(render("places/empty_places", places=told))


def looked_after_still(context: PageContext, location: str) -> None:
    """Draw who looks after a place that has no printer any more, where somebody does."""
    found = context.read(place_assignee, location)
    if found is not None and found.location == location:
        looked_after(context, location)


def _change(
    context: PageContext, location: str, here: str, choices: list[str], names: dict[str, str]
) -> None:
    with st.popover("Change", icon=":material/assignment_ind:"), st.form(_KEY, border=False):
        st.selectbox(
            "Assign what people report here to",
            choices,
            index=choices.index(here) if here in choices else 0,
            format_func=lambda name: who(name, names) if name else _NOBODY,
            key=f"{_KEY}-{location}",
            help="From the next report on, also from the places within. They are told by mail.",
        )
        st.form_submit_button("Save", type="primary", on_click=_save, args=(context, location, here))


def _save(context: PageContext, location: str, seen: str) -> None:
    name = st.session_state[f"{_KEY}-{location}"] or ""
    perform(AREA, context, look_after, location, name, seen=seen)

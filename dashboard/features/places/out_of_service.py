"""Take all printers of a place out of service together, and put back those that were: a closed building."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

import streamlit as st
from sqlalchemy import Connection

from core.contract.errors import UserError
from core.domain.permissions import Permission
from core.domain.units import counted
from core.runtime.wall_clock import utc_now
from core.storage.database import conflict, writing
from core.storage.out_of_service import (
    OutOfService,
    put_all_back_in_service,
    read_out_of_service,
    take_all_out_of_service,
)
from dashboard.actor import Actor
from dashboard.features.places.tree import rows_in
from dashboard.features.printer.out_of_service import out_of_service_form, until_words
from dashboard.features.shared.cached import forget_states, the_fleet
from dashboard.features.shared.outcomes import perform_and_close, press
from dashboard.page_context import PageContext
from dashboard.ui.text import in_markdown
from dashboard.undoing import Done

AREA: Final = "place"
_PERMISSION: Final = Permission.WORK_ISSUES


@dataclass(frozen=True)
class TakenOut:
    """Printers that were taken out together: for one reason, until one time."""

    out: OutOfService
    printer_ids: tuple[str, ...]


def take_place_out(by: Actor, printer_ids: Sequence[str], why: str, until: datetime | None) -> Done:
    """Take printers out of service together; those that are out already keep why and until when.

    Raises Forbidden, and UserError for what cannot be; then all stay as they were.
    """
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        known = read_out_of_service(connection, by.now, printer_ids)
        ids = tuple(sorted({*printer_ids} - known.keys()))
        if not ids:
            raise UserError("All printers here are out of service already.")
        out = take_all_out_of_service(connection, ids, until=until, why=why, actor=by.name, now=by.now)
    forget_states()
    said = f"{counted(len(ids), 'printer is', 'printers are')} out of service"
    return Done(said, (partial(_put_back, taken=TakenOut(out, ids)),), permission=_PERMISSION)


def put_place_back(by: Actor, taken: TakenOut) -> Done:
    """Put printers back in service that were taken out together; not those whose reason has changed since.

    Raises Forbidden, and UserError where none is left.
    """
    by.require(_PERMISSION)
    with writing(by.engine) as connection:
        back = put_all_back_in_service(connection, taken.printer_ids, taken.out, actor=by.name, now=by.now)
    if not back:
        raise UserError("They are back already, or out of service for another reason now.")
    forget_states()
    said = f"{counted(len(back), 'printer is', 'printers are')} back in service"
    return Done(
        said,
        (partial(_take_out_again, taken=replace(taken, printer_ids=tuple(back))),),
        permission=_PERMISSION,
    )


def _put_back(connection: Connection, taken: TakenOut, *, actor: str, now: datetime) -> None:
    back = put_all_back_in_service(connection, taken.printer_ids, taken.out, actor=actor, now=now)
    if len(back) < len(taken.printer_ids):
        raise conflict("what is out of service here")


def _take_out_again(connection: Connection, taken: TakenOut, *, actor: str, now: datetime) -> None:
    ids, was = taken.printer_ids, taken.out
    if read_out_of_service(connection, now, ids):
        raise conflict("what is out of service here")
    take_all_out_of_service(connection, ids, until=was.until_at, why=was.note, actor=actor, now=now)


def taken_out_together(found: Mapping[str, OutOfService]) -> list[TakenOut]:
    """Return printers out of service by reason and end, where these are those of several."""
    groups: dict[tuple[str, datetime | None], list[str]] = defaultdict(list)
    for printer_id in sorted(found):
        groups[found[printer_id].note, found[printer_id].until_at].append(printer_id)
    return [TakenOut(found[ids[0]], tuple(ids)) for ids in groups.values() if len(ids) > 1]


def take_out_button(context: PageContext, location: str) -> None:
    """Draw the button that takes all printers of a place out of service, for who may."""
    if context.viewer.may(_PERMISSION) and st.button(
        "Take out of service",
        key="place-out-of-service",
        icon=":material/do_not_disturb_on:",
        help="All printers here, for a closed building or works: they are still read, and nobody is told of "
        "their faults.",
    ):
        _dialog(context, location)


@st.dialog("Take out of service")
def _dialog(context: PageContext, location: str) -> None:
    ids = [row.printer_id for row in rows_in(the_fleet(context.app), location)]
    st.markdown(f"**{in_markdown(location)}**: {counted(len(ids), 'printer')}")
    asked = out_of_service_form(context, "The building is closed for the holidays")
    if asked is not None:
        why, until = asked
        perform_and_close(AREA, context, take_place_out, ids, why, until)


def taken_out_lines(context: PageContext, location: str) -> None:
    """Draw which printers of a place are out of service together, with the buttons that put them back."""
    if not context.viewer.may(_PERMISSION):
        return
    ids = [row.printer_id for row in rows_in(the_fleet(context.app), location) if row.health == "out"]
    if not ids:
        return
    found = context.read(read_out_of_service, utc_now(), ids)
    for number, taken in enumerate(taken_out_together(found)):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            count = counted(len(taken.printer_ids), "printer is", "printers are")
            why = in_markdown(taken.out.note)
            st.markdown(f"{count} out of service {until_words(taken.out)}: {why}", width="content")
            st.button(
                "Put back in service",
                key=f"place-in-service-{number}",
                icon=":material/play_circle:",
                on_click=press,
                args=(AREA, context, put_place_back, taken),
            )

"""Spam: reports of somebody without an account that are none are put away, and their sender may be paused.

What that means is kept where each of it is done: no mail about them leaves (notifier/outbox/delivery.py), no
report counts them, their photos are not shown, and go after a day (dashboard/features/photos/store.py).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

import streamlit as st
from sqlalchemy import Connection

from core.contract.errors import Conflict
from core.domain.permissions import Permission
from core.domain.units import counted
from core.runtime.wall_clock import utc_now
from core.storage.core_tables import EVENTS, ISSUES
from core.storage.database import count_rows, writing
from core.storage.issues import IssueRow, change_issue, hold_issues
from core.storage.tables import IssueStatus
from dashboard.actor import Actor
from dashboard.features.issues.actions import IssueStep, left_alone
from dashboard.features.report.pauses import begin_pause, end_pause, pause_sender, pauses, reports_from
from dashboard.features.shared.outcomes import press
from dashboard.page_context import PageContext
from dashboard.throttle import FORGOTTEN_AFTER
from dashboard.undoing import Done, UndoStep, together

_HELP: Final = "It is no report: no mail about it is sent, and no report counts it"
_PAUSE_HELP: Final = (
    "The same, and for a day its network reports nothing more without an account. "
    "Behind one address there may be many people."
)


def mark(by: Actor, seen: Sequence[IssueRow], *, pause: bool = False) -> Done:
    """Put issues away as spam, and `pause` their senders.

    What cannot be, and what somebody has changed since, is left alone and named.
    """
    by.require(Permission.WORK_ISSUES)
    outcomes = [_mark_one(by, row, pause=pause) for row in seen]
    paused = any(len(each.steps) > 1 for each in outcomes)
    return _together(outcomes, "are spam, and their senders are paused" if paused else "are spam")


def take_back(by: Actor, seen: Sequence[IssueRow]) -> Done:
    """Open issues again that are no spam, and end the pauses of their senders."""
    by.require(Permission.WORK_ISSUES)
    spam = [row for row in seen if row.status == IssueStatus.SPAM]
    return _together([_take_back_one(by, row) for row in spam], "are open again")


def _mark_one(by: Actor, seen: IssueRow, *, pause: bool) -> Done:
    try:
        with writing(by.engine) as connection:
            hold_issues(connection, seen.id)  # nothing may be merged into it meanwhile
            if refusal := _refusal(connection, seen):
                return Done("", refused=(refusal,))
            spam = {"status": IssueStatus.SPAM.value}
            after = change_issue(connection, seen, spam, actor=by.name, now=by.now)
            paused = pause_sender(connection, seen.id, actor=by.name, now=by.now) if pause else None
            others = _others_from(connection, paused.address, by.now) if paused else 0
    except Conflict:
        return left_alone(seen.id)
    said, step = f"Issue {seen.id} is spam", IssueStep(seen, after)
    if paused is not None:
        said += ", and reports from its network are paused for a day"
        if others:
            said += f" ({counted(others, 'other report')} of the last day came from there)"
        return Done(said, (step, partial(end_pause, pause=paused)), permission=Permission.WORK_ISSUES)
    unknown = f"Where issue {seen.id} came from is not known any more: its sender is not paused."
    return Done(said, (step,), (unknown,) if pause else (), Permission.WORK_ISSUES)


def _others_from(connection: Connection, address: str, now: datetime) -> int:
    """Return how many reports that are no spam came from an address: of a flood, or of honest neighbors."""
    sent = ISSUES.c.id.in_(reports_from(connection, address, now))
    return count_rows(connection, ISSUES, sent, ISSUES.c.status != IssueStatus.SPAM)


def _refusal(connection: Connection, seen: IssueRow) -> str:
    """Return why an issue cannot be spam; "" where it can."""
    by_nobody = EVENTS.c.issue_id == seen.id, EVENTS.c.change == "opened", EVENTS.c.actor == ""
    if not count_rows(connection, EVENTS, *by_nobody):
        return f"Issue {seen.id} was not reported without an account: close it instead."
    if seen.status == IssueStatus.SPAM:
        return f"Issue {seen.id} is spam already."
    if seen.merged_into is not None:
        return f"Issue {seen.id} is a duplicate of issue {seen.merged_into}, and ended with that."
    if count_rows(connection, ISSUES, ISSUES.c.merged_into == seen.id):
        return f"Other reports were merged into issue {seen.id}: close it instead."
    return ""


def _take_back_one(by: Actor, seen: IssueRow) -> Done:
    try:
        with writing(by.engine) as connection:
            wanted = {"status": IssueStatus.OPEN.value}
            after = change_issue(connection, seen, wanted, actor=by.name, now=by.now)
            own = [pause for pause in pauses(connection, by.now) if pause.issue_id == seen.id]
            for pause in own:
                end_pause(connection, pause, actor=by.name, now=by.now)
    except Conflict:
        return left_alone(seen.id)
    begun_again: list[UndoStep] = [partial(begin_pause, pause=pause) for pause in own]
    steps = (IssueStep(seen, after), *begun_again)
    return Done(f"Issue {seen.id} is open again", steps, permission=Permission.WORK_ISSUES)


def _together(outcomes: Sequence[Done], what: str) -> Done:
    changed = [each.said for each in outcomes if each.steps]
    many = f"{counted(len(changed), 'issue')} {what}" if changed else ""
    return together(outcomes, changed[0] if len(changed) == 1 else many, Permission.WORK_ISSUES)


def spam_buttons(
    area: str, context: PageContext, rows: Sequence[IssueRow], key: str, *, with_pause: bool = True
) -> None:
    """Draw the buttons that put issues away: alone, and with their senders where one may still be known."""
    known_since = utc_now() - FORGOTTEN_AFTER
    can_pause = with_pause and any(row.opened_at > known_since for row in rows)
    for pause in (False, True) if can_pause else (False,):
        st.button(
            "Spam, and pause its sender" if pause else "Spam",
            key=f"{key}-and-pause" if pause else key,
            icon=":material/report:" if with_pause else None,  # a card has no room for it
            type="tertiary",
            help=_PAUSE_HELP if pause else _HELP,
            on_click=press,
            args=(area, context, mark, rows),
            kwargs={"pause": pause},
        )


def not_spam_button(area: str, context: PageContext, rows: Sequence[IssueRow], key: str) -> None:
    """Draw the button that opens issues again which are no spam."""
    st.button(
        "Not spam",
        key=key,
        icon=":material/report_off:",
        type="tertiary",
        help="Open again: mails about it are sent, and its sender is no longer paused",
        on_click=press,
        args=(area, context, take_back, rows),
    )

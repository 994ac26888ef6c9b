"""Edit issues, comment on them, edit many; each in one transaction with its events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection, select

from core.contract.errors import Conflict, UserError
from core.domain.permissions import Permission
from core.domain.text import one_line
from core.domain.units import counted
from core.domain.wording import CATEGORIES, ISSUE_STATUSES, PRIORITIES
from core.storage.core_tables import PRINTERS, USERS
from core.storage.database import writing
from core.storage.issues import (
    VENDOR_FIELDS,
    IssueEdit,
    IssueRow,
    NewIssue,
    change_issue,
    issue_of_version,
    open_issue,
)
from core.storage.issues import comment as add_comment
from core.storage.tables import IssueStatus, Visibility
from dashboard.actor import Actor
from dashboard.features.photos.store import draft_photos, file_photos
from dashboard.undoing import Done, together

LONGEST_TITLE: Final = 200
LONGEST_COMMENT: Final = 10_000
LONGEST_VENDOR: Final = 80
LONGEST_CASE: Final = 40


CHOSEN_STATUSES: Final = {name: words for name, words in ISSUE_STATUSES.items() if name != IssueStatus.SPAM}
"""What people set a status to; what becomes spam, and how, is in dashboard/features/issues/spam.py."""


class RefusedEdit(UserError):
    """An issue cannot be made that; the sentence says why."""


@dataclass(frozen=True)
class Comment:
    """A comment of somebody who works on an issue, and its readers."""

    text: str = ""
    public: bool = False
    """An answer that who reported the issue can read; else a note for those who work on it."""
    draft: str = ""
    """The draft whose photos belong to it."""


NO_COMMENT: Final = Comment()


@dataclass(frozen=True)
class IssueStep:
    """An issue that was edited: what it was, and the row that it became."""

    before: IssueRow
    after: IssueRow

    def __call__(self, connection: Connection, *, actor: str, now: datetime) -> None:
        change_issue(connection, self.after, self.before.editable(), actor=actor, now=now)


def close_again(connection: Connection, issue_id: int, version: int, *, actor: str, now: datetime) -> None:
    """Undo that an issue was opened: it is closed, its number stays taken."""
    row = issue_of_version(connection, issue_id, version)
    change_issue(connection, row, {"status": IssueStatus.CLOSED.value}, actor=actor, now=now)


def open_one(by: Actor, new: NewIssue, assignee: str) -> Done:
    """Open an issue for a technician. Raises RefusedEdit."""
    by.require(Permission.WORK_ISSUES)
    details = new.details.strip()
    if len(details) > LONGEST_COMMENT:
        raise RefusedEdit(f"A description has at most {LONGEST_COMMENT:,} characters.")
    new = replace(new, title=new.title.strip(), details=details, reporter=by.viewer.full_name or by.name)
    with writing(by.engine) as connection:
        watched = select(PRINTERS.c.printer_id).where(
            PRINTERS.c.printer_id == new.printer_id, PRINTERS.c.enabled
        )
        if connection.execute(watched).first() is None:
            raise RefusedEdit("Choose the printer that this is about.")
        _check_values({"priority": new.priority, "category": new.category, "title": new.title})
        issue_id = open_issue(connection, new, actor=by.name, now=by.now)
        seen = issue_of_version(connection, issue_id, 1)
        if assignee:
            check_assignee(connection, assignee)
        after = change_issue(connection, seen, {"assignee": assignee}, actor=by.name, now=by.now)
    step = partial(close_again, issue_id=issue_id, version=after.version)
    return Done(f"Issue {issue_id} is open", (step,), permission=Permission.WORK_ISSUES)


def change(by: Actor, seen: IssueRow, wanted: IssueEdit, *, comment: Comment = NO_COMMENT) -> Done:
    """Edit an issue, and say something about it. Raises Conflict where somebody was faster, RefusedEdit."""
    by.require(Permission.WORK_ISSUES)
    was = seen.editable()  # what was there already may stay
    wanted = {name: value for name, value in wanted.items() if value != was[name]}
    with writing(by.engine) as connection:
        _check(connection, seen, wanted)
        after = change_issue(connection, seen, wanted, actor=by.name, now=by.now)
        _write(connection, by, seen.id, comment)
    steps = () if after is seen else (IssueStep(seen, after),)
    return Done(f"Issue {seen.id} is saved", steps, permission=Permission.WORK_ISSUES)


def comment(by: Actor, issue_id: int, new: Comment) -> Done:
    """Add words to the timeline; never conflicts. Raises RefusedEdit where there are none and no photos."""
    by.require(Permission.WORK_ISSUES)
    with writing(by.engine) as connection:
        if not _write(connection, by, issue_id, new):
            raise RefusedEdit("Write something first: the comment is empty.")
    kind = "answer" if new.public else "note"
    return Done(f"Your {kind} on issue {issue_id} is saved")


def _write(connection: Connection, by: Actor, issue_id: int, new: Comment) -> bool:
    """Add a comment with its photos to the timeline; False where there is neither text nor photo."""
    text = _comment_text(new.text)
    if not (text or (new.draft and draft_photos(connection, new.draft))):
        return False
    visibility = Visibility.PUBLIC if new.public else Visibility.INTERNAL
    event_id = add_comment(connection, issue_id, text, actor=by.name, now=by.now, visibility=visibility)
    if new.draft:
        file_photos(connection, new.draft, event_id)
    return True


def change_many(by: Actor, seen: Sequence[IssueRow], wanted: IssueEdit) -> Done:
    """Change several issues alike: those that somebody has changed since are left alone, and named."""
    by.require(Permission.WORK_ISSUES)
    if not wanted:
        raise RefusedEdit("Choose what to change first.")
    outcomes = [_one_of_many(by, row, wanted) for row in seen]
    done = together(outcomes, "", Permission.WORK_ISSUES)
    changed = [each.said for each in outcomes if each.steps]
    said = changed[0] if len(changed) == 1 else f"{counted(len(changed), 'issue')} are saved"
    return Done(said, done.steps, done.refused, Permission.WORK_ISSUES)


def _one_of_many(by: Actor, seen: IssueRow, wanted: IssueEdit) -> Done:
    try:
        return change(by, seen, wanted)
    except Conflict:
        return left_alone(seen.id)


def left_alone(issue_id: int) -> Done:
    """Return the outcome for an issue, one of many, that somebody was faster to change."""
    refused = f"Issue {issue_id} was changed by somebody else in the meantime and is left alone."
    return Done("", refused=(refused,))


def _check(connection: Connection, seen: IssueRow, wanted: IssueEdit) -> None:
    """Check the changes from a browser, which are not to be trusted."""
    _check_values(wanted)
    if wanted.get("assignee"):
        check_assignee(connection, wanted["assignee"])
    if not wanted.keys().isdisjoint(VENDOR_FIELDS):
        _check_vendor({**seen.editable(), **wanted})


def _check_vendor(values: Mapping[str, str]) -> None:
    """Check the vendor's case that an issue would have."""
    company, number, opened_on, visit_on = (values[name] for name in VENDOR_FIELDS)
    if not company and (number or opened_on or visit_on):
        raise RefusedEdit("Name the vendor that has the case, or leave its number and days out, too.")
    for words, what, longest in (
        (company, "The name of a vendor", LONGEST_VENDOR),
        (number, "A case number", LONGEST_CASE),
    ):
        if len(words) > longest:
            raise RefusedEdit(f"{what} has at most {longest} characters.")
        if words != one_line(words):
            raise RefusedEdit(f"{what} is one line of text without blanks around it.")


def _check_values(new: Mapping[str, str]) -> None:
    for name, allowed in (("status", CHOSEN_STATUSES), ("priority", PRIORITIES), ("category", CATEGORIES)):
        if name in new and new[name] not in allowed:
            raise RefusedEdit(f"{new[name]!r} is no {name} of an issue.")
    if "title" in new and not 0 < len(new["title"].strip()) <= LONGEST_TITLE:
        raise RefusedEdit(f"A title has 1 to {LONGEST_TITLE} characters.")


def check_assignee(connection: Connection, name: str) -> None:
    """Raise RefusedEdit unless the assignee is an active user."""
    active = select(USERS.c.id).where(USERS.c.name == name, USERS.c.active)
    if connection.execute(active).first() is None:
        raise RefusedEdit(f"There is no active account {name!r} to assign this to.")


def _comment_text(text: str) -> str:
    words = text.strip()
    if len(words) > LONGEST_COMMENT:
        raise RefusedEdit(f"A comment has at most {LONGEST_COMMENT:,} characters; this has {len(words):,}.")
    return words

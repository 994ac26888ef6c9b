"""Writing what is taken over, and leaving out what an earlier run has written."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from console.django.import_dump import ImportedDump
from console.django.people import ImportedAccount
from core.storage.audit import COMMAND_LINE
from core.storage.core_tables import EVENTS, ISSUES, USERS
from core.storage.inventory import apply_plan
from core.storage.users import NewUser, add_user

_IMPORTED: Final = "imported"
"""The kind of an issue's event, which no mail is made of; `from` in its details names the object."""
_COMMENTED: Final = "commented"


@dataclass(frozen=True)
class StoredRows:
    """Rows that an earlier run has taken over already."""

    issues: int = 0
    comments: int = 0
    accounts: int = 0
    issue_ids: dict[str, int] = field(default_factory=dict)
    """Their numbers here, by where they are from."""

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.issues or self.comments or self.accounts)


def drop_what_is_here(connection: Connection, taking: ImportedDump) -> StoredRows:
    """Leave out of `taking` the issues, comments and users that are here already; return how many."""
    imported = (
        select(EVENTS.c.issue_id, EVENTS.c.change, EVENTS.c.details, ISSUES.c.printer_id, ISSUES.c.title)
        .join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id)
        .where(EVENTS.c.change.in_((_IMPORTED, _COMMENTED)))
    )
    issues: dict[tuple[str, str, str], int] = {}
    comments: set[tuple[int, str]] = set()
    for row in connection.execute(imported):
        source = str(row.details.get("from") or "")
        if row.change == _IMPORTED:
            issues[source, row.printer_id, row.title] = row.issue_id
        elif source:
            comments.add((row.issue_id, source))
    ids = {
        source: issues[key]
        for values, source in zip(taking.issues, taking.sources, strict=True)
        if (key := (source, values["printer_id"], values["title"])) in issues
    }
    fresh = [
        (values, source)
        for values, source in zip(taking.issues, taking.sources, strict=True)
        if source not in ids
    ]
    fresh_comments = [one for one in taking.comments if (ids.get(one[0], 0), one[2].source) not in comments]
    names = set(connection.execute(select(USERS.c.name)).scalars())
    fresh_accounts = [account for account in taking.accounts if account.name not in names]
    here = StoredRows(
        issues=len(taking.issues) - len(fresh),
        comments=len(taking.comments) - len(fresh_comments),
        accounts=len(taking.accounts) - len(fresh_accounts),
        issue_ids=ids,
    )
    taking.issues, taking.sources = [values for values, _ in fresh], [source for _, source in fresh]
    taking.comments, taking.accounts = fresh_comments, fresh_accounts
    return here


def write(connection: Connection, taking: ImportedDump, here: StoredRows, now: datetime) -> None:
    """Write all of it, without any message about it: what is imported is no news."""
    for account in taking.accounts:
        _add(connection, account, now)
    apply_plan(connection, taking.plan, now, actor=COMMAND_LINE)
    ids = dict(here.issue_ids)
    for values, source in zip(taking.issues, taking.sources, strict=True):
        issue_id = connection.execute(insert(ISSUES).values(**values).returning(ISSUES.c.id)).scalar_one()
        ids[source] = issue_id
        event = {"issue_id": issue_id, "at": now, "actor": COMMAND_LINE, "change": _IMPORTED, "owed": False}
        connection.execute(insert(EVENTS).values(**event, details={"from": source}))
    for issue_source, author, comment in taking.comments:
        connection.execute(
            insert(EVENTS).values(
                issue_id=ids[issue_source],
                at=comment.at or now,
                actor=author,
                change=_COMMENTED,
                details={"text": comment.text, "from": comment.source},
                owed=False,
            )
        )


def _add(connection: Connection, account: ImportedAccount, now: datetime) -> None:
    new = NewUser(
        account.name,
        account.role,
        full_name=account.full_name,
        email=account.email,
        receives_summary=account.receives_summary,
    )
    user_id = add_user(connection, new, actor=COMMAND_LINE, now=now)
    kept = {"created_at": account.created_at or now, "active": account.active}
    connection.execute(update(USERS).where(USERS.c.id == user_id).values(**kept))

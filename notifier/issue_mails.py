"""Mails about one issue: a receipt for who reported it, its end, and word to whom it is given."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, func, or_, select

from core.domain.links import Links
from core.domain.mail_addresses import is_address
from core.domain.wording import CATEGORIES, PRIORITIES, word
from core.storage.core_tables import EVENTS, ISSUES, MAILS, PRINTERS, USERS
from core.storage.database import reading, writing
from core.storage.mail_outbox import NewMail, enqueue, message_id
from core.storage.tables import ENDED, IssueKind
from notifier.clean_text import one_line
from notifier.outbox.cursors import lock, move, position_of
from notifier.render import render
from notifier.settings import NotifierSettings

_CURSOR: Final = "events"
_OVERLAP: Final = timedelta(minutes=10)
"""Rows of several writers become visible out of order: what is younger is looked at again."""
_FIRST_LOOK: Final = timedelta(minutes=30)
"""Older events are none of ours when a notifier works on a database for the first time."""
_MOST_RECEIPTS: Final = 10
"""To one address in a day: a form that anybody may fill in must not fill somebody else's mailbox."""
_PROMISE: Final = " You are told here when it is resolved."
_TOLD: Final = ("opened", "assigned", "resolved")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class IssueMails:
    """Derives mails from issue events by a cursor; deriving one again changes nothing."""

    engine: Engine
    settings: NotifierSettings
    links: Links

    def step(self, now: datetime) -> int:
        """Put what is new into the outbox; how many mails."""
        if not self._anything_new(now):
            return 0
        with writing(self.engine) as connection:
            position = lock(connection, _CURSOR, now=now, first=self._beginning(connection, now))
            rows = self._events(connection, position)
            # One after the other: how many an address gets counts those of this very step, too.
            made = sum(self._enqueue(connection, row, now) for row in rows)
            move(connection, _CURSOR, self._settled(connection, position, now), now=now)
            return made

    def _enqueue(self, connection: Connection, row: Row, now: datetime) -> int:
        mail = self._mail(connection, row, now)
        return enqueue(connection, [mail], domain=self.settings.domain, now=now) if mail else 0

    def _anything_new(self, now: datetime) -> bool:
        """A look that waits for nobody: most of the time there is nothing to do."""
        with reading(self.engine) as connection:
            position = position_of(connection, _CURSOR)
            if position is None:
                return True
            settled = self._settled(connection, position, now)
            return settled > position or any(
                self._mail(connection, row, now) for row in self._events(connection, position)
            )

    @staticmethod
    def _beginning(connection: Connection, now: datetime) -> int:
        before = select(func.max(EVENTS.c.id)).where(EVENTS.c.at < now - _FIRST_LOOK)
        return connection.execute(before).scalar() or 0

    @staticmethod
    def _settled(connection: Connection, position: int, now: datetime) -> int:
        settled = select(func.max(EVENTS.c.id)).where(EVENTS.c.id > position, EVENTS.c.at < now - _OVERLAP)
        return connection.execute(settled).scalar() or position

    @staticmethod
    def _events(connection: Connection, position: int) -> list[Row]:
        query = (
            select(
                ISSUES,
                EVENTS.c.id.label("event_id"),
                EVENTS.c.change,
                EVENTS.c.actor,
                EVENTS.c.details.label("said"),
                PRINTERS.c.name.label("printer_name"),
                PRINTERS.c.location,
            )
            .join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id)
            .outerjoin(PRINTERS, PRINTERS.c.printer_id == ISSUES.c.printer_id)
            .where(EVENTS.c.id > position, EVENTS.c.change.in_(_TOLD))
            .order_by(EVENTS.c.id)
        )
        return [dict(row) for row in connection.execute(query).mappings()]

    def _mail(self, connection: Connection, row: Row, now: datetime) -> NewMail | None:
        """The mail an event is worth, unless it is in the outbox."""
        mail = {"opened": self._receipt, "assigned": self._assigned, "resolved": self._resolved}[
            row["change"]
        ](connection, row)
        if mail is None or connection.execute(select(MAILS.c.id).where(MAILS.c.key == mail.key)).first():
            return None
        if mail.kind == "issue_receipt" and _receipts(connection, mail.recipient, now) >= _MOST_RECEIPTS:
            return None
        return mail

    def _receipt(self, _connection: Connection, row: Row) -> NewMail | None:
        if not (self.settings.issue_mails.mail_issue_receipt and _has_reporter(row)):
            return None
        # Without the reporter's words: whoever fills in the form may have given somebody else's address.
        subject = f"Your report #{row['id']}: {word(CATEGORIES, row['category'])}"
        return self._made(
            row,
            f"issue_receipt:{row['id']}:{row['contact']}",
            subject,
            lead=f"Thank you. Your report has the number {row['id']}.",
            says=f"Somebody will look at it.{_PROMISE if self._tells_end else ''}",
            url=self.links.follow(row["id"]),
            label="Follow it",
        )

    @property
    def _tells_end(self) -> bool:
        return self.settings.issue_mails.mail_issue_resolved

    def _resolved(self, _connection: Connection, row: Row) -> NewMail | None:
        if not (self._tells_end and _has_reporter(row) and row["status"] in ENDED):
            return None
        return self._made(
            row,
            f"issue_resolved:{row['event_id']}:{row['contact']}",
            f"Resolved: #{row['id']} {one_line(row['title'], 80)}",
            lead=f"What you reported (#{row['id']}) is resolved.",
            says="If it is not, say so on its page.",
            url=self.links.follow(row["id"]),
            label="See what was done",
            thread=f"issue_receipt:{row['id']}:{row['contact']}",
        )

    def _assigned(self, connection: Connection, row: Row) -> NewMail | None:
        name = (row["said"] or {}).get("to", "")
        if not (self.settings.issue_mails.mail_issue_assigned and name) or name in (row["actor"], ""):
            return None
        if row["assignee"] != name:  # it has been given to somebody else since
            return None
        address = _address_of(connection, name)
        if address is None:
            return None
        return self._made(
            {**row, "contact": address},
            f"issue_assigned:{row['event_id']}:{address}",
            f"Yours: #{row['id']} {one_line(row['title'], 80)}",
            lead=f"{one_line(row['actor'], 60)} has given issue #{row['id']} to you.",
            says=one_line(row["details"], 600),
            url=self.links.issue(row["id"]),
            label="Open the issue",
        )

    def _made(self, row: Row, key: str, subject: str, *, thread: str = "", **words: str) -> NewMail:
        kind = key.partition(":")[0]
        title = one_line(row["title"]) if kind != "issue_receipt" else word(CATEGORIES, row["category"])
        facts = tuple(_facts(row, with_priority=kind == "issue_assigned"))
        body = render("issue", subject=subject, title=title, facts=facts, home=self.links.home, **words)
        answers = message_id(thread, self.settings.domain) if thread else ""
        return NewMail(
            key=key,
            kind=kind,
            recipient=row["contact"],
            subject=subject,
            body_text=body.text,
            body_html=body.html,
            headers={"In-Reply-To": answers, "References": answers} if answers else {},
        )


def _facts(row: Row, *, with_priority: bool) -> Iterator[tuple[str, str]]:
    yield "Printer", one_line(row["printer_name"], 80) or row["printer_id"]
    if row["location"]:
        yield "Where", one_line(row["location"], 80)
    if with_priority:
        yield "Priority", word(PRIORITIES, row["priority"])
        if row["reporter"]:
            yield "Reported by", one_line(row["reporter"], 80)


def _has_reporter(row: Row) -> bool:
    return row["kind"] == IssueKind.PERSON and is_address(row["contact"].strip())


def _receipts(connection: Connection, address: str, now: datetime) -> int:
    """How many went to an address in the last day."""
    query = select(func.count()).where(
        MAILS.c.kind == "issue_receipt",
        func.lower(MAILS.c.recipient) == address.lower(),
        MAILS.c.created_at > now - timedelta(days=1),
    )
    return connection.execute(query).scalar_one()


def _address_of(connection: Connection, assignee: str) -> str | None:
    """The mail address of an active user, by account or by full name."""
    query = select(USERS.c.email).where(
        USERS.c.active, or_(USERS.c.name == assignee, USERS.c.full_name == assignee), USERS.c.email != ""
    )
    found = connection.execute(query.order_by(USERS.c.name != assignee).limit(1)).scalar()
    return found if found and is_address(found) else None

"""Mails about one issue: receipt, answers and end for its reporter; for whose it is, that and their notes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, func, or_, select

from core.domain.links import Links
from core.domain.mail_addresses import is_address
from core.domain.mail_kinds import MailKind
from core.domain.wording import CATEGORIES, ISSUE_STATUSES, PRIORITIES, word
from core.mails.clean_text import one_line
from core.storage.audit import Details
from core.storage.core_tables import EVENTS, ISSUES, MAILS, PRINTERS, USERS
from core.storage.database import count_rows, reading, writing
from core.storage.full_names import actor_name
from core.storage.issues import ISSUE_COLUMNS, IssueRow, duplicates_of
from core.storage.mail_outbox import NewMail, enqueue, mail_key, mails_about, message_id
from core.storage.tables import ENDED, LIVING, IssueKind, Visibility
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
_PROMISE: Final = " You will get a mail when it is resolved."
_TOLD: Final = ("opened", "assigned", "resolved", "closed", "commented", "reporter_note")
_FOLLOWED: Final = ("resolved", "closed", "commented")
"""What also concerns who reported a duplicate."""
_MOST_NOTES: Final = 10
"""Mails about what reporters add to one issue in a day: whoever has its link may write."""
_FOR_TECHNICIANS: Final = (MailKind.ISSUE_ASSIGNED, MailKind.ISSUE_NOTE)
_IN_THREAD: Final = (MailKind.ISSUE_RESOLVED, MailKind.ISSUE_ANSWER)
"""Mail programs show these below the receipt."""


@dataclass(frozen=True)
class TellableEvent:
    """An event of an issue that somebody may be told of, and where its printer is."""

    issue: IssueRow
    event_id: int
    change: str
    actor: str
    details: Details
    visibility: str
    printer_name: str | None
    """None where it is not in the inventory any more, and so its location."""
    location: str | None


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
            events = self._events(connection, position)
            # One after the other: how many an address gets counts those of this very step, too.
            made = sum(self._enqueue(connection, event, now) for event in events)
            move(connection, _CURSOR, self._settled(connection, position, now), now=now)
            return made

    def _enqueue(self, connection: Connection, event: TellableEvent, now: datetime) -> int:
        made = 0
        # One after the other: who has reported two of them gets one mail.
        for each in self._for_each_reporter(connection, event):
            if mail := self._mail(connection, each, now):
                made += enqueue(connection, [mail], domain=self.settings.domain, now=now)
        return made

    @staticmethod
    def _for_each_reporter(connection: Connection, event: TellableEvent) -> Iterator[TellableEvent]:
        """Yield the event, and the same for the reports that were merged into its issue."""
        yield event
        if event.change in _FOLLOWED:
            for row in duplicates_of(connection, event.issue.id):
                yield replace(event, issue=replace(row, status=event.issue.status))

    def _anything_new(self, now: datetime) -> bool:
        """Return whether there are new events, without waiting for a lock; mostly there are none."""
        with reading(self.engine) as connection:
            position = position_of(connection, _CURSOR)
            if position is None:
                return True
            settled = self._settled(connection, position, now)
            return settled > position or any(
                self._mail(connection, each, now)
                for event in self._events(connection, position)
                for each in self._for_each_reporter(connection, event)
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
    def _events(connection: Connection, position: int) -> list[TellableEvent]:
        query = (
            select(
                *ISSUE_COLUMNS,
                *EVENTS.c["id", "change", "actor", "details", "visibility"],
                *PRINTERS.c["name", "location"],
            )
            .join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id)
            .outerjoin(PRINTERS, PRINTERS.c.printer_id == ISSUES.c.printer_id)
            .where(EVENTS.c.id > position, EVENTS.c.change.in_(_TOLD))
            .order_by(EVENTS.c.id)
        )
        of_issue = len(ISSUE_COLUMNS)
        return [
            TellableEvent(IssueRow(*row[:of_issue]), *row[of_issue:]) for row in connection.execute(query)
        ]

    def _mail(self, connection: Connection, event: TellableEvent, now: datetime) -> NewMail | None:
        """Return the mail for an event, unless it is in the outbox."""
        make = {
            "opened": self._receipt,
            "assigned": self._assigned,
            "resolved": self._ended,
            "closed": self._ended,
            "commented": self._answer,
            "reporter_note": self._note,
        }[event.change]
        mail = make(connection, event)
        if mail is None or connection.execute(select(MAILS.c.id).where(MAILS.c.key == mail.key)).first():
            return None
        too_many = False
        if mail.kind is MailKind.ISSUE_RECEIPT:
            too_many = _receipts(connection, mail.recipient, now) >= _MOST_RECEIPTS
        elif mail.kind is MailKind.ISSUE_NOTE:
            too_many = _notes(connection, event.issue.id, now) >= _MOST_NOTES
        return None if too_many else mail

    def _receipt(self, _connection: Connection, event: TellableEvent) -> NewMail | None:
        if not (self.settings.issue_mails.mail_issue_receipt and _has_reporter(event)):
            return None
        # Without the reporter's words: whoever fills in the form may have given somebody else's address.
        subject = f"Your report #{event.issue.id}: {word(CATEGORIES, event.issue.category)}"
        return self._made(
            event,
            MailKind.ISSUE_RECEIPT,
            subject,
            lead=f"Thank you. Your report has the number {event.issue.id}.",
            says=f"The team will look at it.{_PROMISE if self._tells_end else ''}",
            url=self.links.follow(event.issue.id),
            label="Follow it",
        )

    @property
    def _tells_end(self) -> bool:
        return self.settings.issue_mails.mail_issue_resolved

    def _ended(self, connection: Connection, event: TellableEvent) -> NewMail | None:
        """Tell the reporter that it is resolved, or closed without that: one end is one mail.

        Merging is another event: who reported a duplicate is told of the end of the issue that stays.
        """
        if event.change == "closed" and event.details.get("from") not in LIVING:
            return None
        if not (self._tells_end and _has_reporter(event) and event.issue.status in ENDED):
            return None
        return self._made(
            event,
            MailKind.ISSUE_RESOLVED,
            f"{word(ISSUE_STATUSES, event.change)}: #{event.issue.id} {one_line(event.issue.title, 80)}",
            lead=f"What you reported (#{event.issue.id}) is {event.change}.",
            says=f"{_answer_with_end(connection, event)}If it is not solved, say so on its page.",
            url=self.links.follow(event.issue.id),
            label="See what was done",
        )

    def _answer(self, _connection: Connection, event: TellableEvent) -> NewMail | None:
        """Tell the reporter of a public answer; one that comes with the end is in that mail."""
        public = event.visibility == Visibility.PUBLIC and event.issue.status not in ENDED
        if not (self._tells_end and public and _has_reporter(event)):
            return None
        return self._made(
            event,
            MailKind.ISSUE_ANSWER,
            f"Answer: #{event.issue.id} {one_line(event.issue.title, 80)}",
            lead=f"There is an answer to your report #{event.issue.id}.",
            says=_written(event),
            url=self.links.follow(event.issue.id),
            label="Read it and answer",
        )

    def _note(self, connection: Connection, event: TellableEvent) -> NewMail | None:
        """Tell whose issue it is what a reporter has added; also that it is not solved."""
        name = event.issue.assignee
        address = _address_of(connection, name) if name and name != event.actor else None
        if address is None or not self.settings.issue_mails.mail_issue_assigned:
            return None
        return self._made(
            replace(event, issue=replace(event.issue, contact=address)),
            MailKind.ISSUE_NOTE,
            f"Reporter: #{event.issue.id} {one_line(event.issue.title, 80)}",
            lead=f"Somebody who reported issue #{event.issue.id} has written.",
            says=_written(event),
            url=self.links.issue(event.issue.id),
            label="Open the issue",
        )

    def _assigned(self, connection: Connection, event: TellableEvent) -> NewMail | None:
        name = str(event.details.get("to") or "")
        if not (self.settings.issue_mails.mail_issue_assigned and name) or name == event.actor:
            return None
        if event.issue.assignee != name:  # it has been given to somebody else since
            return None
        address = _address_of(connection, name)
        if address is None:
            return None
        return self._made(
            replace(event, issue=replace(event.issue, contact=address)),
            MailKind.ISSUE_ASSIGNED,
            f"Yours: #{event.issue.id} {one_line(event.issue.title, 80)}",
            lead=_assigned_lead(connection, event),
            says=one_line(event.issue.details, 600),
            url=self.links.issue(event.issue.id),
            label="Open the issue",
        )

    def _made(self, event: TellableEvent, kind: MailKind, subject: str, **words: str) -> NewMail:
        title = (
            word(CATEGORIES, event.issue.category)
            if kind is MailKind.ISSUE_RECEIPT
            else one_line(event.issue.title)
        )
        facts = tuple(_facts(event, for_technician=kind in _FOR_TECHNICIANS))
        body = render(
            "issue",
            letterhead=self.settings.letterhead,
            subject=subject,
            title=title,
            facts=facts,
            home=self.links.home,
            **words,
        )
        receipt = _key(event, MailKind.ISSUE_RECEIPT)
        answers = message_id(receipt, self.settings.domain) if kind in _IN_THREAD else ""
        return NewMail(
            key=_key(event, kind),
            kind=kind,
            recipient=event.issue.contact,
            subject=subject,
            body_text=body.text,
            body_html=body.html,
            headers={"In-Reply-To": answers, "References": answers} if answers else {},
            issue_id=event.issue.id,
        )


def _assigned_lead(connection: Connection, event: TellableEvent) -> str:
    """Return who has given an issue to its assignee, or for which place it is theirs by itself."""
    if place := one_line(str(event.details.get("place") or ""), 80):
        return f"Issue #{event.issue.id} is yours: you look after {place}."
    by = one_line(actor_name(connection, event.actor), 60)
    return f"{by} has given issue #{event.issue.id} to you."


def _key(event: TellableEvent, kind: MailKind) -> str:
    """Return the key of the mail of that kind: an issue has one receipt, and one mail for each event."""
    match kind:
        case MailKind.ISSUE_RECEIPT:
            return mail_key(kind, event.issue.id, event.issue.contact)
        case MailKind.ISSUE_NOTE:  # counted by issue
            return mail_key(kind, event.issue.id, event.event_id, event.issue.contact)
        case _:
            return mail_key(kind, event.event_id, event.issue.contact)


def _written(event: TellableEvent) -> str:
    """Return what somebody wrote with an event; photos alone are in its link."""
    return one_line(str(event.details.get("text") or ""), 600) or "A photo was added."


def _answer_with_end(connection: Connection, event: TellableEvent) -> str:
    """Return the public answer that came with the end of an issue; "" where a mail of its own has told it."""
    of_end = select(EVENTS.c.issue_id, EVENTS.c.at).where(EVENTS.c.id == event.event_id)
    issue_id, at = connection.execute(of_end).one()
    query = select(EVENTS.c.id, EVENTS.c.details).where(
        EVENTS.c.issue_id == issue_id,
        EVENTS.c.change == "commented",
        EVENTS.c.visibility == Visibility.PUBLIC,
        EVENTS.c.at.between(at - _OVERLAP, at + _OVERLAP),
    )
    answer = connection.execute(query.order_by(EVENTS.c.id.desc()).limit(1)).one_or_none()
    if answer is None:
        return ""
    of_answer = mail_key(MailKind.ISSUE_ANSWER, answer.id, event.issue.contact)
    told = select(MAILS.c.id).where(MAILS.c.key == of_answer)
    text = one_line(str(answer.details.get("text") or ""), 600)
    return f"The answer: “{text}” " if text and connection.execute(told).first() is None else ""


def _facts(event: TellableEvent, *, for_technician: bool) -> Iterator[tuple[str, str]]:
    if event.issue.printer_id:
        yield "Printer", one_line(event.printer_name, 80) or event.issue.printer_id
    if event.location:
        yield "Where", one_line(event.location, 80)
    if for_technician:
        yield "Status", word(ISSUE_STATUSES, event.issue.status)
        yield "Priority", word(PRIORITIES, event.issue.priority)
        if event.issue.reporter:
            yield "Reported by", one_line(event.issue.reporter, 80)
        if (case := event.issue.with_vendor) is not None:
            yield "Vendor", one_line(case.for_vendor(), 160)


def _has_reporter(event: TellableEvent) -> bool:
    return event.issue.kind == IssueKind.PERSON and is_address(event.issue.contact.strip())


def _receipts(connection: Connection, address: str, now: datetime) -> int:
    """Return how many receipts went to an address in the last day."""
    return count_rows(
        connection,
        MAILS,
        MAILS.c.kind == MailKind.ISSUE_RECEIPT,
        func.lower(MAILS.c.recipient) == address.lower(),
        MAILS.c.created_at > now - timedelta(days=1),
    )


def _notes(connection: Connection, issue_id: int, now: datetime) -> int:
    """Return how many mails about notes to an issue were made in the last day."""
    of_issue, lately = (
        mails_about(MailKind.ISSUE_NOTE, issue_id),
        MAILS.c.created_at > now - timedelta(days=1),
    )
    return count_rows(connection, MAILS, of_issue, lately)


def _address_of(connection: Connection, assignee: str) -> str | None:
    """Return the mail address of an active user, by account or by full name."""
    query = select(USERS.c.email).where(
        USERS.c.active, or_(USERS.c.name == assignee, USERS.c.full_name == assignee), USERS.c.email != ""
    )
    found = connection.execute(query.order_by(USERS.c.name != assignee).limit(1)).scalar()
    return found if found and is_address(found) else None

"""Notices derived and put into the outbox: decision, record and messages in one transaction."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine

from core.domain.links import Links
from core.domain.mail_kinds import MailKind
from core.mails.readers import mail_readers
from core.storage.calendar_periods import read_quiet_days
from core.storage.database import reading, writing
from core.storage.mail_outbox import NewMail, enqueue, mail_key
from notifier.notices.decide import COOLDOWN, Decision, Notice, Rules, decide
from notifier.notices.rows import read_conditions, read_outages, remember
from notifier.notices.targets import NoticeTarget, escalation_targets, notice_targets, with_readers
from notifier.notices.wording import lead_of, lines_of, subject_of
from notifier.outbox.cursors import lock
from notifier.render import render
from notifier.settings import NotifierSettings

_CURSOR: Final = "notices"


@dataclass
class NoticeComposer:
    """Does nothing where NOTIFY_URLS is unset and nobody has chosen to be told."""

    engine: Engine
    settings: NotifierSettings
    links: Links
    rules: Rules = field(init=False)
    targets: tuple[NoticeTarget, ...] = field(init=False)
    escalation: tuple[NoticeTarget, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.rules = Rules.of(self.settings.notify)
        self.targets = notice_targets(self.settings.notify)
        self.escalation = escalation_targets(self.settings.notify)

    def step(self, now: datetime) -> int:
        """Say what is to be said; how many messages are new in the outbox."""
        if self.rules.is_quiet_hour(now, self.settings.zone):
            return 0
        with reading(self.engine) as connection:  # most of the time there is nothing: that locks nobody out
            if self._is_quiet_day(connection, now):
                return 0
            if not self._targets(connection, self.targets, subscribers=True):
                return 0
            if not self._decide(connection, now):
                return 0
        with writing(self.engine) as connection:
            lock(connection, _CURSOR, now=now)
            decision = self._decide(connection, now)
            remember(connection, decision, now)
            targets = self._targets(connection, self.targets, subscribers=True)
            # Subscribers hear of an escalation where that goes to whom everything goes.
            own = self.escalation != self.targets
            escalation = self._targets(connection, self.escalation, subscribers=not own)
            mails = [
                mail
                for message in decision.messages
                for target in (escalation if message.kind is MailKind.ESCALATION else targets)
                for mail in self._mail(message, target, now)
            ]
            return enqueue(connection, mails, domain=self.settings.domain, now=now)

    def _is_quiet_day(self, connection: Connection, now: datetime) -> bool:
        today = now.astimezone(self.settings.zone).date()
        return today in read_quiet_days(connection, self.settings.notify.notify_quiet_days, today)

    def _decide(self, connection: Connection, now: datetime) -> Decision:
        conditions = read_conditions(connection, now, COOLDOWN)
        return decide(conditions, read_outages(connection, conditions), self.rules, now)

    @staticmethod
    def _targets(
        connection: Connection, targets: tuple[NoticeTarget, ...], *, subscribers: bool
    ) -> tuple[NoticeTarget, ...]:
        """Return targets by what people have chosen at this moment."""
        return with_readers(targets, mail_readers(connection), subscribers=subscribers)

    def _mail(self, whole: Notice, target: NoticeTarget, now: datetime) -> Iterator[NewMail]:
        message = target.of(whole)
        if message is None:
            return
        subject, outage = subject_of(message), message.outage
        minutes = self.settings.notify.notify_escalate_minutes
        words = render(
            "notice",
            letterhead=self.settings.letterhead,
            subject=subject,
            lead=lead_of(message, minutes),
            lines=lines_of(message, now, self.settings.zone, self.links),
            url=self.links.issue(outage.issue_id) if outage else self.links.attention,
            home=self.links.home,
            choose=self.links.account if target.choices is not None else "",
        )
        first = (
            message.conditions[0].attention_id
            if message.conditions
            else f"outage {outage and outage.outage_id}"
        )
        yield NewMail(
            key=mail_key(message.kind, first, now.isoformat(), target.name),
            kind=message.kind,
            recipient=target.name,
            subject=subject,
            body_text=words.text,
            body_html=words.html,
            channel=target.channel,
        )

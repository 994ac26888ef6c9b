"""The outbox drained: each message claimed by one notifier, handed over, and recorded; or tried again."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, or_, select, update

from core.contract.errors import UserError
from core.domain.logos import LOGO_CID, Logo
from core.runtime.wall_clock import ClockWatch, utc_now
from core.storage.account_links import draw_token
from core.storage.core_tables import ISSUES, MAILS
from core.storage.database import count_rows, reading, writing
from core.storage.mail_outbox import TOKEN_PLACE
from core.storage.tables import IssueStatus
from notifier.channels.channel import (
    Channel,
    ChannelUnavailable,
    MessageRefused,
    Outgoing,
    TryLater,
)
from notifier.outbox.journal import Journal

log = logging.getLogger(__name__)

_ROUND: Final = 50
RETRY_FOR: Final = timedelta(hours=48)
"""How long a message that cannot be delivered for now is tried again, ever more rarely."""
_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_AWAY_PAUSES: Final = (timedelta(seconds=30), timedelta(minutes=10))
"""Between looks for a server that is away: the first, and the longest."""

Clock = Callable[[], datetime]


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many failures: a minute, doubled up to an hour."""
    doublings = min(attempts - 1, 10)
    return min(_FIRST_PAUSE * (1 << doublings), _LONGEST_PAUSE)


@dataclass
class _Absence:
    """A channel that is away."""

    until: datetime
    pause: timedelta


@dataclass(frozen=True)
class ClaimedMail:
    """A message that is ours to send until its claim ends."""

    message: Outgoing
    channel: str
    attempts: int
    """This one counts."""
    first_try_at: datetime

    @property
    def what(self) -> str:
        """Its kind and whom it is for, for the log."""
        return f"{self.message.kind} for {self.message.recipient}"


@dataclass
class Delivery:
    """Used by one thread; what it remembers between rounds is only which channels are away."""

    engine: Engine
    channels: Mapping[str, Channel]
    journal: Journal
    instance: str
    retry_for: timedelta = RETRY_FOR
    lease: timedelta = timedelta(minutes=10)
    """A claim older than this is of a notifier that is dead."""
    now: Clock = utc_now
    clock: ClockWatch | None = None
    """Of a service: while it runs, somebody may set the clock."""
    is_stopping: Callable[[], bool] = lambda: False
    logo: Logo | None = None
    """The organization's, for mails that show it."""
    sent: int = 0
    failed: int = 0
    delayed: int = 0
    _away: dict[str, _Absence] = field(default_factory=dict)
    _unsettled: bool = True
    _clock_set_at: datetime | None = None

    def _recover(self) -> None:
        """Settle what we (or our predecessor) were sending when it ended: recorded as sent, or due again."""
        accepted = self.journal.read()
        mine = and_(MAILS.c.status == "sending", MAILS.c.claimed_by == self.instance)
        with writing(self.engine) as connection:
            connection.execute(
                update(MAILS)
                .where(mine, MAILS.c.id.in_(accepted))
                .values(status="sent", sent_at=self.now(), last_error="")
            )
            connection.execute(update(MAILS).where(mine).values(status="due", next_try_at=self.now()))
        self.journal.forget()
        self._unsettled = False

    def step(self, only: frozenset[int] | None = None) -> bool:
        """Send what is due; returns whether more may be due at once. `only`: these messages and no others."""
        if self._unsettled:
            self._recover()
        if self.clock is not None and self.clock.take_shift() is not None:
            self._clock_set_at = self.now()
        due = self._due(only)
        for mail_id, channel in due:
            if not (self.is_stopping() or self._is_away(channel)):
                self._deliver(mail_id)
        for one in self.channels.values():
            one.close()
        return len(due) == _ROUND

    def counts(self) -> dict[str, float]:
        """Return the counters for the heartbeat."""
        with reading(self.engine) as connection:
            waiting = count_rows(connection, MAILS, MAILS.c.status.in_(("due", "sending")))
        counts = {"due": waiting, "sent": self.sent, "failed": self.failed, "delayed": self.delayed}
        return {name: float(count) for name, count in counts.items()}

    def _due(self, only: frozenset[int] | None) -> list[tuple[int, str]]:
        away = [name for name in self.channels if self._is_away(name)]
        query = select(MAILS.c.id, MAILS.c.channel).where(
            self._claimable(), MAILS.c.channel.in_(self.channels), MAILS.c.channel.not_in(away)
        )
        if only is not None:
            query = query.where(MAILS.c.id.in_(only))
        with reading(self.engine) as connection:
            found = connection.execute(query.order_by(MAILS.c.next_try_at, MAILS.c.id).limit(_ROUND))
            return [(row.id, row.channel) for row in found]

    def _claimable(self) -> ColumnElement[bool]:
        now, status, at = self.now(), MAILS.c.status, MAILS.c.next_try_at
        open_ = status.in_(("due", "sending"))  # sending: its claim has ended unfulfilled
        # Due further off than any pause is long: put there before the clock was set back.
        lost = and_(status == "due", at > now + _LONGEST_PAUSE * 2)
        return or_(and_(open_, at <= now), lost)

    def _deliver(self, mail_id: int) -> None:
        mail = self._claim(mail_id)
        if mail is None:
            return  # another notifier has it
        self._unsettled = True
        try:
            self.channels[mail.channel].send(mail.message)
        except MessageRefused as error:
            self._record(mail, "failed", error)
        except TryLater as error:
            self._record_failure(mail, error, pause_after(mail.attempts))
        except ChannelUnavailable as error:
            self._record_failure(mail, error, self._absent(mail.channel, error))
        else:
            self.journal.accepted(mail_id)
            self._record(mail, "sent")
            self.journal.forget()
            if self._away.pop(mail.channel, None):
                log.info("%s: taken again", mail.channel)
        self._unsettled = False

    def _claim(self, mail_id: int) -> ClaimedMail | None:
        now = self.now()
        claim = {
            "status": "sending",
            "claimed_by": self.instance,
            "attempts": MAILS.c.attempts + 1,
            "first_try_at": case((MAILS.c.attempts == 0, now), else_=MAILS.c.first_try_at),
            "next_try_at": now + self.lease,
        }
        statement = update(MAILS).where(MAILS.c.id == mail_id, self._claimable()).values(claim)
        with writing(self.engine) as connection:
            row = connection.execute(statement.returning(*MAILS.c)).one_or_none()
            token = self._token(connection, row) if row is not None else None
            if row is None or token is None or self._is_of_spam(connection, row):
                return None
        message = Outgoing(
            mail_id=row.id,
            kind=row.kind,
            recipient=row.recipient,
            subject=row.subject,
            body_text=row.body_text.replace(TOKEN_PLACE, token) if token else row.body_text,
            body_html=row.body_html.replace(TOKEN_PLACE, token) if token else row.body_html,
            message_id=row.message_id,
            headers=row.headers,
            created_at=row.created_at,
            attachment_name=row.attachment_name,
            attachment=row.attachment,
            logo=self.logo if f"cid:{LOGO_CID}" in row.body_html else None,
        )
        return ClaimedMail(message, row.channel, row.attempts, row.first_try_at)

    def _token(self, connection: Connection, row: Row[Any]) -> str | None:
        """Return the token that a mail with a link for an account carries; "" for every other mail.

        Drawn for each try, and known to the mail alone. None where the link has ended: the mail is cancelled.
        """
        if row.account_link_id is None:
            return ""
        token = draw_token(connection, row.account_link_id, self.now())
        if token is None:
            cancelled = update(MAILS).where(MAILS.c.id == row.id).values(status="cancelled")
            connection.execute(cancelled)
            log.info("%s for %s cancelled: its link has ended", row.kind, row.recipient)
        return token

    @staticmethod
    def _is_of_spam(connection: Connection, row: Row[Any]) -> bool:
        """Return whether the issue that a mail is about is spam by now; then it is cancelled."""
        spam = ISSUES.c.id == row.issue_id, ISSUES.c.status == IssueStatus.SPAM
        if row.issue_id is None or not count_rows(connection, ISSUES, *spam):
            return False
        connection.execute(update(MAILS).where(MAILS.c.id == row.id).values(status="cancelled"))
        log.info("%s for %s cancelled: issue %s is spam", row.kind, row.recipient, row.issue_id)
        return True

    def _record_failure(self, mail: ClaimedMail, error: UserError, pause: timedelta) -> None:
        # By a clock that was set forward a message of a minute ago has been tried for days: it has not.
        began = max(filter(None, (mail.first_try_at, self._clock_set_at)))
        if self.now() + pause > began + self.retry_for:
            self._record(mail, "failed", error)
            return
        self.delayed += 1
        log.warning("%s: %s; trying again", mail.what, str(error).rstrip("."))
        self._write(mail, {"status": "due", "next_try_at": self.now() + pause, "last_error": str(error)})

    def _record(self, mail: ClaimedMail, status: str, error: UserError | None = None) -> None:
        if error is None:
            self.sent += 1
            log.info("%s sent to %s", mail.message.kind, mail.message.recipient)
            self._write(mail, {"status": status, "sent_at": self.now(), "last_error": ""})
            return
        self.failed += 1
        log.error("%s was not delivered: %s", mail.what, error)
        self._write(mail, {"status": status, "last_error": str(error)})

    def _write(self, mail: ClaimedMail, values: Mapping[str, object]) -> None:
        """Record a failure while the claim is ours: once it has ended, the message is another's."""
        mine = and_(MAILS.c.status == "sending", MAILS.c.claimed_by == self.instance)
        where = [MAILS.c.id == mail.message.mail_id, *([] if values["status"] == "sent" else [mine])]
        with writing(self.engine) as connection:
            connection.execute(update(MAILS).where(*where).values(values))

    def _is_away(self, channel: str) -> bool:
        absence = self._away.get(channel)
        return absence is not None and self.now() < absence.until <= self.now() + absence.pause

    def _absent(self, channel: str, error: UserError) -> timedelta:
        before = self._away.get(channel)
        first, longest = _AWAY_PAUSES
        pause = first if before is None else min(before.pause * 2, longest)
        self._away[channel] = _Absence(self.now() + pause, pause)
        return pause

"""Put the weekly order mail into the outbox: once a week by any notifier, late where none ran."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, Engine

from core.domain.links import Links
from core.domain.mail_addresses import address_list
from core.domain.mail_kinds import MailKind
from core.domain.purchase_list import ACTING
from core.domain.purchase_words import purchase_csv
from core.domain.quiet_days import WEEKDAYS
from core.mails.readers import mail_readers
from core.mails.recipients import summary_recipients
from core.mails.windows import latest_weekday
from core.storage.database import reading, writing
from core.storage.full_names import full_names
from core.storage.mail_outbox import NewMail, enqueue, mail_key
from core.storage.purchase_list import purchase_list
from notifier.orders.order_lines import mail_line, subject_of
from notifier.outbox.cursors import lock, move, position_of
from notifier.render import render
from notifier.settings import NotifierSettings

log = logging.getLogger(__name__)

_CURSOR: Final = "orders"


@dataclass(frozen=True)
class OrderMails:
    """Does nothing where ORDER_MAIL_WEEKDAY is empty."""

    engine: Engine
    settings: NotifierSettings
    links: Links

    def step(self, now: datetime) -> int:
        """Write the mails of a week whose day has come; how many."""
        weekday = self.settings.orders.order_mail_weekday
        if not weekday:
            return 0
        at, zone = self.settings.summary.summary_time, self.settings.zone
        day = latest_weekday(now, WEEKDAYS.index(weekday), at, zone)
        number = int(f"{day:%Y%m%d}")
        with reading(self.engine) as connection:
            if (position_of(connection, _CURSOR) or 0) >= number:
                return 0
        with writing(self.engine) as connection:
            known = position_of(connection, _CURSOR)
            if lock(connection, _CURSOR, now=now, first=number) >= number or known is None:
                return 0  # done by another notifier; or switched on just now: the next week is the first
            move(connection, _CURSOR, number, now=now)
            mails = self._mails(connection, day, now)
            return enqueue(connection, mails, domain=self.settings.domain, now=now)

    def _mails(self, connection: Connection, day: date, now: datetime) -> list[NewMail]:
        listed = purchase_list(connection, self.settings.order_filter, now, self.settings.zone)
        asking = [line for line in listed if line.state in ACTING]
        recipients = self._recipients(connection)
        if not asking or not recipients:
            log.warning("no order mail: %s", "nobody is to get it" if asking else "nothing is to be ordered")
            return []
        currency = self.settings.orders.currency
        subject = subject_of(asking)
        names = full_names(connection)
        lines = tuple(mail_line(line, self.links.supplies, currency, names) for line in asking)
        words = render(
            "order",
            letterhead=self.settings.letterhead,
            subject=subject,
            lines=lines,
            url=self.links.supplies,
            days=self.settings.orders.order_mail_days,
        )
        name, octets = f"order-{day.isoformat()}.csv", purchase_csv(asking, currency, names)
        return [
            NewMail(
                key=mail_key(MailKind.ORDER, day.isoformat(), address),
                kind=MailKind.ORDER,
                recipient=address,
                subject=subject,
                body_text=words.text,
                body_html=words.html,
                attachment_name=name,
                attachment=octets,
            )
            for address in recipients
        ]

    def _recipients(self, connection: Connection) -> list[str]:
        own = address_list(self.settings.orders.order_mail_recipient)
        readers = summary_recipients(mail_readers(connection), self.settings.summary)
        return own or [reader.address for reader in readers]

"""The weekly order mail into the outbox: once for a week, whoever runs, and late where nobody ran."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, Engine

from core.domain.links import Links
from core.domain.mail_addresses import address_list
from core.storage.database import reading, writing
from core.storage.fleet_states import read_states
from core.storage.mail_outbox import NewMail, enqueue
from notifier.orders.parts import (
    PartToOrder,
    as_csv,
    grouped,
    needed_parts,
    subject_of,
    where_needed,
)
from notifier.outbox.cursors import lock, move, position_of
from notifier.render import render
from notifier.settings import NotifierSettings
from notifier.summary.queries import forecasts, open_flags, summary_readers
from notifier.summary.recipients import summary_recipients
from notifier.summary.summary import SummaryItem
from notifier.windows import latest_weekday

log = logging.getLogger(__name__)

_CURSOR: Final = "orders"
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


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
        day = latest_weekday(now, _WEEKDAYS.index(weekday), at, zone)
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
        states = {state.printer_id: state for state in read_states(connection, now)}
        soon = forecasts(connection, self.settings.orders.order_mail_days)
        needed = needed_parts(states, open_flags(connection, now), soon)
        recipients = self._recipients(connection)
        if not needed or not recipients:
            log.warning("no order mail: %s", "nobody is to get it" if needed else "nothing is to be ordered")
            return []
        parts = grouped(needed)
        subject = subject_of(parts)
        lines = tuple(self._line(part) for part in parts)
        words = render(
            "order",
            letterhead=self.settings.letterhead,
            subject=subject,
            lines=lines,
            url=self.links.supplies,
            days=self.settings.orders.order_mail_days,
        )
        name, octets = f"order-{day.isoformat()}.csv", as_csv(needed)
        return [
            NewMail(
                key=f"order:{day.isoformat()}:{address}",
                kind="order",
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
        readers = summary_recipients(summary_readers(connection), self.settings.mail, self.settings.summary)
        return own or [reader.address for reader in readers]

    def _line(self, part: PartToOrder) -> SummaryItem:
        return SummaryItem(
            title=f"{len(part.needed)} × {part.part}",
            url=self.links.supplies,
            where=part.model,
            says=where_needed(part),
        )

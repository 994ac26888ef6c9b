"""Printers that are watched no longer: retained topics cleared, snapshot gone, flags and issues closed."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, select, update

from core.contract.topics import ATTENTION, STATE
from core.runtime.mqtt_link import MqttLink
from core.runtime.wall_clock import utc_now
from core.storage.database import reading, writing
from processor.issues.changes import resolve_all
from processor.publish.homeassistant_discovery import HomeAssistantDiscovery
from processor.publish.in_flight import InFlight
from processor.tables import ATTENTION as FLAGS
from processor.tables import DOCUMENTS, PRINTERS, SNAPSHOTS

log = logging.getLogger(__name__)

_AT_ONCE: Final = 200
_EVERY_SECONDS: Final = 2.0


class DecommissionedPrinters:
    """Runs in the thread that publishes states, so that none of them overtakes the clearing of its topic."""

    def __init__(
        self, engine: Engine, link: MqttLink, announcer: HomeAssistantDiscovery | None = None
    ) -> None:
        self._engine = engine
        self._link = link
        self._announcer = announcer
        self._flight: InFlight[str, None] = InFlight(link)
        self._looked_at = float("-inf")

    def step(self) -> None:
        """Forget those whose topics the broker has cleared, clear those that are due."""
        self._flight.renewed()
        if done := sorted(printer_id for printer_id, _ in self._flight.done()):
            with writing(self._engine) as connection:
                _forget(connection, done, utc_now())
        if self._link.connected.is_set() and time.monotonic() - self._looked_at >= _EVERY_SECONDS:
            self._looked_at = time.monotonic()
            self._clear_due()

    def _clear_due(self) -> None:
        with reading(self._engine) as connection:
            statement = select(SNAPSHOTS.c.printer_id).where(~_watched()).limit(_AT_ONCE)
            due = list(connection.execute(statement).scalars())
        for printer_id in due:
            if printer_id not in self._flight:
                self._clear_topics(printer_id)

    def _clear_topics(self, printer_id: str) -> None:
        topics = [topic.name(self._link.prefix, printer_id=printer_id) for topic in (STATE, ATTENTION)]
        if self._announcer:
            topics.append(self._announcer.retired(printer_id))
        acknowledged = self._flight.sent(printer_id, None, messages=len(topics))
        for topic in topics:
            self._link.publish(topic, b"", retain=True, on_puback=acknowledged)


def _forget(connection: Connection, printer_ids: Sequence[str], now: datetime) -> None:
    # Who is watched again since then keeps everything, and is published once more, flags and all.
    own = SNAPSHOTS.c.printer_id.in_(printer_ids)
    locked = select(SNAPSHOTS.c.printer_id).where(own, ~_watched()).order_by(SNAPSHOTS.c.printer_id)
    gone = list(connection.execute(locked.with_for_update()).scalars())
    again = update(SNAPSHOTS).where(own, SNAPSHOTS.c.printer_id.not_in(gone))
    connection.execute(again.values(owed=True, published_revision=0))
    connection.execute(delete(SNAPSHOTS).where(SNAPSHOTS.c.printer_id.in_(gone)))
    connection.execute(delete(DOCUMENTS).where(DOCUMENTS.c.printer_id.in_(gone)))
    still_open = FLAGS.c.printer_id.in_(gone), FLAGS.c.cleared_at.is_(None)
    connection.execute(update(FLAGS).where(*still_open).values(cleared_at=now))
    resolve_all(connection, gone, now)
    for printer_id in gone:
        log.info("%s: no longer watched; its state is cleared", printer_id)


def _watched() -> ColumnElement[bool]:
    return exists().where(PRINTERS.c.printer_id == SNAPSHOTS.c.printer_id, PRINTERS.c.enabled)

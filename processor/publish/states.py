"""Publish retained state and attention until the broker has acknowledged them.

Due is what the database says, so a kill loses nothing; a message may be sent twice and says the same twice.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json, to_json
from sqlalchemy import ColumnElement, Engine, Integer, Select, and_, bindparam, select, update

from core.contract.messages import PrinterAttention
from core.contract.topics import ATTENTION, STATE
from core.runtime.mqtt_link import MqttLink
from core.storage.database import reading, writing
from core.storage.states import state_text
from processor.publish.homeassistant_discovery import HomeAssistantDiscovery
from processor.publish.in_flight import WINDOW, InFlight
from processor.publish.out_of_service import PublishedOutOfService
from processor.tables import DOCUMENTS, PRINTERS, SNAPSHOTS, STATE_OWED

REPUBLISHED_PER_SECOND: Final = 200
_REPUBLISHED_AT_ONCE: Final = 100
_DUE: Final = (
    *(SNAPSHOTS.c[name] for name in ("printer_id", "revision", "published_revision")),
    *(SNAPSHOTS.c[name] for name in ("taken_at", "stale_at", "uptime_ticks", "repeats")),
    *(DOCUMENTS.c.payload, DOCUMENTS.c.memory),
)

# Built once: these run several times a second, and building them costs more than running them.
_WATCHED: Final = (
    select(*_DUE)
    # Printers that are watched no longer are not told about again: see decommissioned.py.
    .join_from(SNAPSHOTS, DOCUMENTS, DOCUMENTS.c.printer_id == SNAPSHOTS.c.printer_id)
    .join(PRINTERS, and_(PRINTERS.c.printer_id == SNAPSHOTS.c.printer_id, PRINTERS.c.enabled))
    .order_by(SNAPSHOTS.c.printer_id)
)
_OWED: Final = _WATCHED.where(STATE_OWED).limit(WINDOW)
_FURTHER: Final = _WATCHED.where(SNAPSHOTS.c.printer_id > bindparam("begin")).limit(
    bindparam("most", type_=Integer)
)
_THESE: Final = _WATCHED.where(SNAPSHOTS.c.printer_id.in_(bindparam("printer_ids", expanding=True)))
_OF_PRINTER: Final = SNAPSHOTS.c.printer_id == bindparam("of_printer")
_SENT: Final[ColumnElement[int]] = bindparam("sent", type_=Integer)
_CLEAR: Final = (
    update(SNAPSHOTS)
    .where(_OF_PRINTER, SNAPSHOTS.c.revision == _SENT, SNAPSHOTS.c.owed)
    .values(owed=False, published_revision=_SENT)
)
_OWE_AGAIN: Final = (
    update(SNAPSHOTS)
    .where(_OF_PRINTER, SNAPSHOTS.c.revision != _SENT, ~SNAPSHOTS.c.owed)
    .values(owed=True, published_revision=0)
)


@dataclass(frozen=True)
class PendingPublication:
    """A snapshot to be published."""

    printer_id: str
    revision: int
    payload: str
    flags_too: bool
    """Attention, too: the flags have changed since what the broker has, or everything is sent again."""


class PendingStates:
    """State and attention of printers: what is due, and on a new connection everything, slowly."""

    def __init__(
        self, engine: Engine, link: MqttLink, announcer: HomeAssistantDiscovery | None = None
    ) -> None:
        self._engine = engine
        self._link = link
        self._announcer = announcer
        self._flight: InFlight[str, int] = InFlight(link)
        self._out_of_service = PublishedOutOfService(engine)
        self._untold: set[str] = set()
        """Printers that were taken out of service, or put back, since they were published."""
        self._all_from: str | None = None
        """Where the round of republishing has come to; None while there is none."""
        self._all_at = 0.0

    def step(self) -> None:
        """Clear what was acknowledged, publish what is due."""
        if self._flight.renewed():
            self._all_from = ""
            self._forget_announced()
        self._clear(sorted(self._flight.done()))
        room = WINDOW - len(self._flight)
        if not self._link.connected.is_set() or room <= 0:
            return
        self._untold |= self._out_of_service.changed()
        due = self._due(_OWED)
        room -= self._publish([one for one in due if one.printer_id not in self._flight][:room])
        if self._untold and room > 0:
            room -= self._publish_untold(room)
        if self._all_from is not None and room > 0:
            self._publish_further(room)

    def _publish_untold(self, room: int) -> int:
        chosen = sorted(self._untold)[:room]
        due = self._due(_THESE, printer_ids=chosen)
        self._untold.difference_update(set(chosen) - {one.printer_id for one in due})  # none was ever read
        return self._publish([one for one in due if one.printer_id not in self._flight])

    def _publish_further(self, room: int) -> None:
        since = time.monotonic() - self._all_at
        allowed = min(room, int(since * REPUBLISHED_PER_SECOND), _REPUBLISHED_AT_ONCE)
        if allowed <= 0:
            return
        self._all_at = time.monotonic()
        further = self._due(_FURTHER, begin=self._all_from, most=allowed)
        self._publish([one for one in further if one.printer_id not in self._flight])
        self._all_from = further[-1].printer_id if further else None

    def _due(self, statement: Select[Any], **parameters: Any) -> list[PendingPublication]:
        everything = statement is _FURTHER
        with reading(self._engine) as connection:
            rows = connection.execute(statement, parameters).all()
        return [
            PendingPublication(
                row.printer_id,
                row.revision,
                self._out_of_service.told(row.printer_id, state_text(row)),
                flags_too=everything
                or row.published_revision < from_json(row.memory).get("flags", row.revision),
            )
            for row in rows
        ]

    def _publish(self, due: Sequence[PendingPublication]) -> int:
        for count, one in enumerate(due):
            messages = self._messages(one)
            acknowledged = self._flight.sent(one.printer_id, one.revision, messages=len(messages))
            for topic, message in messages:
                if not self._link.publish(topic, message, retain=True, on_puback=acknowledged):
                    self._forget_announced()
                    return count
            self._untold.discard(one.printer_id)
        return len(due)

    def _messages(self, one: PendingPublication) -> list[tuple[str, bytes]]:
        prefix, payload = self._link.prefix, one.payload.encode()
        messages = [(STATE.name(prefix, printer_id=one.printer_id), payload)]
        if one.flags_too:
            messages.append((ATTENTION.name(prefix, printer_id=one.printer_id), _attention(one.payload)))
        if self._announcer and (announced := self._announcer.due(one.printer_id, from_json(payload))):
            messages.append(announced)
        return messages

    def _forget_announced(self) -> None:
        if self._announcer:
            self._announcer.forget()

    def _clear(self, acknowledged: Sequence[tuple[str, int]]) -> None:
        if not acknowledged:
            return
        rows = [{"of_printer": printer_id, "sent": revision} for printer_id, revision in acknowledged]
        with writing(self._engine) as connection:
            cleared = connection.execute(_CLEAR, rows)
        if cleared.rowcount == len(rows):
            return
        # Another processor may have published a newer one before ours reached the broker: then ours is the
        # retained one now, and the newer is owed again, with its flags.
        with writing(self._engine) as connection:
            connection.execute(_OWE_AGAIN, rows)


def _attention(payload: str) -> bytes:
    state = from_json(payload)
    return to_json({name: state[name] for name in PrinterAttention.model_fields if name in state})

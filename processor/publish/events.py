"""Publish events of issues and supplies, in their order, until the broker has acknowledged them.

Due is what the database says, so a kill loses nothing; a message may be sent twice and says the same twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json
from sqlalchemy import Engine, Select, Table, bindparam, select, update

from core.contract.messages import IssueChange, Message, SupplyReplaced
from core.contract.topics import ISSUE, OUTAGE_LEVEL, SUPPLY_EVENT, Topic
from core.runtime.mqtt_link import MqttLink
from core.storage.database import reading, writing
from processor.publish.in_flight import WINDOW, InFlight
from processor.tables import EVENT_OWED, EVENTS, ISSUES, SUPPLY_EVENT_OWED, SUPPLY_EVENTS


@dataclass(frozen=True)
class EventKind:
    """One kind of event: where it is stored, and the topic and message by which it is told."""

    topic: Topic
    message: Callable[[Mapping[str, Any]], Message]
    owed: Select[Any]
    table: Table
    known_by: tuple[str, ...] = ("id",)
    """The columns that say whether a row is still as it was published; else it stays owed."""


class PendingEvents:
    """Events of one kind that the broker has not acknowledged."""

    def __init__(self, engine: Engine, link: MqttLink, kind: EventKind) -> None:
        self._engine = engine
        self._link = link
        self._kind = kind
        same = (kind.table.c[name] == bindparam(f"sent_{name}") for name in kind.known_by)
        self._clear = update(kind.table).where(*same).values(owed=False)
        self._flight: InFlight[int, dict[str, int]] = InFlight(link)

    def step(self) -> None:
        """Clear what was acknowledged, publish what is due."""
        self._flight.renewed()
        if done := [sent for _, sent in self._flight.done()]:
            with writing(self._engine) as connection:
                connection.execute(self._clear, done)
        if self._link.connected.is_set() and len(self._flight) < WINDOW:
            self._publish()

    def _publish(self) -> None:
        kind = self._kind
        with reading(self._engine) as connection:
            rows = connection.execute(kind.owed).mappings().all()
        for row in rows:
            if row["id"] in self._flight:
                continue
            topic = kind.topic.name(self._link.prefix, printer_id=row["printer_id"] or OUTAGE_LEVEL)
            message = kind.message({**row, "event_id": row["id"]}).model_dump_json()
            sent = {f"sent_{name}": row[name] for name in kind.known_by}
            acknowledged = self._flight.sent(row["id"], sent)
            if not self._link.publish(topic, message, on_puback=acknowledged):
                return


def _issue_change(row: Mapping[str, Any]) -> IssueChange:
    details = from_json(row["details"])
    return IssueChange.model_validate(
        {**row, "details": details if isinstance(details, dict) else {"text": details}}
    )


# Statements are built once: these run twice a second, and building them costs more than running them.
ISSUE_EVENTS: Final = EventKind(
    ISSUE,
    _issue_change,
    select(EVENTS, *(ISSUES.c[name] for name in ("printer_id", "status", "priority", "title", "parent_id")))
    .join(ISSUES, ISSUES.c.id == EVENTS.c.issue_id)
    .where(EVENT_OWED)
    .order_by(EVENTS.c.id)
    .limit(WINDOW),
    EVENTS,
)
SUPPLY_REPLACEMENTS: Final = EventKind(
    SUPPLY_EVENT,
    SupplyReplaced.model_validate,
    select(SUPPLY_EVENTS).where(SUPPLY_EVENT_OWED).order_by(SUPPLY_EVENTS.c.id).limit(WINDOW),
    SUPPLY_EVENTS,
    # One that is undone while its message is under way gets another revision.
    known_by=("id", "revision"),
)

"""Messages that nobody can use: counted, told on the rejected topic, the newest kept for the System page."""

import logging
from collections import deque
from itertools import islice
from typing import Final

from sqlalchemy import Engine, delete, func, insert, select

from core.contract.messages import RejectedMessage
from core.contract.topics import REJECTED
from core.runtime.mqtt_link import MqttLink
from core.runtime.wall_clock import utc_now
from core.storage.database import writing
from processor.batch.incoming import short_line
from processor.tables import REJECTED as ROWS

log = logging.getLogger(__name__)

KEPT: Final = 5_000
_WAITING: Final = 1_000
_EXCERPT_BYTES: Final = 200


class Rejections:
    """note() from any thread; step() tells and stores what was noted."""

    def __init__(self, engine: Engine, link: MqttLink) -> None:
        self.count = 0
        self._engine = engine
        self._link = link
        self._noted: deque[RejectedMessage] = deque(maxlen=_WAITING)  # under a flood the newest are kept

    def note(self, topic: str, payload: bytes, reason: str) -> None:
        """Take note of a message and why it is of no use."""
        self.count += 1
        topic = short_line(topic)
        log.log(
            logging.WARNING if self.count == 1 else logging.DEBUG,
            "rejected a message on %s: %s",
            topic,
            reason,
        )
        self._noted.append(
            RejectedMessage(
                topic=topic,
                reason=short_line(reason),
                at=utc_now(),
                size_bytes=len(payload),
                excerpt=payload[:_EXCERPT_BYTES].hex(),
            )
        )

    def step(self) -> bool:
        """Store and tell what was noted; True while there is more."""
        noted = list(islice(self._noted, 500))
        if not noted:
            return False
        with writing(self._engine) as connection:
            connection.execute(insert(ROWS), [_row(message) for message in noted])
            oldest = select(func.max(ROWS.c.id) - KEPT).scalar_subquery()
            connection.execute(delete(ROWS).where(ROWS.c.id <= oldest))
        for message in noted:
            self._link.publish(REJECTED.name(self._link.prefix), message.model_dump_json())
        stored = {id(message) for message in noted}
        while self._noted and id(self._noted[0]) in stored:
            self._noted.popleft()
        return bool(self._noted)


def _row(message: RejectedMessage) -> dict[str, object]:
    return message.model_dump(exclude={"schema_version"})

"""Heartbeats of all services, kept for the System page."""

import logging
import threading
import time
from collections import Counter
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import to_json
from sqlalchemy import Engine, and_, case, null, or_, update
from sqlalchemy.exc import DBAPIError

from core.contract.messages import Presence
from core.contract.topics import named_by_topic
from core.runtime.failures import failure_text
from core.runtime.mqtt_link import MqttLink
from core.runtime.wall_clock import utc_now
from core.storage.database import writing
from core.storage.freshness import is_ahead
from core.storage.services import dismiss_aged
from core.storage.upserts import insert_into
from processor.tables import SERVICES

log = logging.getLogger(__name__)

Name = tuple[str, str, str]
"""Service, instance, and the site of a collector (else empty)."""

_AGE_EVERY_SECONDS: Final = 600.0
MOST_INSTANCES: Final = 50
"""Heard of since a connect, of one service (at one site): whoever may publish presences of it and makes up
ever new ones must not fill memory and table, nor take the places of others."""
MOST_SITES: Final = 2_000
"""Of which collectors were heard."""


class Heartbeats:
    """arrived() in the connection's thread, step() stores; a will is stored at once by being woken."""

    def __init__(self, engine: Engine, link: MqttLink) -> None:
        self._engine = engine
        self._link = link
        self._lock = threading.Lock()
        self._news: dict[Name, tuple[Presence, datetime]] = {}
        self._live: dict[Name, str] = {}
        """Status by service, of those that spoke since we connected."""
        self._full: set[tuple[str, str]] = set()
        self._aged_at = time.monotonic()
        """Not at once: after a pause of all services each of them seems to be gone."""
        link.on_connect(self._connected)

    def _connected(self) -> None:
        with self._lock:
            self._live.clear()
            self._full.clear()

    def arrived(self, topic: str, payload: bytes) -> Presence | None:
        """Take note of a presence; returns it where the service has just come online or gone."""
        named = named_by_topic(self._link.prefix, topic)
        try:
            presence = Presence.model_validate_json(payload)
        except ValidationError:
            return None
        if named is None or named != (presence.service, presence.instance, presence.site):
            return None
        name = presence.service, presence.instance, presence.site or ""
        now = utc_now()
        with self._lock:
            if name not in self._live and not self._has_room(name):
                return None
            # The first one after a connect may be a retained one of long ago, its own time tells; later
            # ones are live, whatever the clock over there says.
            seen_at = now if name in self._live else min(presence.at, now)
            changed = self._live.get(name) != presence.status or not presence.counters
            self._live[name] = presence.status
            self._news[name] = presence, seen_at
        return presence if changed else None

    def _has_room(self, name: Name) -> bool:
        """Return whether one more instance of its kind is recorded; the first that is not is logged."""
        service, _, site = name
        kinds = Counter((known, its_site) for known, _, its_site in self._live)
        room = kinds[service, site] < MOST_INSTANCES and ((service, site) in kinds or len(kinds) < MOST_SITES)
        if not room and (service, site) not in self._full:
            self._full.add((service, site))
            where = f" of the site {site}" if site else ""
            log.warning(
                "more than %d instances of %s%s report; new ones are ignored", MOST_INSTANCES, service, where
            )
        return room

    def step(self) -> None:
        """Store what came since the last time; now and then dismiss who is gone for good."""
        self._store_news()
        if time.monotonic() - self._aged_at >= _AGE_EVERY_SECONDS:
            self._aged_at = time.monotonic()
            self._dismiss_aged(utc_now())

    def _dismiss_aged(self, now: datetime) -> None:
        with writing(self._engine) as connection:
            for service, instance in dismiss_aged(connection, now):
                log.info(
                    "the %s on %s is gone for a day and another one is there: dismissed", service, instance
                )

    def _store_news(self) -> None:
        with self._lock:
            news, self._news = self._news, {}
        if not news:
            return
        try:
            with writing(self._engine) as connection:
                for name in sorted(news):
                    _store(connection, *news[name])
        except Exception:
            with self._lock:
                self._news = news | self._news
            raise

    def leave(self, instance: str) -> None:
        """Store that this processor goes: where it is the last one, nobody hears its will."""
        ours = SERVICES.c.service == "processor", SERVICES.c.instance == instance
        try:
            with writing(self._engine) as connection:
                connection.execute(update(SERVICES).where(*ours).values(status="offline"))
        except DBAPIError as error:
            log.warning("the database did not hear that we stop (%s)", failure_text(error))


def _store(connection: Any, presence: Presence, seen_at: datetime) -> None:
    row = {
        **presence.model_dump(include={"service", "instance", "status", "started_at", "version"}),
        "site": presence.site or "",
        "seen_at": seen_at,
        "counters": to_json(presence.counters).decode(),
    }
    statement = insert_into(SERVICES, connection.dialect.name).values(row)
    new = statement.excluded
    # One stored before the clock was set back is not believed: the heartbeat that came now is.
    ahead = is_ahead(SERVICES.c.seen_at, utc_now())
    later = case((or_(ahead, new.seen_at > SERVICES.c.seen_at), new.seen_at), else_=SERVICES.c.seen_at)
    changes: dict[str, Any] = {name: new[name] for name in ("status", "started_at", "version")}
    # Heard of again, and not by what the broker has retained of it: it is shown again.
    back = and_(new.status == "online", new.seen_at > SERVICES.c.dismissed_at)
    changes["dismissed_at"] = case((back, null()), else_=SERVICES.c.dismissed_at)
    if presence.counters:  # a will and a greeting have none: the last ones stay to be seen
        changes["counters"] = new.counters
    keys = ["service", "instance", "site"]
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changes | {"seen_at": later})
    )

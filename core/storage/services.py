"""Service instances by their last heartbeats; those that are gone for good (renamed, moved) are dismissed.

Dismissed, a service is not shown, counted or complained about until it is heard of again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, update

from core.contract.errors import UserError
from core.domain.freshness import is_silent
from core.runtime.wall_clock import utc_now
from core.storage import freshness
from core.storage.audit import note
from core.storage.core_tables import SERVICES

AGED_AFTER: Final = timedelta(days=1)
"""So long is a service that is gone shown beside a living one of its kind."""


@dataclass(frozen=True)
class Heartbeat:
    """The last heartbeat of a service instance."""

    service: str
    instance: str
    site: str | None
    online: bool
    seen_at: datetime
    counters: Mapping[str, float]
    started_at: datetime | None = None
    version: str = ""

    def is_silent(self, now: datetime) -> bool:
        """Return whether it said goodbye, or says nothing any more."""
        return is_silent(self.online, self.seen_at, now)

    def status(self, now: datetime) -> str:
        """Return online, offline (it said goodbye, or its will) or silent (no heartbeat for SILENT_AFTER)."""
        if not self.online:
            return "offline"
        return "silent" if self.is_silent(now) else "online"


def read_services(connection: Connection, now: datetime | None = None) -> list[Heartbeat]:
    """Return every service instance that is not dismissed, the latest first; times not believed come last."""
    ahead = freshness.is_ahead(SERVICES.c.seen_at, now or utc_now())
    known = select(SERVICES).where(SERVICES.c.dismissed_at.is_(None))
    rows = connection.execute(known.order_by(ahead, SERVICES.c.seen_at.desc())).mappings()
    return [
        Heartbeat(
            service=row["service"],
            instance=row["instance"],
            site=row["site"] or None,
            online=row["status"] == "online",
            seen_at=row["seen_at"],
            counters=row["counters"],
            started_at=row["started_at"],
            version=row["version"],
        )
        for row in rows
    ]


def newest(heartbeats: Sequence[Heartbeat], service: str, site: str | None = None) -> Heartbeat | None:
    """Return the instance of a service (at a site) heard of last."""
    own = (each for each in heartbeats if each.service == service and site in (None, each.site))
    return next(own, None)


def dismiss_service(
    connection: Connection, service: str, instance: str, now: datetime, *, actor: str
) -> None:
    """Dismiss a service that is gone, at every site where it is.

    Raises UserError where there is none of that name, or it lives.
    """
    own = SERVICES.c.service == service, SERVICES.c.instance == instance
    columns = SERVICES.c.status, SERVICES.c.seen_at, SERVICES.c.site
    rows = connection.execute(select(*columns).where(*own, SERVICES.c.dismissed_at.is_(None))).all()
    if not rows:
        raise UserError(f"no {service} on {instance} is known.")
    gone = [row for row in rows if is_silent(row.status == "online", row.seen_at, now)]
    if not gone:
        raise UserError(f"the {service} on {instance} is online: stop it first.")
    for row in gone:
        here = SERVICES.c.site == row.site
        connection.execute(update(SERVICES).where(*own, here).values(dismissed_at=now))
        details = {"last_heard_of": row.seen_at.isoformat()} | ({"site": row.site} if row.site else {})
        note(connection, "service.dismissed", f"{service}/{instance}", actor=actor, now=now, details=details)


def dismiss_aged(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Dismiss services gone for a day beside a living one of their kind (collectors: of their site)."""
    gone, living = SERVICES.alias("gone"), SERVICES.alias("living")
    alive = (
        select(living.c.instance)
        .where(
            living.c.service == gone.c.service,
            living.c.site == gone.c.site,
            ~freshness.is_silent(now, living),
        )
        .exists()
    )
    aged = select(gone.c.service, gone.c.instance, gone.c.site).where(
        gone.c.dismissed_at.is_(None), gone.c.seen_at < now - AGED_AFTER, alive
    )
    rows = connection.execute(aged).all()
    for service, instance, site in rows:
        own = SERVICES.c.service == service, SERVICES.c.instance == instance, SERVICES.c.site == site
        connection.execute(update(SERVICES).where(*own).values(dismissed_at=now))
    return [(row.service, row.instance) for row in rows]

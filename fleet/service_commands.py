"""What can be done about services that are gone for good: renamed, moved, switched off.

Dismissed, a service is not shown, counted or complained about until it is heard of again.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, update

from fleet.audit import note
from fleet.core_tables import SERVICES
from fleet.errors import FleetError
from fleet.freshness import believed_until, is_past
from fleet.states import SILENT_AFTER

AGED_AFTER: Final = timedelta(days=1)
"""So long is a service that is gone shown beside a living one of its kind."""


def dismiss_service(
    connection: Connection, service: str, instance: str, now: datetime, *, actor: str
) -> None:
    """Dismiss a service that is gone. Raises FleetError where there is none of that name, or it lives."""
    own = SERVICES.c.service == service, SERVICES.c.instance == instance
    columns = SERVICES.c.status, SERVICES.c.seen_at
    row = connection.execute(select(*columns).where(*own, SERVICES.c.dismissed_at.is_(None))).one_or_none()
    if row is None:
        raise FleetError(f"no {service} on {instance} is known.")
    if row.status == "online" and not is_past(row.seen_at, SILENT_AFTER, now):
        raise FleetError(f"the {service} on {instance} is online: stop it first.")
    connection.execute(update(SERVICES).where(*own).values(dismissed_at=now))
    details = {"last_heard_of": row.seen_at.isoformat()}
    note(connection, "service.dismissed", f"{service}/{instance}", actor=actor, now=now, details=details)


def dismiss_aged(connection: Connection, now: datetime) -> list[tuple[str, str]]:
    """Dismiss services gone for a day beside a living one of their kind (collectors: of their site)."""
    gone, living = SERVICES.alias("gone"), SERVICES.alias("living")
    alive = (
        select(living.c.instance)
        .where(
            living.c.service == gone.c.service,
            func.coalesce(living.c.site, "") == func.coalesce(gone.c.site, ""),
            living.c.status == "online",
            living.c.seen_at > now - SILENT_AFTER,
            living.c.seen_at <= believed_until(now),
        )
        .exists()
    )
    aged = select(gone.c.service, gone.c.instance).where(
        gone.c.dismissed_at.is_(None), gone.c.seen_at < now - AGED_AFTER, alive
    )
    names = [(row.service, row.instance) for row in connection.execute(aged)]
    for service, instance in names:
        own = SERVICES.c.service == service, SERVICES.c.instance == instance
        connection.execute(update(SERVICES).where(*own).values(dismissed_at=now))
    return names

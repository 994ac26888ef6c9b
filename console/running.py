"""Find services that work on a database, by their heartbeats: then it must not be replaced."""

from datetime import datetime

from sqlalchemy import Connection, select

from core.contract.errors import UserError
from core.domain.freshness import SILENT_AFTER, is_silent
from core.domain.units import counted
from core.storage.core_tables import SERVICES


class StillRunning(UserError):
    """Services work with the data that is to be replaced."""


def refuse_while_running(connection: Connection, now: datetime) -> None:
    """Raise StillRunning, naming the services heard of within the last 90 s that did not say goodbye.

    Asks for what every schema has: a backup may be restored over a newer or an older one.
    """
    service = SERVICES.c
    online = select(service.service, service.instance, service.seen_at).where(service.status == "online")
    rows = connection.execute(online.order_by(service.seen_at.desc())).all()
    alive = [row for row in rows if not is_silent(True, row.seen_at, now)]
    if alive:
        names = ", ".join(f"{row.service} on {row.instance}" for row in alive[:6])
        wait = SILENT_AFTER - (now - max(min(row.seen_at, now) for row in alive))
        raise StillRunning(
            f"{counted(len(alive), 'service works', 'services work')} with this database ({names}): "
            f"stop what runs first; what is dead counts as gone in {max(1, int(wait.total_seconds()))} s."
        )

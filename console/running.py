"""Whether services work on a database, by their heartbeats: then nothing may be put under their feet."""

from datetime import datetime

from sqlalchemy import Connection

from console.terminal import counted
from fleet.errors import FleetError
from fleet.states import SILENT_AFTER, read_services


class StillRunning(FleetError):
    """Services work with the data that is to be replaced."""


def refuse_while_running(connection: Connection, now: datetime) -> None:
    """Raise StillRunning, naming the services heard of within the last 90 s that did not say goodbye."""
    alive = [life for life in read_services(connection, now) if not life.is_silent(now)]
    if alive:
        names = ", ".join(f"{life.service} on {life.instance}" for life in alive[:6])
        wait = SILENT_AFTER - (now - max(min(life.seen_at, now) for life in alive))
        raise StillRunning(
            f"{counted(len(alive), 'service works', 'services work')} with this database ({names}): "
            f"stop what runs first; what is dead counts as gone in {max(1, int(wait.total_seconds()))} s."
        )

"""Context of the checks: the settings, block by block, and the fleet in the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from core.domain.inventory.printers import InventoryPrinter
from core.runtime.settings import (
    CommonSettings,
    DatabaseSettings,
    HistorySettings,
    MqttSettings,
    SnmpSettings,
)
from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import WebSettings
from core.storage.core_tables import SNAPSHOTS
from core.storage.database import reading
from core.storage.inventory import read_printers
from core.storage.services import Heartbeat, read_services
from core.storage.shared_serials import SharedSerial, shared_serials
from core.storage.users import count_admins, named_like_parts


@dataclass(frozen=True)
class Blocks:
    """The settings the checks need."""

    common: CommonSettings
    database: DatabaseSettings
    mqtt: MqttSettings
    snmp: SnmpSettings
    history: HistorySettings
    web: WebSettings


@dataclass(frozen=True)
class StoredFleet:
    """Contents of the database at the moment of the check."""

    now: datetime
    printers: tuple[InventoryPrinter, ...]
    """The enabled ones; those that answered last come first."""
    services: tuple[Heartbeat, ...]
    admins: int
    """How many accounts can administer the dashboard."""
    shared_serials: tuple[SharedSerial, ...] = ()
    named_like_parts: tuple[str, ...] = ()
    """Accounts of older versions that are called like a part of the system."""


def read_stored(engine: Engine) -> StoredFleet:
    """Read it in one transaction."""
    now = utc_now()
    with reading(engine) as connection:
        answering = select(SNAPSHOTS.c.printer_id).where(SNAPSHOTS.c.reachable)
        reachable = set(connection.execute(answering).scalars())
        printers = [row for row in read_printers(connection) if row.enabled]
        services = tuple(read_services(connection, now))
        admins = count_admins(connection)
        shared = tuple(shared_serials(connection))
        like_parts = tuple(named_like_parts(connection))
    printers.sort(key=lambda printer: printer.printer_id not in reachable)
    return StoredFleet(now, tuple(printers), services, admins, shared, like_parts)

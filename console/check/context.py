"""Context of the checks: the settings, block by block, and the fleet in the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

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
from core.storage.database import reading
from core.storage.fleet_states import FleetState, ServiceLife, read_services, read_states
from core.storage.inventory import read_printers
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
class CheckedPrinter:
    """Facts that a check needs to ask a printer."""

    printer_id: str
    name: str
    host: str
    port: int
    site: str
    profile: str
    reachable: bool


@dataclass(frozen=True)
class StoredFleet:
    """Contents of the database at the moment of the check."""

    now: datetime
    printers: tuple[CheckedPrinter, ...]
    """The enabled ones; those that answered last come first."""
    services: tuple[ServiceLife, ...]
    admins: int
    """How many accounts can administer the dashboard."""
    shared_serials: tuple[SharedSerial, ...] = ()
    named_like_parts: tuple[str, ...] = ()
    """Accounts of older versions that are called like a part of the system."""


def read_stored(engine: Engine) -> StoredFleet:
    """Read it in one transaction."""
    now = utc_now()
    with reading(engine) as connection:
        states = {state.printer_id: state for state in read_states(connection, now)}
        rows = [row for row in read_printers(connection) if row.printer_id in states]
        services = tuple(read_services(connection, now))
        admins = count_admins(connection)
        shared = tuple(shared_serials(connection))
        like_parts = tuple(named_like_parts(connection))
    printers = [_printer(row, states[row.printer_id]) for row in rows]
    answering_first = tuple(sorted(printers, key=lambda printer: not printer.reachable))
    return StoredFleet(now, answering_first, services, admins, shared, like_parts)


def _printer(row: InventoryPrinter, state: FleetState) -> CheckedPrinter:
    return CheckedPrinter(
        printer_id=row.printer_id,
        name=row.name,
        host=row.host,
        port=row.port,
        site=row.site,
        profile=row.profile,
        reachable=bool(state.latest.reachable),
    )

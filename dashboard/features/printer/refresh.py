"""Asking a printer now: once however many press the button, and why no reading came."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from core.domain.permissions import Permission
from core.storage.database import writing
from core.storage.services import newest, read_services
from dashboard.app_context import AppContext
from dashboard.throttle import Limit, count_attempt
from dashboard.viewer import Viewer

PATIENCE: Final = timedelta(seconds=45)
"""After this long without an answer, the page says why there may be none."""
REFRESH_ADDRESS: Final = Limit("refresh-address", 20, timedelta(minutes=10))
"""How often somebody without an account may ask printers."""


@dataclass(frozen=True)
class Asked:
    """A request under way."""

    refresh_id: str
    at: datetime


def ask_printer(
    app_context: AppContext, viewer: Viewer, printer_id: str, *, address: str, now: datetime
) -> Asked | None:
    """Ask for a reading; None without a broker. Raises TooManyAttempts and Forbidden."""
    viewer.require(Permission.REFRESH_PRINTERS)
    if viewer.is_anonymous:
        with writing(app_context.engine) as connection:
            count_attempt(connection, [(REFRESH_ADDRESS, address)], now)
    refresh_id = app_context.refresher.ask(printer_id)
    return Asked(refresh_id, now) if refresh_id else None


def why_silent(connection: Connection, site: str, now: datetime) -> str:
    """Return why a refresh request may have no answer, by the heartbeats of the services that act on it."""
    services = read_services(connection, now)
    processor, collector = newest(services, "processor"), newest(services, "collector", site)
    if processor is None or processor.is_silent(now):
        return "The service that stores readings (the processor) is down."
    if collector is None or collector.is_silent(now):
        return f"The service that asks the printers of site {site} (the collector) is down."
    return "The service that asks the printers is busy, or the printer answers very slowly."

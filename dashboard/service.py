"""The service: what the pages work with is opened, then they are served until it is time to stop."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from dashboard.finder import MqttFinder
from dashboard.refresher import MqttRefresher
from dashboard.server import make_app, serve
from dashboard.settings import Settings
from dashboard.wiring import Wiring, install
from fleet.database import open_database
from fleet.errors import FleetError
from fleet.lifeline import Lifeline
from fleet.mqtt_link import MqttLink
from fleet.series.choice import open_reader
from fleet.web_settings import DashboardSettings

log = logging.getLogger(__name__)

_BACKLOG: Final = 512


def run_service(settings: Settings, lifeline: Lifeline) -> int:
    """Serve until `lifeline` says stop; returns the exit code. Raises FleetError at the start."""
    with _listening(settings.dashboard) as listener, _wiring(settings, lifeline) as wiring:
        install(wiring)
        app = make_app(wiring)
        log.info("serving %s", settings.dashboard.dashboard_url)
        serve(app, listener, lifeline, settings.dashboard)
    log.info("stopped")
    return 0


@contextmanager
def _wiring(settings: Settings, lifeline: Lifeline) -> Iterator[Wiring]:
    engine = open_database(settings.database)
    series = open_reader(settings.history)
    link = MqttLink(settings.mqtt, "dashboard", settings.common.instance)
    finder, refresher = MqttFinder(link), MqttRefresher(link, lifeline.stopping)
    refresher.start()
    try:
        yield Wiring(settings, engine, series, refresher, finder)
    finally:
        lifeline.stop()
        refresher.stop()
        series.close()
        engine.dispose()


@contextmanager
def _listening(settings: DashboardSettings) -> Iterator[socket.socket]:
    """The socket, bound before anything else is opened: a port that is taken is one sentence."""
    host, port = settings.listen_address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise FleetError(
            f"DASHBOARD_LISTEN: {settings.dashboard_listen} cannot be listened on ({reason}). "
            "Set another address or port, or stop what uses it."
        ) from error
    with listener:
        yield listener

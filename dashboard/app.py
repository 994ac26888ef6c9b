"""The service: what the pages work with is opened, then they are served until it is time to stop."""

import logging
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Final

from sqlalchemy import Engine

from core.contract.errors import UserError
from core.runtime.mqtt_link import MqttLink
from core.runtime.service import Service
from core.runtime.shutdown import ShutdownSignal
from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import DashboardSettings
from core.storage.database import open_database, writing
from core.storage.stored_settings import REREAD_SECONDS, LiveSettings
from core.timeseries.stores import open_store
from dashboard.app_context import AppContext, install
from dashboard.broker.finder import MqttFinder
from dashboard.broker.refresher import MqttRefresher
from dashboard.features.photos.store import delete_of_spam, delete_waiting
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import forget_old
from dashboard.web.server import make_app, serve
from dashboard.web.streamlit_options import use_theme

log = logging.getLogger(__name__)

_BACKLOG: Final = 512
_TIDY_SECONDS: Final = 3600.0


def run(settings: DashboardAppSettings, shutdown: ShutdownSignal) -> None:
    """Serve until it is time to stop. Raises UserError at the start."""
    with ExitStack() as opened:
        listener = opened.enter_context(_listening(settings.dashboard))
        engine = open_database(settings.database)
        opened.callback(engine.dispose)
        series = opened.enter_context(closing(open_store(settings.history).open_reader()))
        link = MqttLink(settings.mqtt, "dashboard", settings.common.instance)
        service = Service(link, shutdown)  # its metrics are a route of its server
        service.heartbeat(dict)  # it counts nothing
        service.every(_TIDY_SECONDS, "tidying", lambda: _tidy(engine))
        live = LiveSettings(engine, settings)
        service.every(REREAD_SECONDS, "settings", live.step)
        app_context = AppContext(
            live, engine, series, MqttRefresher(link), MqttFinder(link), lambda: link.silent_seconds
        )
        install(app_context)
        app = make_app(app_context)
        live.on_change(lambda changed: use_theme(changed.organization.dashboard_theme))
        with service:
            log.info("serving %s", settings.dashboard.dashboard_url)
            serve(app, listener, shutdown, settings.dashboard)


def _tidy(engine: Engine) -> None:
    """Delete photos whose report was never sent or is spam, and what is known of addresses, after a day."""
    now = utc_now()
    with writing(engine) as connection:
        delete_waiting(connection, now)
        delete_of_spam(connection, now)
        forget_old(connection, now)


@contextmanager
def _listening(settings: DashboardSettings) -> Iterator[socket.socket]:
    """Bind the socket before anything else is opened: a port that is taken is one sentence."""
    host, port = settings.listen_address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"DASHBOARD_LISTEN: {settings.dashboard_listen} cannot be listened on ({reason}). "
            "Set another address or port, or stop what uses it."
        ) from error
    with listener:
        yield listener

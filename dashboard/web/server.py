"""The server: Streamlit's application with our routes in it and the gate before it, served by uvicorn."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import streamlit as st
import uvicorn
from starlette.types import ASGIApp
from streamlit.web import bootstrap

from core.domain.networks import networks_of
from core.runtime.importing import importing
from core.runtime.periodic import repeat
from core.runtime.shutdown import ShutdownSignal
from core.runtime.web_settings import DashboardSettings
from dashboard.app_context import AppContext
from dashboard.pages import PAGES
from dashboard.ui.failures import show_failure
from dashboard.web.gate.connections import Connections, bounded_http
from dashboard.web.gate.gate import Gate
from dashboard.web.gate.sockets import EVERY_SECONDS, OpenSockets
from dashboard.web.routes.failures import FAILURES
from dashboard.web.routes.routing import make_routes
from dashboard.web.sign_in.openid import open_provider
from dashboard.web.streamlit_options import streamlit_options
from dashboard.web.streamlit_theme import keep_theme

log = logging.getLogger(__name__)

_SCRIPT: Final = Path(__file__).parent / "streamlit_script.py"
_PING_SECONDS: Final = 30
_GOODBYE_SECONDS: Final = 2
_LARGEST_MESSAGE: Final = 1024 * 1024
"""Of a page: what its widgets hold. Files do not come this way."""


def make_app(app_context: AppContext) -> ASGIApp:
    """Return the whole application; one per process (Streamlit keeps its settings in the process)."""
    bootstrap.load_config_options(streamlit_options())
    keep_theme()
    settings = app_context.settings
    sockets = OpenSockets()
    provider = open_provider(settings.sign_on, settings.dashboard.dashboard_url)

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        warming = asyncio.create_task(asyncio.to_thread(_import_pages))
        watching = asyncio.create_task(
            repeat(
                "sessions of open pages",
                lambda: sockets.end_outdated(app_context.engine, settings.dashboard),
                EVERY_SECONDS,
            )
        )
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, warming, return_exceptions=True)

    app = st.App(
        _SCRIPT,
        routes=make_routes(sockets, provider),
        exception_handlers=FAILURES,
        lifespan=lifespan,
        on_script_error=show_failure,
    )
    return Gate(app, app_context, sockets)


def _import_pages() -> None:
    """Import the pages before their first visitors, while the server begins to serve.

    What draws charts takes half of a start.
    """
    with importing():
        for page in PAGES:
            try:
                page.load()
            except Exception:  # its visitors are told, too; the others have theirs
                log.exception("the page %s cannot be imported", page.path)


def serve(
    app: ASGIApp, listener: socket.socket, shutdown: ShutdownSignal, settings: DashboardSettings
) -> None:
    """Serve until `shutdown` says stop.

    Not by st.App.run: that would believe any local X-Forwarded-For, look for another port where ours is
    taken, and print its own banner.
    """
    for noisy in ("uvicorn", "uvicorn.error"):  # their warnings tell of nothing but strangers' bad requests
        logging.getLogger(noisy).setLevel(logging.ERROR)
    logging.getLogger("uvicorn.error").addFilter(_in_one_line)
    connections = Connections(settings.pages_per_address, networks_of(settings.trusted_proxies))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="on",
            http=bounded_http(connections),
            ws="websockets-sansio",
            ws_max_size=_LARGEST_MESSAGE,
            ws_ping_interval=_PING_SECONDS,
            ws_ping_timeout=_PING_SECONDS,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=_GOODBYE_SECONDS,
        )
    )

    def stop() -> None:
        server.should_exit = True

    shutdown.on_stop(stop)
    server.run(sockets=[listener])


def _in_one_line(record: logging.LogRecord) -> bool:
    """Keep a traceback out of the log that a client's bad frame has caused; DEBUG shows it."""
    if record.exc_info and record.exc_info[1] is not None and not log.isEnabledFor(logging.DEBUG):
        record.msg = f"{record.getMessage().splitlines()[0]} ({type(record.exc_info[1]).__name__})"
        record.args, record.exc_info, record.exc_text = (), None, None
    return True

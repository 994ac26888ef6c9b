"""Connections and settings for pages and routes, made once by the server's process (or by a test)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from sqlalchemy import Engine

from core.storage.stored_settings import LiveSettings
from core.timeseries.reader import SeriesReader
from dashboard.broker.finder import SweepSeen
from dashboard.settings import DashboardAppSettings


class Refresher(Protocol):
    """Asks for a reading of one printer at once."""

    def ask(self, printer_id: str) -> str | None:
        """Publish a RefreshRequest; its id, which the state that answers it repeats. None: no broker."""


class Finder(Protocol):
    """Has a site's collector look for printers."""

    def ask(
        self, site: str, networks: Sequence[str], ports: Sequence[int], profile: str, *, confirmed: bool
    ) -> str | None:
        """Begin a sweep; its id, or None without a broker."""

    def stop(self, sweep_id: str) -> None:
        """End a sweep; what it has found stays."""

    def seen(self, sweep_id: str) -> SweepSeen | None:
        """Return what is known of a sweep; None where it was not asked for here."""


@dataclass(frozen=True)
class AppContext:
    """The process's connections."""

    live: LiveSettings[DashboardAppSettings]
    engine: Engine
    series: SeriesReader
    refresher: Refresher
    finder: Finder
    broker_silent_seconds: Callable[[], float]
    """How long the broker has not answered this service."""

    @property
    def settings(self) -> DashboardAppSettings:
        """The settings at this moment."""
        return self.live.current


HashFuncs = dict[str | type, Callable[[Any], object]]
BY_DATABASE: Final[HashFuncs] = {AppContext: lambda app_context: str(app_context.engine.url)}
"""How Streamlit's caches tell one context from another (`hash_funcs`): by its database."""


@dataclass
class _Process:
    app_context: AppContext | None = field(default=None)


_PROCESS = _Process()


def install(app_context: AppContext) -> None:
    """Install the app context; called once before the first page is served."""
    _PROCESS.app_context = app_context


def current_app() -> AppContext:
    """Return the app context: Streamlit runs pages as scripts, which cannot be handed arguments."""
    if _PROCESS.app_context is None:
        raise RuntimeError("the dashboard's pages are served by `python -m dashboard`")
    return _PROCESS.app_context

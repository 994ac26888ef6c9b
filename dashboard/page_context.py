"""Context of a page: the viewer, and the connections of the process."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from core.runtime.wall_clock import utc_now
from core.storage.database import reading
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.settings import DashboardAppSettings
from dashboard.viewer import Viewer

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class PageContext:
    """One viewer at one page; handed down from the shell instead of its parts."""

    viewer: Viewer
    app: AppContext

    @property
    def engine(self) -> Engine:
        """The database."""
        return self.app.engine

    @property
    def settings(self) -> DashboardAppSettings:
        """The settings of the dashboard."""
        return self.app.settings

    @property
    def today(self) -> date:
        """The day that it is in TIME_ZONE."""
        return utc_now().astimezone(self.settings.zone).date()

    def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what one query finds: `query(connection, ...)`."""
        with reading(self.engine) as connection:
            return query(connection, *args, **kwargs)

    def actor(self) -> Actor:
        """Return the viewer as who acts at this moment."""
        return Actor(self.engine, self.viewer, utc_now())

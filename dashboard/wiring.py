"""What pages and routes work with, made once by the server's process (or by a test)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Engine

from dashboard.finder import SweepSeen
from dashboard.settings import Settings
from fleet.series.reader import SeriesReader


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
        """What is known of a sweep; None where it was not asked for here."""


@dataclass(frozen=True)
class Wiring:
    """The process's connections."""

    settings: Settings
    engine: Engine
    series: SeriesReader
    refresher: Refresher
    finder: Finder


@dataclass
class _Process:
    wiring: Wiring | None = field(default=None)


_PROCESS = _Process()


def install(wiring: Wiring) -> None:
    """Called once before the first page is served."""
    _PROCESS.wiring = wiring


def wired() -> Wiring:
    """Streamlit runs pages as scripts, which cannot be handed arguments: this is how they get at it."""
    if _PROCESS.wiring is None:
        raise RuntimeError("the dashboard's pages are served by `python -m dashboard`")
    return _PROCESS.wiring

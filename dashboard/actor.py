"""Actor: who acts, on which database, and when; the first argument of every action."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from dashboard.viewer import Viewer


@dataclass(frozen=True)
class Actor:
    """A viewer who changes something now; made anew for each action, since its moment is what is stored."""

    engine: Engine
    viewer: Viewer
    now: datetime

    @property
    def name(self) -> str:
        """The name by which rows, events and the audit log tell who it was."""
        return self.viewer.name

"""Actor: who acts, on which database, and when; the first argument of every action."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from core.domain.permissions import Permission
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

    def require(self, permission: Permission, *, confirmed: bool = False) -> None:
        """Raise Forbidden without this permission.

        `confirmed`: ConfirmationNeeded, too, unless they have lately proved who they are.
        """
        self.viewer.require(permission)
        if confirmed:
            self.viewer.require_confirmed(self.now)

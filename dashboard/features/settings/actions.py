"""Settings changed by an administrator, and put back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.contract.errors import Conflict
from core.domain.permissions import Permission
from core.domain.units import counted
from core.storage.database import writing
from core.storage.stored_settings import change_settings, stored_texts
from dashboard.app_context import AppContext
from dashboard.undoing import Done
from dashboard.viewer import Viewer


@dataclass(frozen=True)
class RestoreSettings:
    """Puts back what was stored before."""

    before: Mapping[str, str]
    after: Mapping[str, str]

    def back(self, connection: Connection, *, actor: str, now: datetime) -> None:
        """Store the values from before; raises Conflict where somebody has changed one since."""
        stored = stored_texts(connection)
        others = [name for name, text in self.after.items() if stored.get(name, "") != text]
        if others:
            raise Conflict(f"{', '.join(others)} was changed by somebody else since.")
        change_settings(connection, self.before, actor=actor, now=now)


def change(app: AppContext, viewer: Viewer, changes: Mapping[str, str], *, now: datetime) -> Done:
    """Store new values by name, "" for the default. Raises RefusedSettings with a sentence for each."""
    viewer.require(Permission.CHANGE_SETTINGS)
    with writing(app.engine) as connection:
        before = stored_texts(connection)
        names = change_settings(connection, changes, actor=viewer.name, now=now)
        after = stored_texts(connection)
    app.live.step()  # in effect here at once; the other services look every few seconds
    if not names:
        return Done("Nothing was changed", permission=Permission.CHANGE_SETTINGS)
    step = RestoreSettings(
        {name: before.get(name, "") for name in names}, {name: after.get(name, "") for name in names}
    )
    said = f"{names[0]} is changed" if len(names) == 1 else f"{counted(len(names), 'setting')} are changed"
    return Done(said, (step,), permission=Permission.CHANGE_SETTINGS)

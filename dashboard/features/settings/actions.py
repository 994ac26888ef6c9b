"""Settings changed by an administrator, and put back."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from core.contract.errors import Conflict
from core.domain.permissions import Permission
from core.domain.units import counted
from core.storage.database import writing
from core.storage.stored_settings import LiveSettings, change_settings, stored_texts
from dashboard.actor import Actor
from dashboard.settings import DashboardAppSettings
from dashboard.undoing import Done


def change(by: Actor, live: LiveSettings[DashboardAppSettings], changes: Mapping[str, str]) -> Done:
    """Store new values by name, "" for the default. Raises RefusedSettings with a sentence for each."""
    by.require(Permission.CHANGE_SETTINGS)
    with writing(by.engine) as connection:
        before = stored_texts(connection)
        names = change_settings(connection, changes, actor=by.name, now=by.now)
        after = stored_texts(connection)
    live.step()  # in effect here at once; the other services look every few seconds
    if not names:
        return Done("Nothing was changed")
    was, is_ = ({name: texts.get(name, "") for name in names} for texts in (before, after))
    step = partial(_restore, before=was, after=is_)
    said = f"{names[0]} is changed" if len(names) == 1 else f"{counted(len(names), 'setting')} are changed"
    return Done(said, (step,), permission=Permission.CHANGE_SETTINGS)


def _restore(
    connection: Connection, before: Mapping[str, str], after: Mapping[str, str], *, actor: str, now: datetime
) -> None:
    """Store the values from before; raise Conflict where somebody has changed one since."""
    stored = stored_texts(connection)
    others = [name for name, text in after.items() if stored.get(name, "") != text]
    if others:
        raise Conflict(f"{', '.join(others)} was changed by somebody else since.")
    change_settings(connection, before, actor=actor, now=now)

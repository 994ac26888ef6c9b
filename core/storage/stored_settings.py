"""Settings that administrators have changed: read, changed with an audit, followed by running services."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic

from sqlalchemy import Connection, Engine, delete, select

from core.contract.errors import SettingsError, UserError
from core.runtime.changeable_settings import (
    AppSettings,
    Block,
    block_with_stored,
    changeable,
    changeable_settings,
    contradicted,
    require_unlocked,
    said_against,
    with_stored,
)
from core.runtime.settings import load
from core.runtime.shown_settings import described
from core.storage.audit import note
from core.storage.core_tables import SETTINGS
from core.storage.database import hold, reading
from core.storage.upserts import insert_into

log = logging.getLogger(__name__)

REREAD_SECONDS: Final = 3.0
"""How often a service looks whether a setting was changed."""


@dataclass(frozen=True)
class StoredSetting:
    """A setting that somebody has changed."""

    value: str
    changed_by: str
    changed_at: datetime


class RefusedSettings(UserError):
    """Values that cannot be used: nothing was changed."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        # Two settings that contradict each other have one sentence, which names both.
        told = (text if name in text else f"{name}: {text}" for name, text in sentences.items())
        super().__init__(" ".join(dict.fromkeys(told)))
        self.sentences = sentences
        """What is wrong, by the name of the setting."""


def read_stored(connection: Connection) -> dict[str, StoredSetting]:
    """Return what is stored, by name."""
    rows = connection.execute(select(*SETTINGS.c["name", "value", "changed_by", "changed_at"]))
    return {row.name: StoredSetting(row.value, row.changed_by, row.changed_at) for row in rows}


def stored_texts(connection: Connection) -> dict[str, str]:
    """Return the stored values alone."""
    return {name: stored.value for name, stored in read_stored(connection).items()}


def load_now(connection: Connection, block: type[Block]) -> Block:
    """Load a block of settings with what is stored. Raises SettingsError."""
    return block_with_stored(load(block), stored_texts(connection))


def if_changed(block: Block, changes: Mapping[str, str]) -> Block:
    """Return a block as it would be with these values by name, "" for a default; nothing is stored.

    Raises RefusedSettings, also for a setting that is none of the block's.
    """
    fields = tuple(map(str.upper, type(block).model_fields))
    update, wrong = {}, {}
    for name, text in changes.items():
        if name not in fields:
            wrong[name] = f"It cannot be tried; {', '.join(fields)} can."
            continue
        setting = changeable(name)
        try:
            update[name.lower()] = setting.read(text.strip() or setting.default)
        except SettingsError as refused:
            wrong[name] = str(refused)
    changed = block.model_copy(update=update)
    if wrong := wrong or said_against(changed, changes.keys()):
        raise RefusedSettings(wrong)
    return changed


def change_settings(
    connection: Connection, changes: Mapping[str, str], *, actor: str, now: datetime
) -> list[str]:
    """Store new values by name, "" for the default; return the names of those that are other ones now.

    All or none: raises RefusedSettings with a sentence for each that cannot be used, contradicts another
    one, is set by the environment of this process, or cannot be changed at all.
    """
    texts = _tidied(changes)
    hold(connection, "settings")  # two that contradict each other must not be stored beside each other
    before = stored_texts(connection)
    if wrong := contradicted(texts, before):
        raise RefusedSettings(wrong)
    insert = insert_into(SETTINGS, connection.dialect.name)
    changed = [name for name, text in texts.items() if text != before.get(name, "")]
    for name in changed:
        old, new = before.get(name, ""), texts[name]
        if new:
            row = {"name": name, "value": new, "changed_by": actor, "changed_at": now}
            connection.execute(insert.values(row).on_conflict_do_update(index_elements=["name"], set_=row))
        else:
            connection.execute(delete(SETTINGS).where(SETTINGS.c.name == name))
        default = changeable_settings()[name].default
        details = {"value": [described(name, old) or default, described(name, new) or default]}
        note(connection, "setting.changed", name, actor=actor, now=now, details=details)
    return changed


def _tidied(changes: Mapping[str, str]) -> dict[str, str]:
    texts, wrong = {}, {}
    for name, text in changes.items():
        try:
            setting = changeable(name)
            require_unlocked(name)
            texts[name] = setting.tidied(text)
        except SettingsError as refused:
            wrong[name] = str(refused)
    if wrong:
        raise RefusedSettings(wrong)
    return texts


class LiveSettings(Generic[AppSettings]):
    """A service's settings as they are now: those of its start, and what is stored in the database.

    `current` is replaced as a whole; what one step of work needs is taken from it once.
    """

    def __init__(self, engine: Engine, settings: AppSettings) -> None:
        self.current = settings
        self._engine = engine
        self._at_start = settings
        self._seen: Mapping[str, datetime] = {}
        self._users: list[Callable[[AppSettings], object]] = []
        self.step()

    def on_change(self, use: Callable[[AppSettings], object]) -> None:
        """Call `use` with the settings now, and again in the thread of step() whenever they change."""
        self._users.append(use)
        use(self.current)

    def step(self) -> None:
        """Look for changes. The values are read only where there is one: a logo is large."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(SETTINGS.c.name, SETTINGS.c.changed_at))
            seen = {row.name: row.changed_at for row in rows}
            if seen == self._seen:
                return
            stored = stored_texts(connection)
        names = _differences(self._seen, seen)
        self.current = with_stored(self._at_start, stored)
        for use in self._users:
            use(self.current)
        self._seen = seen
        log.info("settings were changed: %s", ", ".join(names))


def settings_now(engine: Engine, settings: AppSettings) -> AppSettings:
    """Return settings with what is stored at this moment; for a command."""
    return LiveSettings(engine, settings).current


def _differences(before: Mapping[str, datetime], after: Mapping[str, datetime]) -> Iterable[str]:
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))

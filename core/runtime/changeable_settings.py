"""The settings that can be changed while the system runs, and what a change does to those of a service.

The environment (or the settings file) wins over the database, the database over the default.
"""

import logging
import os
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeVar, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from core.contract.errors import SettingsError
from core.runtime.env_file import env_file, read_env_file
from core.runtime.setting_types import fault, is_changeable
from core.runtime.settings import Settings, load
from core.runtime.settings_doc import BLOCKS, as_written, comments

log = logging.getLogger(__name__)

Source = Literal["environment", "settings file", "database", "default"]
Block = TypeVar("Block", bound=Settings)
AppSettings = TypeVar("AppSettings")

_ON_OR_OFF: Final = ("true", "false")


@dataclass(frozen=True)
class ChangeableSetting:
    """One of them, as its block declares it."""

    name: str
    about: str
    default: str
    """As written in a settings file."""
    choices: tuple[str, ...]
    """What it can be; none where that is a number or a text."""
    adapter: TypeAdapter[Any]

    def read(self, text: str) -> Any:
        """Return the value that a text stands for; raise SettingsError with a sentence without its name.

        The same is accepted as in the environment.
        """
        try:
            return self.adapter.validate_strings(text)
        except ValidationError as error:
            wrong = "; ".join(fault(one) for one in error.errors())
            raise SettingsError(f"{wrong[:1].upper()}{wrong[1:]}.") from None

    def tidied(self, text: str) -> str:
        """Return the text as it is stored; "" where it stands for the default. Raises SettingsError."""
        text = text.strip()
        if not text:
            return ""
        written = as_written(self.read(text))
        return "" if written == self.default else written


@cache
def changeable_settings() -> Mapping[str, ChangeableSetting]:
    """Return all of them by name, in the order of .env.example."""
    found: dict[str, ChangeableSetting] = {}
    for block in BLOCKS:
        texts = comments(block)
        for field_name, field in block.model_fields.items():
            if not is_changeable(field) or field_name.upper() in found:
                continue
            kind: Any = field.annotation
            if get_origin(kind) is Literal:
                choices = tuple(map(str, get_args(kind)))
            else:
                choices = _ON_OR_OFF if kind is bool else ()
            found[field_name.upper()] = ChangeableSetting(
                name=field_name.upper(),
                about=texts[field_name],
                default=as_written(field.default),
                choices=choices,
                adapter=TypeAdapter(Annotated[kind, *field.metadata] if field.metadata else kind),
            )
    return found


def changeable(name: str) -> ChangeableSetting:
    """Return the setting of that name; raise SettingsError where none that can be changed is called so."""
    known = {field.upper() for block in BLOCKS for field in block.model_fields}
    if name in changeable_settings():
        return changeable_settings()[name]
    if name in known:
        file = env_file().absolute()
        raise SettingsError(f"{name} is changed in the environment of the services or in {file} alone.")
    raise SettingsError(f"{name} is no setting: `printers settings` lists those that can be changed.")


def require_unlocked(name: str) -> None:
    """Raise SettingsError where the environment or the settings file sets it, which wins."""
    source = set_outside(name)
    if source is not None:
        raise SettingsError(where_locked(name, source))


def set_outside(*names: str) -> Source | None:
    """Return which of the two sets one of these variables; None: neither. Raises SettingsError."""
    given, file = {variable.upper() for variable, text in os.environ.items() if text}, read_env_file()
    if given & {*names}:
        return "environment"
    return "settings file" if any(map(file.get, names)) else None


def where_locked(name: str, source: Source) -> str:
    """Return where a setting that one of the two sets is to be changed, in a sentence."""
    if source == "settings file":
        return (
            f"{name} is set in {env_file().absolute()}, which wins: change or remove it there, then restart "
            "the services."
        )
    return (
        f"{name} is set in the environment, which wins: change or remove it where the services get theirs "
        "(systemd unit, compose file, shell), then restart them."
    )


def with_stored(settings: AppSettings, stored: Mapping[str, str]) -> AppSettings:
    """Return a service's settings with the values that the database holds, by name.

    `settings` is a dataclass of blocks as the service has loaded them at its start: what the environment
    had set then, stays. A stored value that cannot be used, as one of another version, is left out; the log
    says so.
    """
    changed = {}
    for field in fields(settings):  # type: ignore[arg-type] # a dataclass, which has no type to be bound by
        block = getattr(settings, field.name)
        if isinstance(block, Settings):
            changed[field.name] = block_with_stored(block, stored)
    return replace(settings, **changed)  # type: ignore[type-var] # the same


def block_with_stored(block: Block, stored: Mapping[str, str]) -> Block:
    """Do the same for one block. Stored values that contradict others are left out, too."""
    changed = _with_texts(block, stored)
    while wrong := said_against(changed, stored):
        for name, text in wrong.items():
            log.warning("%s: the stored value cannot be used: %s", name, text)
        stored = {name: text for name, text in stored.items() if name not in wrong}
        changed = _with_texts(block, stored)
    return changed


def contradicted(changes: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, str]:
    """Return what these values contradict, beside what is stored and set elsewhere: a sentence by name.

    Raises SettingsError where a block cannot be used as it is.
    """
    found: dict[str, str] = {}
    for block in BLOCKS:
        names = changes.keys() & {field.upper() for field in block.model_fields}
        if names:
            found |= said_against(_with_texts(load(block), {**stored, **changes}), names)
    return found


def said_against(block: Settings, names: Container[str]) -> dict[str, str]:
    """Return what a block's values say against each other, by those of these names that it concerns."""
    return {
        name: f"{found.text}." for found in block.contradictions() for name in found.names if name in names
    }


def _with_texts(block: Block, stored: Mapping[str, str]) -> Block:
    update = {}
    for field_name, field in type(block).model_fields.items():
        text = stored.get(field_name.upper(), "")
        if not text or field_name in block.model_fields_set or not is_changeable(field):
            continue
        try:
            update[field_name] = changeable_settings()[field_name.upper()].read(text)
        except SettingsError as refused:
            log.warning("%s: the stored value cannot be used: %s", field_name.upper(), refused)
    return block.model_copy(update=update) if update else block

"""Every setting as an administrator may see it: what it is, what it is for, whether it was changed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from core.contract.errors import SettingsError
from core.runtime.secret_files import secret_names
from core.runtime.settings import Settings, load
from core.runtime.settings_doc import BLOCKS, comments

MASK: Final = "••••••••"


@dataclass(frozen=True)
class ShownSetting:
    """One variable; a secret's value is masked."""

    name: str
    value: str
    default: str
    about: str
    changed: bool


@dataclass(frozen=True)
class ShownBlock:
    """The settings of one part of the system."""

    title: str
    settings: tuple[ShownSetting, ...]
    refused: str = ""
    """Why the block cannot be used, where that is so."""


def shown_blocks() -> list[ShownBlock]:
    """All of them, as this process finds them in its environment and .env; each variable once."""
    known: set[str] = set()
    return [_block(block, known) for block in BLOCKS]


def _block(block: type[Settings], known: set[str]) -> ShownBlock:
    title = (block.__doc__ or block.__name__).strip().splitlines()[0].rstrip(".")
    try:
        loaded = load(block)
    except SettingsError as error:
        return ShownBlock(title, (), str(error))
    settings = tuple(_settings(block, loaded, known))
    return ShownBlock(title, settings)


def _settings(block: type[Settings], loaded: Settings, known: set[str]) -> Iterator[ShownSetting]:
    texts, secrets = comments(block), secret_names(block)
    for name, field in block.model_fields.items():
        if name in known:
            continue
        known.add(name)
        value, default = getattr(loaded, name), field.get_default(call_default_factory=True)
        changed = name in loaded.model_fields_set and value != default
        if name in secrets:
            yield ShownSetting(name.upper(), MASK if value else "", "", texts.get(name, ""), changed)
        else:
            yield ShownSetting(name.upper(), _text(value), _text(default), texts.get(name, ""), changed)


def _text(value: Any) -> str:
    if value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return json.dumps(value, default=str) if value else ""
    return f"{value:g}" if isinstance(value, float) else str(value)

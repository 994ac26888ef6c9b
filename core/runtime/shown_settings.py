"""Every setting as people may see it: its value, its source, what it is for. Secrets are masked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import SecretStr

from core.contract.errors import SettingsError
from core.domain.logos import parse_logo
from core.runtime.changeable_settings import (
    Source,
    block_with_stored,
    changeable_settings,
    set_outside,
    where_locked,
)
from core.runtime.secret_files import secret_names
from core.runtime.settings import Settings, load
from core.runtime.settings_doc import BLOCKS, as_written, comments

MASK: Final = "••••••••"
_LOGO: Final = "ORGANIZATION_LOGO"


@dataclass(frozen=True)
class ShownSetting:
    """One variable; a secret's value is masked, a picture's is described."""

    name: str
    value: str
    default: str
    about: str
    source: Source
    changeable: bool = False
    """It can be changed while the system runs."""

    @property
    def locked(self) -> str:
        """Where it is to be changed, in a sentence, where the environment or the settings file sets it."""
        outside = self.source in ("environment", "settings file")
        return where_locked(self.name, self.source) if outside else ""

    @property
    def changed(self) -> bool:
        """Whether its value is another one than the default."""
        return self.source != "default" and self.value != self.default


@dataclass(frozen=True)
class ShownBlock:
    """The settings of one part of the system."""

    title: str
    settings: tuple[ShownSetting, ...]
    refused: str = ""
    """Why the block cannot be used, where that is so."""


def shown_blocks(stored: Mapping[str, str]) -> list[ShownBlock]:
    """Return all of them as this process finds them, each variable once.

    In its environment, in the settings file, and in the database, whose values are `stored`.
    """
    known: set[str] = set()
    return [_block(block, stored, known) for block in BLOCKS]


def described(name: str, text: str) -> str:
    """Return a changeable setting's text as it is shown in a line, and kept in the audit."""
    if name != _LOGO or not text:
        return text
    try:
        return str(parse_logo(text))
    except ValueError:  # stored by another version
        return "a picture"


def _block(block: type[Settings], stored: Mapping[str, str], known: set[str]) -> ShownBlock:
    title = (block.__doc__ or block.__name__).strip().splitlines()[0].rstrip(".")
    try:
        loaded = load(block)
    except SettingsError as error:
        return ShownBlock(title, (), str(error))
    return ShownBlock(title, tuple(_settings(loaded, block_with_stored(loaded, stored), known)))


def _settings(loaded: Settings, now: Settings, known: set[str]) -> Iterator[ShownSetting]:
    block = type(loaded)
    texts, secrets = comments(block), secret_names(block)
    for field_name, field in block.model_fields.items():
        if field_name in known:
            continue
        known.add(field_name)
        name, value = field_name.upper(), getattr(now, field_name)
        default = field.get_default(call_default_factory=True)
        source: Source = "default"
        if field_name in loaded.model_fields_set:
            variables = (name, f"{name}_FILE") if field_name in secrets else (name,)
            source = set_outside(*variables) or "environment"
        elif field_name in now.model_fields_set:
            source = "database"
        about = texts.get(field_name, "")
        if field_name in secrets:
            yield ShownSetting(name, MASK if value else "", "", about, source)
        else:
            shown = described(name, _text(value)), _text(default)
            yield ShownSetting(name, *shown, about, source, name in changeable_settings())


def _text(value: Any) -> str:
    if isinstance(value, SecretStr) or value == {}:
        return ""
    return as_written(value)

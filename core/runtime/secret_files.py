"""Secrets read from files: NAME_FILE=/run/secrets/name stands for the secret setting NAME."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import Field
from pydantic.config import JsonDict
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from core.contract.errors import SettingsError
from core.runtime.env_file import read_env_file

_SECRET: Final[JsonDict] = {"secret": True}


def secret(default: Any = None) -> Any:
    """Return a field that is masked where settings are shown, and has a NAME_FILE variant."""
    return Field(default=default, json_schema_extra=_SECRET)


def secret_names(settings: type[BaseSettings]) -> list[str]:
    """Return the fields of a block that are secrets."""
    return [name for name, field in settings.model_fields.items() if field.json_schema_extra == _SECRET]


class SecretFiles(PydanticBaseSettingsSource):
    """The source of NAME_FILE variables, from the environment first, then from the settings file."""

    def get_field_value(self, _field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Return part of the base's interface; this source answers for all fields at once in __call__."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        known = _variables()
        paths = {name: known.get(f"{name.upper()}_FILE") for name in secret_names(self.settings_cls)}
        return {name: self._value(name, path) for name, path in paths.items() if path}

    def _value(self, name: str, path: str) -> Any:
        variable = f"{name.upper()}_FILE"
        try:
            text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise SettingsError(f"{variable}: the file {path} is not UTF-8.") from error
        except OSError as error:
            raise SettingsError(f"{variable}: the file {path} cannot be read: {error.strerror}.") from error
        if self.field_is_complex(self.settings_cls.model_fields[name]):
            try:
                return json.loads(text)
            except ValueError as error:
                raise SettingsError(f"{variable}: the file {path} is not JSON ({error}).") from None
        return text


def _variables() -> Mapping[str, str]:
    given = {name.upper(): text for name, text in os.environ.items() if text}
    return {**read_env_file(), **given}

"""docker-compose.yml without an engine: merged as compose merges it, its paths moved to places of a test."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from tests.paths import ROOT

FILE: Final = ROOT / "docker-compose.yml"
OURS: Final = ("collector", "processor", "notifier", "dashboard")
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def compose(path: Path = FILE) -> dict[str, Any]:
    """The file with YAML's merges done and variables at their defaults."""
    text = _VARIABLE.sub(lambda found: found[2] or "", path.read_text(encoding="utf-8"))
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def environment(service: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, str]:
    """A service's variables; what begins with one of `places` is somewhere else here."""
    found = {}
    for name, value in (service.get("environment") or {}).items():
        for there, here in places.items():
            value = str(value).replace(there, here)  # noqa: PLW2901
        found[name] = str(value)
    return found

"""A stranger's subscriber: it knows docs/contract/asyncapi.json and nothing else of this program."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator


@dataclass
class Stranger:
    """Matches topics to channels and validates what comes on them."""

    document: dict[str, Any]
    seen: Counter[str] = field(default_factory=Counter)
    cleared: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> "Stranger":
        return cls(json.loads((folder / "asyncapi.json").read_text(encoding="utf-8")))

    def take(self, topic: str, payload: bytes) -> None:
        """A message; what does not fit is in `wrong`."""
        channel = self.channel_of(topic)
        if channel is None:
            self.wrong.append(f"{topic} is no channel")
        elif not payload:
            self.cleared.add(topic)
        else:
            self.seen[channel] += 1
            self.wrong += [f"{topic}: {error}" for error in self.errors(channel, json.loads(payload))]

    def channel_of(self, topic: str) -> str | None:
        for name, channel in self.document["channels"].items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(channel["address"]))
            if re.fullmatch(pattern, topic):
                return str(name)
        return None

    def errors(self, channel: str, message: Any) -> list[str]:
        schemas = self.document["components"]["schemas"]
        (name,) = self.document["channels"][channel]["messages"]
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
        found = Draft202012Validator(schema).iter_errors(message)
        return [f"{error.json_path}: {error.message}" for error in found]

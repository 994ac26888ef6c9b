"""Memory of the rules between readings, as JSON that is opaque to others; empty when all is well."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from core.contract.messages import Attention
from processor.decode.mib_tables import RememberedTables
from processor.judgment.identity import NOTHING_KNOWN, Identity
from processor.rules.waste import Meaning

Value = TypeVar("Value")


class SetBack(NamedTuple):
    """The clock was set back: when that was seen, and what the time had been until then."""

    at: datetime
    was: datetime


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """The past as far as a PrinterState does not show it."""

    misses: int = 0
    """Readings without an answer in a row."""
    missed_since: datetime | None = None
    hidden: tuple[Attention, ...] = ()
    """Flags that are not shown while the printer is unreachable."""
    gone: dict[str, int] = field(default_factory=dict)
    """Readings in a row that no longer showed a flag, by "code|subject"."""
    polarity: dict[str, Meaning] = field(default_factory=dict)
    remembered: RememberedTables = field(default_factory=RememberedTables)
    identity: Identity = NOTHING_KNOWN
    """Which device answers; empty while it is the first one, and its state has its serial number."""

    set_back: SetBack | None = None

    def dump(self) -> dict[str, Any]:
        """Return it as JSON, without what is as usual."""
        usual = {"device": 1}
        device = {name: getattr(self.remembered, name) for name in RememberedTables.__dataclass_fields__}
        values: dict[str, Any] = {
            "misses": self.misses,
            "missed_since": self.missed_since.isoformat() if self.missed_since else None,
            "hidden": [flag.model_dump(mode="json") for flag in self.hidden],
            "gone": dict(self.gone),
            "polarity": dict(self.polarity),
            "identity": self.identity.dump(),
            "set_back": [at.isoformat() for at in self.set_back] if self.set_back else None,
            **{name: value for name, value in device.items() if value != usual.get(name)},
        }
        return {name: value for name, value in values.items() if value not in (None, 0, [], {})}

    @classmethod
    def load(cls, memory: Mapping[str, Any]) -> "RuleMemory":
        """Return what was dumped; a part that cannot be read is forgotten."""
        return cls(
            misses=max(0, _number(memory.get("misses")) or 0),
            missed_since=_attempt(datetime.fromisoformat, memory.get("missed_since")),
            hidden=_flags(memory.get("hidden")),
            gone={str(k): v for k, v in _items(memory.get("gone")) if isinstance(v, int)},
            polarity={str(k): v for k, v in _items(memory.get("polarity")) if v in ("fill", "remaining")},
            identity=Identity.load(memory.get("identity")),
            set_back=_attempt(_set_back, memory.get("set_back")),
            remembered=RememberedTables(
                device=_number(memory.get("device")),
                charset=_number(memory.get("charset")),
                console_charset=_number(memory.get("console_charset")),
                error_octets=_text(memory.get("error_octets")),
            ),
        )


def _flags(values: Any) -> tuple[Attention, ...]:
    given = values if isinstance(values, list) else []
    flags = (_attempt(Attention.model_validate, value) for value in given)
    return tuple(flag for flag in flags if flag is not None)


def _set_back(value: Any) -> SetBack:
    at, was = map(datetime.fromisoformat, value)
    return SetBack(at, was)


def _attempt(read: Callable[[Any], Value], value: Any) -> Value | None:
    try:
        return read(value)
    except (TypeError, ValueError, ValidationError):
        return None


def _items(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None

"""Remember between polls how a printer can be asked, and how many rows it has."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final, Self, cast

from collector.drivers.protocol import Agent, Version
from core.contract.printer_mib import COLUMN_OID

CELLS: Final = 60
"""Objects asked for in one request (a text counts twice): what fits into one datagram of an Ethernet."""

_RELEARN_AFTER: Final = 100  # polls in a lesser way before the best one is tried again
_FORGET_AFTER: Final = 10  # polls without any answer before another device may stand there
_VENDOR_FAILURES: Final = 3
_LARGEST: Final = 0xFFFFFFFF
_LONGEST_TEXT: Final = 256
_COLUMNS: Final = len(COLUMN_OID)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Abilities of one printer's agent; the default is that of a printer never asked."""

    version: str = ""
    """The SNMP version that was answered ("1", "2c", "3"); empty before the first answer."""
    bulk: bool = True
    """GETBULK is answered well; otherwise GETNEXT is used."""
    cells: int = CELLS
    """Objects in one answer that worked (columns x repetitions); 1: every object is asked for alone."""
    refused: tuple[str, ...] = ()
    """Columns that were an error even when asked for alone: an error again means that there is no more."""
    rows: tuple[int, ...] = ()
    """Rows of each column (in the order of COLUMN_OID) last time: how many repetitions to ask for."""
    device_indexes: tuple[int, ...] = ()
    """hrDeviceIndex of each printer in the device."""
    vendor_failures: int = 0
    """Times in a row that its vendor's own objects were not answered."""
    counters_at: int = 0
    """When its vendor's page counters were last read, in seconds since 1970."""
    counters_status: str = ""
    """The printer's statuses at that time: with others, the counters are read again."""
    lesser_polls: int = 0
    silent_polls: int = 0

    @property
    def asks_vendor(self) -> bool:
        """Its vendor's own objects are worth a request."""
        return self.vendor_failures < _VENDOR_FAILURES

    @property
    def is_lesser(self) -> bool:
        """Whether something has been found not to work."""
        return not (self.bulk and self.asks_vendor) or self.cells < CELLS or bool(self.refused)

    def after_silence(self) -> Self:
        """Return the capabilities after a poll without an answer: kept for a while, it may be off."""
        silent = self.silent_polls + 1
        return type(self)() if silent >= _FORGET_AFTER else replace(self, silent_polls=silent)

    def after_answer(self) -> Self:
        """Return the capabilities after a poll; now and then a lesser way is dropped to try the best."""
        lesser = self.lesser_polls + 1 if self.is_lesser or self.version == "1" else 0
        if lesser >= _RELEARN_AFTER:
            return type(self)(rows=self.rows, device_indexes=self.device_indexes)
        if (lesser, self.silent_polls) == (self.lesser_polls, 0):
            return self
        return replace(self, lesser_polls=lesser, silent_polls=0)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for json.dumps; what is as by default is left out."""
        default = type(self)()
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value != getattr(default, name)}

    @classmethod
    def from_json(cls, stored: object) -> Self:
        """Return the capabilities that to_json gave; whatever is not as it should be is as by default."""
        found = stored if isinstance(stored, Mapping) else {}
        version = found.get("version")
        rows = _numbers(found.get("rows"))
        return cls(
            version=version if version in ("1", "2c", "3") else "",
            bulk=found.get("bulk") is not False,
            cells=min(CELLS, _number(found.get("cells"), CELLS) or 1),
            refused=tuple(name for name in _list(found.get("refused")) if name in COLUMN_OID),
            rows=shared(rows) if len(rows) == _COLUMNS else (),
            device_indexes=_numbers(found.get("device_indexes")),
            vendor_failures=_number(found.get("vendor_failures"), 0),
            counters_at=_number(found.get("counters_at"), 0),
            counters_status=_text(found.get("counters_status")),
            lesser_polls=_number(found.get("lesser_polls"), 0),
            silent_polls=_number(found.get("silent_polls"), 0),
        )


@lru_cache(maxsize=4096)
def shared(rows: tuple[int, ...]) -> tuple[int, ...]:
    """Return an equal tuple that is there already: like printers have the same rows, and a fleet many."""
    return rows


def as_learnt(agent: Agent, capabilities: Capabilities) -> tuple[Agent, Capabilities]:
    """Return the agent as it is spoken to, and what is known of it; nothing where its profile has changed."""
    if capabilities.version and agent.profile.version not in ("auto", capabilities.version):
        return agent, Capabilities()
    if capabilities.version:
        agent = replace(agent, version=cast(Version, capabilities.version))
    return agent, capabilities


def _number(value: object, default: int) -> int:
    return value if type(value) is int and 0 <= value <= _LARGEST else default


def _text(value: object) -> str:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return [item for item in value if isinstance(item, str | int)] if isinstance(value, list | tuple) else []


def _numbers(value: object) -> tuple[int, ...]:
    return tuple(_number(item, 0) for item in _list(value))

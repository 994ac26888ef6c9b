"""Memory of a printer's supplies between readings, as JSON in the memory of its snapshot. Pure.

A calm supply is [percent, step] or [percent, step, serial], seen when the printer answered last: most
readings change nothing of it. Whatever else is known stands in a fourth place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from processor.supplies.rises import JUMP_PERCENT
from processor.supplies.watch import Level, Rise, Watch

_CALM: Final = 3
"""The length of the entry of a supply of which nothing but level, step and serial number is remembered."""

_PENDING: Final = ("higher", "rise", "done")


@dataclass(frozen=True)
class SupplyMemory:
    """The supplies of a printer by index, and when it answered last."""

    at: float = 0.0
    count: int | None = None
    entries: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, memory: Any) -> "SupplyMemory":
        """Return what was dumped; what cannot be read is forgotten."""
        if not isinstance(memory, dict) or not isinstance(memory.get("of"), dict):
            return cls()
        at, count = memory.get("at"), memory.get("count")
        if not isinstance(at, int | float):
            return cls()
        entries = {key: entry for key, entry in memory["of"].items() if isinstance(entry, list) and entry}
        return cls(float(at), count if isinstance(count, int) else None, entries)

    def dump(self) -> dict[str, Any]:
        """Return the memory as JSON."""
        return {"at": self.at, "count": self.count, "of": self.entries}

    def moved(self, at: float, count: int | None) -> "SupplyMemory":
        """Return the memory after another reading that shows the same: what is dated by this one moves."""
        entries = {index: self._moved(entry, at, count) for index, entry in self.entries.items()}
        return SupplyMemory(at, count, entries)

    def _moved(self, entry: Sequence[Any], at: float, count: int | None) -> Sequence[Any]:
        last = entry[_CALM].get("last") if len(entry) > _CALM else None
        if last is None or last[1] != self.at:
            return entry
        counted = count if last[2] == self.count else last[2]
        return [*entry[:_CALM], {**entry[_CALM], "last": [last[0], at, counted]}]

    @property
    def is_waiting(self) -> bool:
        """Whether something of a supply waits for further readings, or for time to go by."""
        more = (entry[_CALM] for entry in self.entries.values() if len(entry) > _CALM)
        return any(name in extra for extra in more for name in _PENDING)

    def watch(self, index: str) -> Watch | None:
        """Return what is remembered of a supply."""
        entry = self.entries.get(index)
        return None if entry is None else _watch(entry, self.at, self.count)


def calm_entry(entry: Sequence[Any] | None, percent: int | None, serial: str) -> Sequence[Any] | None:
    """Return the entry after a reading that shows what was known, or a little less of it: as nearly always.

    None where watch.follow must tell, which does the same in thirty times as long.
    """
    if entry is None or percent is None or len(entry) > _CALM or entry[0] is None:
        return None
    if (entry[2] if len(entry) == _CALM else "") != serial:
        return None
    fall = entry[0] - percent
    if fall == 0:
        return entry
    if 0 < fall < JUMP_PERCENT and entry[1]:
        return [percent, min(entry[1], fall), *entry[2:]]
    return None


def entry_of(watch: Watch, at: float, count: int | None) -> list[Any]:
    """Return the entry of a watch in a memory whose printer answered last `at`."""
    entry: list[Any] = [watch.last.percent, watch.step]
    extra: dict[str, Any] = {}
    if (watch.last.at, watch.last.count) != (at, count) or watch.last.percent is None:
        extra["last"] = _dump(watch.last)
    for name in ("higher", "done"):
        level: Level | None = getattr(watch, name)
        if level is not None:
            extra[name] = _dump(level)
    if watch.rise is not None:
        rise = watch.rise
        counts = rise.confirmed, rise.zeros
        extra["rise"] = [_dump(rise.old), rise.old_serial, _dump(rise.new), rise.serial, *counts]
    for name in ("lower", "returned", "some", "empty"):
        if value := getattr(watch, name):
            extra[name] = value
    if extra:
        return [*entry, watch.serial, extra]
    return [*entry, watch.serial] if watch.serial else entry


def _watch(entry: Sequence[Any], at: float, count: int | None) -> Watch | None:
    try:
        percent, step, *more = entry
        serial = str(more[0]) if more else ""
        extra: Mapping[str, Any] = more[1] if len(more) > 1 else {}
        return Watch(
            last=_level(extra["last"]) if "last" in extra else Level(percent, at, count),
            step=int(step),
            serial=serial,
            higher=_level(extra["higher"]) if "higher" in extra else None,
            rise=_rise(extra["rise"]) if "rise" in extra else None,
            done=_level(extra["done"]) if "done" in extra else None,
            lower=int(extra.get("lower", 0)),
            returned=int(extra.get("returned", 0)),
            some=bool(extra.get("some", False)),
            empty=int(extra.get("empty", 0)),
        )
    except (TypeError, ValueError, KeyError, IndexError):
        return None


def _dump(level: Level) -> list[Any]:
    return [level.percent, level.at, level.count]


def _level(value: Any) -> Level:
    percent, at, count = value
    return Level(None if percent is None else int(percent), float(at), None if count is None else int(count))


def _rise(value: Any) -> Rise:
    old, old_serial, new, serial, confirmed, zeros = value
    return Rise(_level(old), str(old_serial), _level(new), str(serial), int(confirmed), int(zeros))

"""What InfluxDB's storage does with the lines of a write, and says of them in the words of each version.

As in the servers: every line is parsed first, what is older than the retention is left out (but not where a
newer point has its shard), each shard drops what has another type than its fields have, the rest is stored.
One shard that has dropped lines answers for all.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, NamedTuple

from core.timeseries.points import DAY_MS, moment

SHARD_MS: Final = 7 * DAY_MS
FIRST_MONDAY: Final = 4 * DAY_MS
"""Of 1970. Shards begin on Mondays."""
_INT64_DIGITS: Final = 19
_LARGEST: Final = 2**63 - 1
_IN_DATABASE: Final = " for database: printers"
_INTEGER: Final = re.compile(r"=(-?\d+)i\b")
_TYPES: Final = {"t": "boolean", "f": "boolean", '"': "string"}


class Parsed(NamedTuple):
    """A line as the server has it."""

    text: str
    key: str
    fields: dict[str, str]
    """Types by name."""
    at: int

    @property
    def measurement(self) -> str:
        """The text before the tags."""
        return self.key.partition(",")[0]


def shard_of(at: int) -> int:
    """Return the number of the shard of a time in milliseconds."""
    return (at - FIRST_MONDAY) // SHARD_MS


@dataclass
class InfluxStorage:
    """A server of a version: 1.8, 1.12, 2.7.6, 2.7.12 or 3."""

    version: str = "2.7.12"
    oldest: int | None = None
    """Points before this time (milliseconds) are beyond the retention policy."""
    types: dict[tuple[int, str, str], str] = field(default_factory=dict)
    """By shard, measurement and field."""
    stored: set[str] = field(default_factory=set)
    random: Random = field(default_factory=lambda: Random(1))
    """Which of the shards that have dropped lines answers."""

    def take_type(self, at: int, measurement: str, name: str, kind: str) -> None:
        """Have a field of that type in the shard of a time."""
        self.types[shard_of(at), measurement, name] = kind

    def write(self, lines: Sequence[str]) -> tuple[int, str]:
        """Store what can be stored; status and body of the answer."""
        sound, unparsed = _parsed(lines)
        if self.version == "3":
            return self._write_3(lines, sound)
        if unparsed and (self.version.startswith("2") or not sound):
            return self._say(400, "\n".join(unparsed))
        kept, old = self._within_retention(sound)
        failed = [text for text in (self._write_shard(shard) for shard in _by_shard(kept)) if text]
        if failed:
            where = f"{_IN_DATABASE} for retention policy: autogen"
            return self._say_partial(self.random.choice(failed), where)
        if old:
            return self._say_partial(self._about_retention(old))
        if unparsed:  # InfluxDB 1
            return self._say_partial("\n".join(unparsed) + " dropped=0", _IN_DATABASE)
        return 204, ""

    def _within_retention(self, lines: Sequence[Parsed]) -> tuple[list[Parsed], list[Parsed]]:
        """Those of shards that have a point within the retention, and the others."""
        shards = {shard_of(line.at) for line in lines if self.oldest is None or line.at >= self.oldest}
        kept = [line for line in lines if shard_of(line.at) in shards]
        return kept, [line for line in lines if shard_of(line.at) not in shards]

    def _write_shard(self, lines: Sequence[Parsed]) -> str:
        """Store lines; empty, or what is said of those that are dropped."""
        reason, dropped = "", 0
        for line in lines:
            wrong = self._conflict(line)
            reason, dropped = reason or wrong, dropped + bool(wrong)
            if not wrong:
                self.stored.add(line.text)
        return f"{reason} dropped={dropped}" if dropped else ""

    def _conflict(self, line: Parsed) -> str:
        for name, kind in line.fields.items():
            had = self.types.setdefault((shard_of(line.at), line.measurement, name), kind)
            if had != kind:
                about = f'input field "{name}" on measurement "{line.measurement}"'
                return f"field type conflict: {about} is type {kind}, already exists as type {had}"
        return ""

    def _about_retention(self, old: Sequence[Parsed]) -> str:
        if self.version in ("1.8", "2.7.6"):
            return f"points beyond retention policy dropped={len(old)}"
        bound = f"dropped because it violates a Retention Policy Lower Bound at {_time(self.oldest or 0)}"
        oldest, newest = (
            f"point {line.key} at {_time(line.at)} {bound}" for line in (min(old, key=_at), max(old, key=_at))
        )
        return (
            f"dropped {len(old)} points outside retention policy of duration 72h0m0s - oldest {oldest}, "
            f"newest {newest} dropped={len(old)} for database: 610c26001281c704 for retention policy: autogen"
        )

    def _say_partial(self, text: str, where: str = "") -> tuple[int, str]:
        if self.version.startswith("1"):
            return self._say(400, f"partial write: {text}{where if self.version == '1.12' else ''}")
        return self._say(422, f"failure writing points to database: partial write: {text}")

    def _say(self, status: int, text: str) -> tuple[int, str]:
        if self.version.startswith("1"):
            return status, _go_json({"error": text}) + "\n"
        code = "invalid" if status == 400 else "unprocessable entity"
        return status, _go_json({"code": code, "message": text})

    def _write_3(self, lines: Sequence[str], sound: Sequence[Parsed]) -> tuple[int, str]:
        good = {line.text: self._conflict(line) for line in sound}
        self.stored |= {text for text, wrong in good.items() if not wrong}
        wrong = [
            {
                "error_message": good.get(text) or "Unable to parse integer value",
                "line_number": number,
                "original_line": text[:20],
            }
            for number, text in enumerate(lines, 1)
            if good.get(text, "unparsed")
        ]
        if not wrong:
            return 204, ""
        return 400, json.dumps({"error": "partial write of line protocol occurred", "data": wrong})


def _parsed(lines: Sequence[str]) -> tuple[list[Parsed], list[str]]:
    """Lines, and the sentences about those that cannot be parsed."""
    sound, unparsed = [], []
    for text in lines:
        if not text or text.startswith("#"):
            continue
        key, fields, at = text.rsplit(" ", 2)
        too_large = [
            n for n in _INTEGER.findall(fields) if len(n) >= _INT64_DIGITS and abs(int(n)) > _LARGEST
        ]
        if too_large:
            why = f'strconv.ParseInt: parsing "{too_large[0]}": value out of range'
            unparsed.append(f"unable to parse '{text}': unable to parse integer {too_large[0]}: {why}")
        else:
            sound.append(Parsed(text, key, dict(map(_type, fields.split(","))), int(at)))
    return sound, unparsed


def _type(named: str) -> tuple[str, str]:
    name, _, value = named.partition("=")
    return name, "integer" if value.endswith("i") else _TYPES.get(value[0], "float")


def _by_shard(lines: Sequence[Parsed]) -> list[list[Parsed]]:
    shards: dict[int, list[Parsed]] = {}
    for line in lines:
        shards.setdefault(shard_of(line.at), []).append(line)
    return list(shards.values())


def _go_json(value: dict[str, Any]) -> str:
    """As Go writes it: these three are escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    escape: Callable[[re.Match[str]], str] = lambda found: f"\\u{ord(found[0]):04x}"  # noqa: E731
    return re.sub("[<>&]", escape, text)


def _time(at: int) -> str:
    return moment(at).isoformat().replace("+00:00", "Z")


def _at(line: Parsed) -> int:
    return line.at

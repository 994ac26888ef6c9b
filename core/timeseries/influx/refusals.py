"""Find the lines that InfluxDB has refused, from its answer to a write. Pure.

InfluxDB 1 and 2 keep points in the same way and say the same of them: 2 as `{"code", "message"}` with
status 422, 1 as `{"error"}` with 400. They store what they can of a write, and tell how many lines they
have dropped:

- `partial write: points beyond retention policy dropped=500`; since 2.7.12 and 1.12 `partial write:
  dropped 500 points outside retention policy of duration 72h0m0s - oldest point ..., newest point ...
  dropped=500 for database: ...`. It is the oldest lines that are dropped.
- `partial write: field type conflict: input field "level" on measurement "supply" is type integer,
  already exists as type float dropped=500`. Points are kept in shards by their time, and a field has a
  type in each shard. One shard is told of: others may have dropped lines as well, and so may retention.
- `unable to parse 'LINE': missing fields`, a sentence and a line end for each. InfluxDB 2 stores nothing
  of such a write (400); InfluxDB 1 stores the rest and says `partial write:` before it.

InfluxDB 3 stores what it can and numbers the lines that it does not take, from 1: `{"error": "partial
write of line protocol occurred", "data": [{"line_number": 7, "error_message": ...}]}`. VictoriaMetrics
refuses nothing: what it does not keep is told in its log alone.
"""

import json
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from core.timeseries.points import DAY_MS, HOUR_MS

_REASON_LENGTH: Final = 280
_BEFORE: Final = "failure writing points to database: "
_PARTIAL: Final = "partial write"
_UNPARSED: Final = "unable to parse '"
_DROPPED: Final = re.compile(r" dropped=(\d+)(?: for database: .*)?$", re.DOTALL)
_RETENTION: Final = re.compile(
    r"(points beyond retention policy) dropped="
    r"|dropped \d+ points (outside retention policy of duration \S+) - "
)
_CONFLICT: Final = re.compile(r'input field "([^"]+)" on measurement "([^"]+)"')
_INFLUXDB_2: Final = 422
"""Its status. If it tells of retention, nothing else was refused; InfluxDB 1 may not have parsed lines."""
_SHARD_LENGTHS: Final = (7 * DAY_MS, DAY_MS, HOUR_MS)
"""Of buckets that keep points for half a year and more, for two days and more, and for less."""
_TO_MONDAY: Final = 3 * DAY_MS
"""Shards of a week begin on Mondays; 1970 did on a Thursday."""
_GUESSED: Final = 8
"""In shards of other lengths: where a fair part was dropped, try the oldest first; else halving is faster."""


class ProtocolLine(NamedTuple):
    """A line of a point, with the place of the point among those to be written."""

    place: int
    text: str

    @property
    def at(self) -> int:
        """Its time, in milliseconds."""
        return int(self.text.rsplit(" ", 1)[1])


@dataclass
class WriteRefusal:
    """Lines that an answer refuses; lines that are in none of these are stored."""

    refused: dict[int, str] = field(default_factory=dict)
    """Why points are refused, by their place."""
    again: list[list[ProtocolLine]] = field(default_factory=list)
    """Lines of which this is not known yet, to be sent again: each list by itself, the last one first."""
    too_old: tuple[int, str] | None = None
    """Lines up to this time (milliseconds) are refused for their age, and the reason to give."""


def read_refusal(status: int, body: str, lines: Sequence[ProtocolLine]) -> WriteRefusal:
    """Return what an answer that refuses lines says of each of them."""
    message, numbered = _message(body)
    if named := {**_numbered(numbered, len(lines)), **_unparsed(message, lines)}:
        rest = [line for number, line in enumerate(lines) if number not in named]
        refused = {
            line.place: f"{status}: {named[number]}"[:_REASON_LENGTH]
            for number, line in enumerate(lines)
            if number in named
        }
        return WriteRefusal(refused, [rest] if rest and not message.startswith(_PARTIAL) else [])
    found = _DROPPED.search(message)
    dropped = int(found[1]) if found else 0
    if dropped and (retention := _RETENTION.search(message)):
        return _too_old(lines, dropped, status, retention[1] or retention[2])
    reason = f"{status}: {_DROPPED.sub('', message)}"[:_REASON_LENGTH]
    if dropped >= len(lines) or len({line.place for line in lines}) == 1:
        return WriteRefusal(_for_all(lines, reason))
    meant, rest = _meant(message, lines)
    if not meant or not rest:
        return WriteRefusal(again=_in_two(lines, dropped))
    if len(meant) == dropped:
        return WriteRefusal(_for_all(meant, reason), [rest])
    return WriteRefusal(again=[meant, rest])


def _message(body: str) -> tuple[str, Iterable[Any]]:
    """Return the sentence of an answer, and what InfluxDB 3 says of single lines."""
    try:
        said = json.loads(body)
    except ValueError:
        return body, ()
    if not isinstance(said, dict):
        return body, ()
    message = str(said.get("message") or said.get("error") or body)
    single = said.get("data")
    return message.removeprefix(_BEFORE), single if isinstance(single, list) else ()


def _numbered(single: Iterable[Any], count: int) -> Mapping[int, str]:
    """Return why lines are refused, by their number from 0, where the answer gives numbers."""
    found = {}
    for each in single:
        number = each.get("line_number") if isinstance(each, dict) else None
        if isinstance(number, int) and 1 <= number <= count:
            found[number - 1] = str(each.get("error_message"))
    return found


def _unparsed(message: str, lines: Sequence[ProtocolLine]) -> Mapping[int, str]:
    """Return why lines are refused, by their number from 0, where the answer repeats them."""
    if _UNPARSED not in message:
        return {}
    numbers = defaultdict(list)
    for number, line in enumerate(lines):
        numbers[line.text].append(number)
    found = {}
    for sentence in _DROPPED.sub("", message).split("\n"):
        text, _, why = sentence.partition(_UNPARSED)[2].rpartition("': ")
        found.update(dict.fromkeys(numbers.get(text, ()), f"unable to parse: {why}"))
    return found


def _too_old(lines: Sequence[ProtocolLine], dropped: int, status: int, why: str) -> WriteRefusal:
    """Return what retention has refused: the oldest lines, and those of the same time."""
    until = sorted(line.at for line in lines)[min(dropped, len(lines)) - 1]
    reason = f"{status}: {why}"
    rest = [line for line in lines if line.at > until]
    refused = _for_all([line for line in lines if line.at <= until], reason)
    return WriteRefusal(refused, [rest] if rest and status != _INFLUXDB_2 else [], (until, reason))


def _for_all(lines: Iterable[ProtocolLine], reason: str) -> dict[int, str]:
    return dict.fromkeys((line.place for line in lines), reason)


def _meant(message: str, lines: Sequence[ProtocolLine]) -> tuple[list[ProtocolLine], list[ProtocolLine]]:
    """Return the lines that have the field of which the answer speaks, and the others."""
    conflict = _CONFLICT.search(message)
    if conflict is None:
        return [], list(lines)
    name, measurement = conflict.groups()
    meant: list[ProtocolLine] = []
    rest: list[ProtocolLine] = []
    for line in lines:
        fields = line.text.rsplit(" ", 2)[1]
        has_it = line.text.startswith(f"{measurement},") and f",{name}=" in f",{fields}"
        (meant if has_it else rest).append(line)
    return meant, rest


def _in_two(lines: Sequence[ProtocolLine], dropped: int) -> list[list[ProtocolLine]]:
    """Return the lines of the shard that is told of, and the others; else older and newer ones."""
    ordered = sorted(lines, key=lambda line: (line.at, line.place))
    for length in _SHARD_LENGTHS:
        shards = [(line.at + _TO_MONDAY) // length for line in ordered]
        fitting = [shard for shard, count in Counter(shards).items() if count == dropped]
        if len(fitting) == 1:
            told = [line for line, shard in zip(ordered, shards, strict=True) if shard == fitting[0]]
            others = [line for line, shard in zip(ordered, shards, strict=True) if shard != fitting[0]]
            return [told, others]
        if fitting:  # any of them may be meant: they stay whole
            cut = bisect_left(shards, fitting[len(fitting) // 2])
            return [ordered[:cut], ordered[cut:]]
    fair = min(dropped, len(ordered) - dropped) * _GUESSED >= len(ordered)
    cut = dropped if fair else len(ordered) // 2
    return [ordered[:cut], ordered[cut:]]

"""Answer Flux queries without a server: exactly what the panels of docs/grafana/influxdb.json use.

Whatever else a query asks for raises NotInSubset, so that no panel rests on what is only guessed here. The
rules are those of Flux's reference and source:

- Rows of one group key are a table; `range` puts `_start` and `_stop` into each row and each key.
- A window is half-open, [start, stop). Windows lie at whole multiples of `every` since 1970, by the clock of
  `location` (UTC unless given), so that a day there may have 23 or 25 hours; they are cut at the range.
- `aggregateWindow` gives a row the time in `timeSrc`: the window's stop unless told otherwise, which is the
  first moment of the next window. A selector (`last`) keeps its row with its `_time`; an aggregate (`sum`,
  `mean`) keeps the columns of the key alone. Afterwards the tables have the key that they had before.
- After `union` tables are grouped before anything else is done: InfluxDB 2.8 kept those of `first` and of a
  window in a time zone apart, of the same key.
- `difference` begins with the second row of a table.
- Types do not mix: an int and a float are neither compared nor the two ends of an `if`.
"""

import inspect
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

Row = dict[str, Any]
Names = Mapping[str, Any]
Expression = Callable[[Names], Any]
"""What a piece of a query is worth, given the names that are known where it stands."""


class NotInSubset(Exception):
    """The query asks for something that is not known here, or that Flux refuses."""


Key = frozenset[tuple[str, Any]]
"""The group key of a table: the columns in which its rows agree, with their values."""


@dataclass
class Stream:
    """The rows of each table, and the range at which windows are cut: None before `range`."""

    tables: dict[Key, list[Row]]
    bounds: tuple[datetime, datetime] | None = None
    regrouped: bool = True
    """False after `union`, whose tables InfluxDB may leave apart although their keys are alike."""

    def each(self, change: Callable[[list[Row]], list[Row]]) -> "Stream":
        """Return the tables with their rows changed, but for their keys; one without rows is none."""
        changed = {key: change(rows) for key, rows in self.tables.items()}
        return Stream({key: rows for key, rows in changed.items() if rows}, self.bounds)


def answer(script: str, buckets: Mapping[str, Iterable[Row]], now: datetime) -> list[Row]:
    """Return the rows of the result, table by table.

    A bucket is rows with `_measurement`, `_field`, `_time`, `_value` and tags. Raises NotInSubset.
    """
    names = {"false": False, "from": partial(_from, buckets), "range": partial(_range, now), **_FUNCTIONS}
    result = _Script(script).run(names)
    if not isinstance(result, Stream):
        raise NotInSubset("a script without a stream of tables as its last line")
    return [row for rows in result.tables.values() for row in rows]


# The text of a script


_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)
    |(?P<duration>(?:\d+(?:ms|s|m|h|d))+\b)
    |(?P<float>\d+\.\d+)
    |(?P<int>\d+\b)
    |(?P<string>"[^"\\$]*")
    |(?P<word>[A-Za-z_]\w*)
    |(?P<symbol>\|>|=>|==|>=|[->=(){}\[\]:,.])""",
    re.VERBOSE,
)
_KEYWORDS: Final = {"import", "if", "then", "else", "and", "with", "or", "not", "exists", "option", "return"}
_UNITS: Final = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _duration(text: str) -> timedelta:
    parts = re.findall(r"(\d+)([a-z]+)", text)
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta())


_LITERALS: Final[Mapping[str, Callable[[str], Any]]] = {
    "time": datetime.fromisoformat,
    "duration": _duration,
    "float": float,
    "int": int,
    "string": lambda quoted: quoted[1:-1],
}


class _Script:
    """A script, read from its front: one method for each form of the language."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place = 0
        while place < len(text):
            found = _TOKEN.match(text, place)
            if found is None:
                raise NotInSubset(f"the text {text[place : place + 20]!r}")
            if found.lastgroup != "space":
                self._tokens.append((str(found.lastgroup), found[0]))
            place = found.end()

    def run(self, names: dict[str, Any]) -> Any:
        """Do what stands there, line by line; return what the last line is worth."""
        while self._take("import"):
            package = self._literal("string")
            if package not in _PACKAGES:
                raise NotInSubset(f"the package {package}")
            names[package] = _PACKAGES[package]
        while len(self._tokens) > 1 and self._tokens[1][1] == "=":
            name = self._name()
            self._expect("=")
            names[name] = self._expression()(names)
        result = self._expression()(names)
        if self._tokens:
            raise NotInSubset(f"{self._tokens[0][1]!r} after the result")
        return result

    def _expression(self) -> Expression:
        """Read `a |> f(...) |> g(...)`."""
        found = self._condition()
        while self._take("|>"):
            function = self._reference()
            found = partial(_called, function, self._arguments(), found)
        return found

    def _condition(self) -> Expression:
        """Read `a == b and c > d`."""
        found = self._comparison()
        while self._take("and"):
            found = partial(_both, found, self._comparison())
        return found

    def _comparison(self) -> Expression:
        left = self._operand()
        for symbol, compare in (("==", operator.eq), (">=", operator.ge), (">", operator.gt)):
            if self._take(symbol):
                return partial(_compared, compare, left, self._operand())
        return left

    def _operand(self) -> Expression:
        kind, text = self._tokens[0] if self._tokens else ("end", "")
        forms = {"if": self._choice, "[": self._array, "{": self._record, "(": self._parenthesis}
        if kind in _LITERALS:
            return partial(_constant, self._literal(kind))
        if self._take("-"):
            return partial(_constant, -self._literal("duration"))
        if text in forms:
            self._expect(text)
            return forms[text]()
        found = self._reference()
        if self._tokens and self._tokens[0][1] == "(":
            return partial(_called, found, self._arguments(), None)
        return found

    def _choice(self) -> Expression:
        condition = self._expression()
        self._expect("then")
        yes = self._expression()
        self._expect("else")
        return partial(_chosen, condition, yes, self._expression())

    def _array(self) -> Expression:
        return partial(_listed, self._until("]", self._expression))

    def _record(self) -> Expression:
        base = self._name()
        self._expect("with")
        return partial(_changed, base, dict(self._until("}", self._named)))

    def _parenthesis(self) -> Expression:
        """Read what follows the first parenthesis of `() => ...`, `(r) => ...` or `(a)`."""
        texts = [text for _, text in self._tokens[:3]]
        if [")", "=>"] in (texts[:2], texts[1:]):
            parameters = [] if texts[0] == ")" else [self._name()]
            self._expect(")")
            self._expect("=>")
            return partial(_function, parameters, self._expression())
        found = self._expression()
        self._expect(")")
        return found

    def _reference(self) -> Expression:
        """Read `a` or `a.b`."""
        found: Expression = partial(_looked_up, self._name())
        while self._take("."):
            found = partial(_member, found, self._name())
        return found

    def _arguments(self) -> dict[str, Expression]:
        self._expect("(")
        return dict(self._until(")", self._named))

    def _named(self) -> tuple[str, Expression]:
        name = self._name()
        self._expect(":")
        return name, self._expression()

    def _until(self, end: str, one: Callable[[], Any]) -> list[Any]:
        found: list[Any] = []
        while not self._take(end):
            if found:
                self._expect(",")
            found.append(one())
        return found

    def _take(self, text: str) -> bool:
        """Take the next token if it is this word or symbol."""
        if not self._tokens or self._tokens[0][1] != text:
            return False
        del self._tokens[0]
        return True

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise NotInSubset(f"{self._tokens[:1]} where {text!r} is expected")

    def _name(self) -> str:
        kind, text = self._tokens.pop(0) if self._tokens else ("end", "")
        if kind != "word" or text in _KEYWORDS:
            raise NotInSubset(f"{text!r} where a name is expected")
        return text

    def _literal(self, kind: str) -> Any:
        found, text = self._tokens.pop(0) if self._tokens else ("end", "")
        if found != kind:
            raise NotInSubset(f"{text!r} where a {kind} is expected")
        return _LITERALS[kind](text)


# What the pieces are worth


def _constant(value: Any, names: Names) -> Any:
    return value


def _looked_up(name: str, names: Names) -> Any:
    if name not in names:
        raise NotInSubset(name)
    return names[name]


def _member(of: Expression, name: str, names: Names) -> Any:
    return _looked_up(name, of(names))


def _listed(items: list[Expression], names: Names) -> list[Any]:
    return [item(names) for item in items]


def _changed(base: str, changed: Mapping[str, Expression], names: Names) -> Row:
    row: Row = _looked_up(base, names)
    return row | {name: value(names) for name, value in changed.items()}


def _function(parameters: list[str], body: Expression, names: Names) -> Callable[..., Any]:
    return lambda *given: body({**names, **dict(zip(parameters, given, strict=True))})


def _both(left: Expression, right: Expression, names: Names) -> bool:
    return _boolean(left(names)) and _boolean(right(names))


def _compared(compare: Callable[[Any, Any], bool], left: Expression, right: Expression, names: Names) -> bool:
    return compare(*_of_one_type(left(names), right(names)))


def _chosen(condition: Expression, yes: Expression, no: Expression, names: Names) -> Any:
    first, second = _of_one_type(yes(names), no(names))
    return first if _boolean(condition(names)) else second


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise NotInSubset(f"{value!r} where true or false is expected")
    return value


def _of_one_type(first: Any, second: Any) -> tuple[Any, Any]:
    if type(first) is not type(second):
        raise NotInSubset(f"{first!r} beside {second!r}")
    return first, second


def _called(
    function: Expression, arguments: Mapping[str, Expression], piped: Expression | None, names: Names
) -> Any:
    called = function(names)
    given = [] if piped is None else [piped(names)]
    if called is not _group and any(isinstance(one, Stream) and not one.regrouped for one in given):
        raise NotInSubset("union without group after it")
    named = {name: value(names) for name, value in arguments.items()}
    try:
        inspect.signature(called).bind(*given, **named)
    except TypeError as error:
        raise NotInSubset(f"{called} with {sorted(named)}: {error}") from error
    return called(*given, **named)


# The functions: those that take tables take them from the pipe


def _from(buckets: Mapping[str, Iterable[Row]], /, *, bucket: str) -> Stream:
    found = Stream({})
    for row in sorted(_looked_up(bucket, buckets), key=lambda row: row["_time"]):
        key = frozenset((name, value) for name, value in row.items() if name not in {"_time", "_value"})
        found.tables.setdefault(key, []).append(row)
    return found


def _range(
    now: datetime, tables: Stream, /, *, start: datetime | timedelta, stop: datetime | timedelta | None = None
) -> Stream:
    since = now + start if isinstance(start, timedelta) else start
    until = now if stop is None else now + stop if isinstance(stop, timedelta) else stop
    if since >= until:
        raise NotInSubset("an empty range")
    found = tables.each(lambda rows: [row for row in rows if since <= row["_time"] < until])
    return _bounded(Stream(found.tables, (since, until)))


def _filter(tables: Stream, /, *, fn: Callable[[Row], Any]) -> Stream:
    return tables.each(lambda rows: [row for row in rows if _boolean(fn(row))])


def _map(tables: Stream, /, *, fn: Callable[[Row], Row]) -> Stream:
    found = tables.each(lambda rows: [fn(row) for row in rows])
    if any(
        (name, row[name]) not in key for key, rows in found.tables.items() for row in rows for name, _ in key
    ):
        raise NotInSubset("map with another group key")
    return found


def _group(tables: Stream, /, *, columns: Iterable[str] = ()) -> Stream:
    found = Stream({}, tables.bounds)
    for row in (row for rows in tables.tables.values() for row in rows):
        key = frozenset((name, row[name]) for name in columns if name in row)
        found.tables.setdefault(key, []).append(row)
    return found


def _union(*, tables: list[Stream]) -> Stream:
    bounds = [one.bounds for one in tables if one.bounds]
    limits = min(since for since, _ in bounds), max(until for _, until in bounds)
    found = Stream({}, limits, regrouped=False)
    for one in tables:
        for key, rows in one.tables.items():
            found.tables.setdefault(key, []).extend(rows)
    return found


def _sort(tables: Stream, /, *, columns: list[str]) -> Stream:
    return tables.each(lambda rows: sorted(rows, key=lambda row: [row[name] for name in columns]))


def _limit(tables: Stream, /, *, n: int) -> Stream:
    return tables.each(lambda rows: rows[:n])


def _keep(tables: Stream, /, *, columns: list[str]) -> Stream:
    if any(name not in columns for key in tables.tables for name, _ in key):
        raise NotInSubset("keep without a column of the group key")
    return tables.each(lambda rows: [{name: row[name] for name in row if name in columns} for row in rows])


def _first(tables: Stream, /) -> Stream:
    return tables.each(lambda rows: rows[:1])


def _last(tables: Stream, /) -> Stream:
    return tables.each(lambda rows: rows[-1:])


def _sum(tables: Stream, /) -> Stream:
    return _aggregated(tables, sum)


def _mean(tables: Stream, /) -> Stream:
    return _aggregated(tables, lambda values: float(sum(values)) / len(values))


def _aggregated(tables: Stream, aggregate: Callable[[list[Any]], Any]) -> Stream:
    values = {key: [_number(row["_value"]) for row in rows] for key, rows in tables.tables.items()}
    found = {key: [{**dict(key), "_value": aggregate(numbers)}] for key, numbers in values.items()}
    return Stream(found, tables.bounds)


def _difference(tables: Stream, /) -> Stream:
    def risen(rows: list[Row]) -> list[Row]:
        pairs = pairwise(rows)
        return [new | {"_value": _number(new["_value"]) - _number(old["_value"])} for old, new in pairs]

    return tables.each(risen)


def _aggregate_window(  # noqa: PLR0913 (as Flux has them)
    tables: Stream,
    /,
    *,
    every: timedelta,
    fn: Callable[[Stream], Stream],
    createEmpty: bool,  # noqa: N803 (Flux's names)
    timeSrc: str = "_stop",  # noqa: N803 (the same)
    location: Row | None = None,
) -> Stream:
    if createEmpty or fn not in (_last, _sum, _mean) or every <= timedelta():
        raise NotInSubset("aggregateWindow with empty windows, or another function")
    if tables.bounds is None:
        raise NotInSubset("aggregateWindow without a range before it")
    since, until = tables.bounds
    windows: dict[Key, list[Row]] = {}
    for key, rows in tables.tables.items():
        for row in rows:
            if not since <= row["_time"] < until:
                raise NotInSubset("a window outside of the range")
            start, stop = _window(row["_time"], every, location or _UTC)
            limits = {"_start": max(start, since), "_stop": min(stop, until)}
            window = frozenset((dict(key) | limits).items())
            windows.setdefault(window, []).append(row | limits)
    in_order = sorted(windows.items(), key=lambda item: item[1][0]["_start"])
    found = fn(Stream(dict(in_order), tables.bounds))
    return _bounded(found.each(lambda rows: [row | {"_time": _looked_up(timeSrc, row)} for row in rows]))


def _bounded(tables: Stream) -> Stream:
    """Return the tables with the range as `_start` and `_stop`: what differed in these alone is one table."""
    found = Stream({}, tables.bounds)
    limits = dict(zip(("_start", "_stop"), tables.bounds or (), strict=True))
    for key, rows in tables.tables.items():
        bounded = frozenset((dict(key) | limits).items())
        found.tables.setdefault(bounded, []).extend(row | limits for row in rows)
    return found


def _window(at: datetime, every: timedelta, location: Row) -> tuple[datetime, datetime]:
    """Return the window that has a time in it."""
    zone = ZoneInfo(location["zone"])
    clock = at.astimezone(zone).replace(tzinfo=None)
    start = clock - (clock - _EPOCH) % every
    return _by_clock(start, zone), _by_clock(start + every, zone)


def _by_clock(clock: datetime, zone: ZoneInfo) -> datetime:
    """Return when a clock shows a time: the first time of two; of a time it leaves out, when it does."""
    return clock.replace(tzinfo=zone).astimezone(UTC)


def _truncate(*, t: datetime, unit: timedelta, location: Row | None = None) -> datetime:
    return _window(t, unit, location or _UTC)[0]


def _sub(*, d: timedelta, **from_: datetime) -> datetime:
    return from_["from"] - d


def _location(*, name: str) -> Row:
    if name not in available_timezones():
        raise NotInSubset(f"unknown time zone {name}")
    return {"zone": name}


def _number(value: Any) -> Any:
    if type(value) not in (int, float):
        raise NotInSubset(f"{value!r} where a number is expected")
    return value


_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 (what a clock shows)
_UTC: Final[Row] = {"zone": "UTC"}
_FUNCTIONS: Final[Mapping[str, Any]] = {
    "aggregateWindow": _aggregate_window,
    "difference": _difference,
    "filter": _filter,
    "first": _first,
    "group": _group,
    "keep": _keep,
    "last": _last,
    "limit": _limit,
    "map": _map,
    "mean": _mean,
    "sort": _sort,
    "sum": _sum,
    "union": _union,
}
_PACKAGES: Final[Mapping[str, Any]] = {
    "date": {"truncate": _truncate, "sub": _sub},
    "timezone": {"location": _location},
}

"""An alert table that is too long to be read whole: all rows by severity and code, those that matter whole.

The newest rows of prtAlertTable, which say what is wrong now, may stand behind hundreds of old ones: a walk
that ends after so many rows misses exactly them.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from collector.drivers.protocol import Varbind
from collector.poll.changing_rows import suspect_rows
from collector.poll.column import ALERTS, TOO_MANY_ROWS, ColumnProgress, ColumnSpec, MibColumn, spec
from collector.poll.walk import Walk
from core.contract.ber import (
    UNSIGNED_TAGS,
    BerError,
    decode_arcs,
    decode_integer,
    decode_unsigned,
    encode_arcs,
)
from core.contract.messages import AlertRows, AlertRun
from core.contract.printer_mib import MAX_TABLE_ROWS, POLL_TABLES

MOST_ROWS: Final = 4096
NEWEST: Final = 64
_LAST: Final = 20
"""Rows at the end of a table that is not walked to its end: as many as one answer holds."""
_SCAN_SECONDS, _ROWS_SECONDS = 0.7, 0.8
"""An endless table costs no more: for finding the rows, and for reading some of them whole."""
_MOST_RUNS: Final = 1000
_PROBES: Final = 50
_AT_ONCE: Final = 30  # rows: the columns of more of them would take longer to sort than to read

_SEVERITY, _CODE, _TIME = "prtAlertSeverityLevel", "prtAlertCode", "prtAlertTime"
_SCANNED: Final = (_SEVERITY, _CODE, _TIME)
_CRITICAL: Final = 3
_WARNINGS: Final = frozenset({4, 5})
_LAST_INDEX: Final = 2**31 - 1
_TICKS: Final = 2**32
_SLACK_TICKS: Final = 60_000  # ten minutes: rows made while the printer is read are newer than its sysUpTime

_ROOT: Final = (1, 3)  # stands before the arcs of an index, which are no whole identifier
_ROOT_OCTETS: Final = encode_arcs(_ROOT)
_PLACE_ARCS: Final = 2


class _AlertRow(NamedTuple):
    """A row as the scan has found it."""

    arcs: tuple[int, ...]
    severity: int | None
    code: int | None
    time: int


def is_too_long(columns: Sequence[MibColumn]) -> bool:
    """Return whether the alert table was cut off, or not asked for because it was too long last time."""
    alerts = [column for column in columns if column.table == ALERTS]
    return not alerts or any(column.progress is ColumnProgress.CUT for column in alerts)


async def read_long_alerts(walk: Walk, columns: list[MibColumn]) -> AlertRows | None:
    """Read the alert table again, put its important rows in place of what was read of it.

    Returns which rows were found and not read whole; None where there are none.
    """
    before = [column for column in columns if column.table == ALERTS]
    scan = [MibColumn(spec(ALERTS, name, MOST_ROWS)._replace(most=MOST_ROWS)) for name in _SCANNED]
    await walk.run(scan, seconds=_SCAN_SECONDS)
    if any(column.progress is ColumnProgress.FAILED for column in scan[:2]):
        scan[0].cells, scan[0].progress = [], ColumnProgress.FAILED
        columns += [] if before else scan[:1]
        return None
    rows = _rows(scan)
    ended = all(column.progress is ColumnProgress.ENDED for column in scan)
    clock = asyncio.get_running_loop().time
    until = clock() + _ROWS_SECONDS
    candidates = rows if ended or not rows else [*rows, *await _last_rows(walk, rows[-1], until)]
    wanted = _important(candidates, _uptime(columns))
    whole = _in_hand(before, candidates)
    missing = [row for row in wanted if row.arcs not in whole]
    for begin in range(0, len(missing), _AT_ONCE):
        if clock() < until:
            whole |= await _read_rows(walk, missing[begin : begin + _AT_ONCE], until - clock())
    shown = {row.arcs: whole[row.arcs] for row in wanted if row.arcs in whole}
    complete = ended and len(shown) == len(rows)
    columns[:] = [column for column in columns if column.table != ALERTS]
    columns += _columns(shown, complete=complete)
    return None if complete else _not_read(rows, shown, ended=ended)


async def _last_rows(walk: Walk, last: _AlertRow, until: float) -> list[_AlertRow]:
    """Return the rows at the end of a table that there was no time, or room, to walk to: usually the newest.

    Each request narrows down the largest index that still has a row after it.
    """
    clock = asyncio.get_running_loop().time
    device, low = last.arcs
    high = _LAST_INDEX
    probes = sorted({min(low + 2**power, high) for power in range(32)})
    while low < high and probes and clock() < until:
        asked = [_cell_column(_SEVERITY, (device, probe + 1), n) for n, probe in enumerate(probes)]
        await walk.run(asked, seconds=until - clock())
        for probe, column in zip(probes, asked, strict=True):
            found = _arcs(column.cells[0].oid[len(column.prefix) :]) if column.cells else ()
            if len(found) == _PLACE_ARCS and found[0] == device:
                low = max(low, found[1])
            elif column.progress is ColumnProgress.ENDED:
                high = max(low, min(high, probe))
        probes = list(range(low, high, max(1, (high - low) // _PROBES + 1)))
    begin = _suffix((device, max(last.arcs[1], low - _LAST)))
    tail = [MibColumn(_behind(spec(ALERTS, name, _LAST), begin)._replace(most=_LAST)) for name in _SCANNED]
    await walk.run(tail, seconds=max(0.0, until - clock()))
    return _rows(tail)


def _rows(scan: Sequence[MibColumn]) -> list[_AlertRow]:
    """Return the rows in order, up to the last one that every column has come to."""
    cells = _cells(scan)
    reached = [_arcs(c.after[len(c.prefix) :]) for c in scan if c.progress is not ColumnProgress.ENDED]
    rows = []
    for suffix, row in cells.items():
        arcs = _arcs(suffix)
        if len(arcs) == _PLACE_ARCS and all(arcs <= last for last in reached):
            severity, code, time = (_number(row.get(name)) for name in _SCANNED)
            rows.append(_AlertRow(arcs, severity, code, time or 0))
    return sorted(rows, key=lambda row: row.arcs)


def _important(rows: Sequence[_AlertRow], uptime: int | None) -> list[_AlertRow]:
    """Return the rows to read whole: the newest, the critical ones, then warnings while there is room."""
    newest_first = sorted(rows, key=lambda row: _age(row, rows, uptime))
    critical = [row for row in newest_first if row.severity == _CRITICAL]
    warnings = [row for row in newest_first if row.severity in _WARNINGS]
    others = newest_first if len(rows) <= MAX_TABLE_ROWS else []
    return list(dict.fromkeys([*newest_first[:NEWEST], *critical, *warnings, *others]))[:MAX_TABLE_ROWS]


def _age(row: _AlertRow, rows: Sequence[_AlertRow], uptime: int | None) -> tuple[int, int]:
    """Return the age of a row by its time and, where that is the same or missing, by its index.

    The index alone does not tell: RFC 3805 has it begin anew after the largest, agents with a table of fixed
    size give old ones again. sysUpTime begins anew after 497 days.
    """
    ticks = -row.time if uptime is None else (uptime + _SLACK_TICKS - row.time) % _TICKS
    index = row.arcs[-1]
    has_wrapped = rows[-1].arcs[-1] > _LAST_INDEX - MOST_ROWS
    return ticks, -(index + _LAST_INDEX if has_wrapped and index <= _LAST_INDEX // 2 else index)


def _uptime(columns: Sequence[MibColumn]) -> int | None:
    return next((_number(c.cells[0]) for c in columns if c.name == "sysUpTime" and c.cells), None)


def _in_hand(
    columns: Sequence[MibColumn], rows: Sequence[_AlertRow]
) -> dict[tuple[int, ...], Mapping[str, Varbind]]:
    """Return the rows that were read whole before the table turned out to be too long, and are unchanged."""
    mixed = suspect_rows(columns)
    found = {_arcs(suffix): row for suffix, row in _cells(columns).items() if suffix not in mixed}
    return {row.arcs: found[row.arcs] for row in rows if row.arcs in found and _is_same(found[row.arcs], row)}


async def _read_rows(
    walk: Walk, rows: Sequence[_AlertRow], seconds: float
) -> dict[tuple[int, ...], Mapping[str, Varbind]]:
    """Return these rows read whole; one that has gone or changed since it was found is left out."""
    names = [name for name in POLL_TABLES[ALERTS] if name not in walk.capabilities.refused]
    asked = {row: [_cell_column(name, row.arcs, n) for name in names] for n, row in enumerate(rows)}
    await walk.run([column for columns in asked.values() for column in columns], seconds=seconds)
    whole = {row: _cells(columns).get(_suffix(row.arcs), {}) for row, columns in asked.items()}
    return {row.arcs: cells for row, cells in whole.items() if _is_same(cells, row)}


def _cell_column(name: str, arcs: tuple[int, ...], number: int) -> MibColumn:
    """Return one object of a row, as the one that follows the row before."""
    *head, index = arcs
    before = _suffix((*head, index - 1) if index else tuple(head))
    return MibColumn(_behind(spec(ALERTS, name, 1, single=True), before)._replace(unit=number))


def _behind(column: ColumnSpec, row: bytes) -> ColumnSpec:
    """Return the column from the object on that follows the one of that row."""
    return column._replace(after=column.prefix + row)


def _is_same(cells: Mapping[str, Varbind], row: _AlertRow) -> bool:
    """Return whether a whole row is the one the scan found: an index may be given anew meanwhile."""
    return (_number(cells.get(_SEVERITY)), _number(cells.get(_CODE))) == (row.severity, row.code)


def _columns(
    shown: Mapping[tuple[int, ...], Mapping[str, Varbind]], *, complete: bool
) -> Iterator[MibColumn]:
    """Yield the columns of the table as if only these rows were in it."""
    for name in POLL_TABLES[ALERTS]:
        column = MibColumn(spec(ALERTS, name, TOO_MANY_ROWS))
        column.cells = [row[name] for _, row in sorted(shown.items()) if name in row]
        column.answers = [0] * len(column.cells)
        column.progress = ColumnProgress.ENDED if complete else ColumnProgress.CUT
        yield column


def _not_read(
    rows: Sequence[_AlertRow], shown: Mapping[tuple[int, ...], object], *, ended: bool
) -> AlertRows:
    """Return the rows that are known by severity and code only; neighbors that say the same are one run."""
    hidden = enumerate(row for row in rows if row.arcs not in shown)
    runs = []
    for (device, _, severity, code), members in groupby(hidden, key=_run_of):
        indexes = [row.arcs[-1] for _, row in members]
        runs.append(AlertRun(device=device, first=indexes[0], last=indexes[-1], severity=severity, code=code))
    through = None if ended else _index_text(rows[-1].arcs if rows else (0, 0))
    if len(runs) > _MOST_RUNS:
        del runs[_MOST_RUNS:]
        through = _index_text((runs[-1].device, runs[-1].last))
    return AlertRows(count=len(rows), through=through, not_read=tuple(runs))


def _run_of(numbered: tuple[int, _AlertRow]) -> tuple[int, int, int | None, int | None]:
    """Return one row for rows of consecutive indexes with one severity and one code."""
    number, row = numbered
    device, index = row.arcs
    return device, index - number, row.severity, row.code


def _index_text(arcs: tuple[int, ...]) -> str:
    return ".".join(map(str, arcs))


def _cells(columns: Sequence[MibColumn]) -> dict[bytes, dict[str, Varbind]]:
    """Return the objects by the octets of their row's index and the name of their column."""
    found: dict[bytes, dict[str, Varbind]] = {}
    for column in columns:
        for cell in column.cells:
            found.setdefault(cell.oid[len(column.prefix) :], {})[column.name] = cell
    return found


def _arcs(suffix: bytes) -> tuple[int, ...]:
    """Return the numbers of an index; () where its octets are none."""
    try:
        return decode_arcs(_ROOT_OCTETS + suffix)[len(_ROOT) :]
    except BerError:
        return ()


def _suffix(arcs: tuple[int, ...]) -> bytes:
    return encode_arcs((*_ROOT, *arcs))[len(_ROOT_OCTETS) :]


def _number(cell: Varbind | None) -> int | None:
    if cell is None:
        return None
    try:
        return decode_unsigned(cell.value) if cell.tag in UNSIGNED_TAGS else decode_integer(cell.value)
    except BerError:
        return None

"""Judge whether the rows of a table that changes while it is read were read whole."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from collector.drivers.protocol import Varbind
from collector.poll.column import MibColumn


def suspect_rows(columns: Sequence[MibColumn]) -> set[bytes]:
    """Return rows (by index octets) that may be mixed from two moments.

    Such a row lacks a column that other rows have, or its objects came in different answers.
    """
    filled = [column for column in columns if column.cells]
    answers: dict[bytes, set[int]] = defaultdict(set)
    count: dict[bytes, int] = defaultdict(int)
    for column in filled:
        for cell, answer in zip(column.cells, column.answers, strict=True):
            row = cell.oid[len(column.prefix) :]
            answers[row].add(answer)
            count[row] += 1
    return {row for row, seen in answers.items() if len(seen) > 1 or count[row] < len(filled)}


def same_cells(first: Iterable[MibColumn], second: Iterable[MibColumn]) -> bool:
    """Return whether two readings of a table agree: then what they show is so, however odd."""
    return _cells(first) == _cells(second)


def _cells(columns: Iterable[MibColumn]) -> set[Varbind]:
    return {cell for column in columns for cell in column.cells}


def drop_rows(columns: Iterable[MibColumn], rows: set[bytes]) -> None:
    """Forget rows that were not read whole."""
    for column in columns:
        kept = [n for n, cell in enumerate(column.cells) if cell.oid[len(column.prefix) :] not in rows]
        column.cells = [column.cells[n] for n in kept]
        column.answers = [column.answers[n] for n in kept]

"""Answers that look like earlier ones: all they bring is new values.

What a poll's answers mean depends on their identifiers alone: which objects belong to which column, where a
column ends, whether rows are whole. A printer answers with the same identifiers poll after poll, and like
printers with the same as each other: they are sorted out once, by the walk.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from collector.drivers.protocol import Response, Varbind
from collector.poll.column import FIRST_EXCEPTION_TAG, ColumnProgress, MibColumn
from collector.poll.plan import PollPlan
from core.contract.messages import TableStatus

_MOST: Final = 512
Identifiers = tuple[tuple[bytes | None, ...], ...]
"""Of each answer those of its objects; None for what says that there is none."""


class AnswerShape(NamedTuple):
    """Objects of the answers that were kept, in the order of their columns, and the state of each table."""

    columns: Mapping[str, tuple[tuple[int, int], ...]]
    """By a column's name: the answer and the place in it of each of its objects."""
    places: tuple[tuple[int, int], ...]
    tables: Mapping[str, TableStatus]

    def cells(self, answers: Sequence[Response]) -> list[Varbind]:
        """Return all that these answers bring."""
        return [answers[answer].varbinds[place] for answer, place in self.places]

    def of_column(self, name: str, answers: Sequence[Response]) -> list[Varbind]:
        """Return what they bring of one column."""
        return [answers[answer].varbinds[place] for answer, place in self.columns.get(name, ())]


class Shapes:
    """The shapes that were seen lately, a bounded number."""

    def __init__(self) -> None:
        self._known: dict[tuple[PollPlan, Identifiers], AnswerShape] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, plan: PollPlan, answers: Sequence[Response]) -> AnswerShape | None:
        """Return the shape of answers to all of a plan's requests; None where they were not seen before."""
        return self._known.get((plan, _identifiers(answers)))

    def keep(
        self,
        plan: PollPlan,
        answers: Sequence[Response],
        columns: Sequence[MibColumn],
        tables: Mapping[str, TableStatus],
    ) -> None:
        """Remember how these columns, the plan's, were read from the answers and from nothing else."""
        if any(column.progress is not ColumnProgress.ENDED for column in columns):
            return
        taken: dict[int, tuple[tuple[int, int], ...]] = {}
        for answer, (heads, rows, _) in enumerate(plan.requests):
            for place, number in enumerate((*heads, *rows)):
                step = len(rows) or 1
                cells = range(len(columns[number].cells))
                taken[number] = tuple((answer, place + step * row) for row in cells)
        by_name: dict[str, tuple[tuple[int, int], ...]] = {}
        for number, column in enumerate(columns):
            by_name[column.name] = by_name.get(column.name, ()) + taken.get(number, ())
        places = tuple(place for number in range(len(columns)) for place in taken.get(number, ()))
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[plan, _identifiers(answers)] = AnswerShape(by_name, places, tables)


def _identifiers(answers: Sequence[Response]) -> Identifiers:
    return tuple(
        [
            tuple([oid if tag < FIRST_EXCEPTION_TAG else None for oid, tag, _ in answer.varbinds])
            for answer in answers
        ]
    )

"""Rank what words may mean: what is called that, what begins so, what has words that begin so. Pure."""

import re
from collections.abc import Callable, Sequence
from heapq import nsmallest
from typing import Final, NamedTuple, TypeVar

_T = TypeVar("_T")

EXACT: Final = 0
"""One of its lines is what was typed;"""
BEGINS: Final = 1
"""one of its lines begins with that;"""
WORDS: Final = 2
"""each word that was typed begins a word of it;"""
HOLDS: Final = 3
"""each is somewhere in it."""

_FEW: Final = 200
"""So many are ranked one by one; of more, those whose name begins as typed."""
_BOUNDARY: Final = re.compile(r"[^\w]+")


class Typed(NamedTuple):
    """What was typed, ready to be compared."""

    whole: str
    """In lower case, with single blanks."""
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Typed":
        """Return it of a text as it was typed."""
        words = tuple(text.lower().split())
        return cls(" ".join(words), words)


def rank(typed: Typed, lines: str) -> int | None:
    """Return how well something fits, by its texts in lower case, a line each; None where it does not."""
    if not all(word in lines for word in typed.words):
        return None
    framed = f"\n{lines}\n"
    if f"\n{typed.whole}\n" in framed:
        return EXACT
    if f"\n{typed.whole}" in framed:
        return BEGINS
    words = f" {_BOUNDARY.sub(' ', lines)} "
    starts = (_BOUNDARY.sub(" ", word).strip() for word in typed.words)
    return WORDS if all(f" {start}" in words for start in starts) else HOLDS


def best(
    typed: Typed,
    found: Sequence[_T],
    *,
    name: Callable[[_T], str],
    lines: Callable[[_T], str],
    most: int,
) -> list[tuple[int, _T]]:
    """Return the best of what holds all the words, with their ranks; those of one rank by name.

    `found` has passed that filter already; `name` and `lines` return texts in lower case.
    """
    if len(found) > _FEW:
        found = _by_name(typed, found, name, most)
    ranked = [(rank(typed, lines(each)), name(each), place) for place, each in enumerate(found)]
    fitting = [(how, called, place) for how, called, place in ranked if how is not None]
    return [(how, found[place]) for how, _, place in nsmallest(most, fitting)]


def _by_name(typed: Typed, found: Sequence[_T], name: Callable[[_T], str], most: int) -> list[_T]:
    """Return so many of those whose name begins as typed; of fewer, with the first others."""
    named = [
        (called, place) for place, called in enumerate(map(name, found)) if called.startswith(typed.whole)
    ]
    if len(named) >= most:
        return [found[place] for _, place in nsmallest(most, named)]
    return [found[place] for place in {*(place for _, place in named), *range(_FEW)}]

"""Pages printed between readings of a counter that glitches, begins anew, jumps, or is another's. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

MOST_A_DAY: Final = 300_000
"""No printer prints more: 200 pages a minute, day and night. A counter that rises faster was set to that."""


class DayCount(NamedTuple):
    """What a counter said on a day."""

    day: int
    """In days since 1970."""
    value: int | None
    """None or zero where it could not be read."""


class CountedPages(NamedTuple):
    """Pages that a reading of the counter adds."""

    newest: DayCount | None
    """The newest count to believe, None where there was none yet."""
    pages: int | None
    """Printed since the one before; None where there is none to subtract, or this one is not believed."""

    @property
    def life_count(self) -> int | None:
        """The newest count to believe, without its day."""
        return self.newest.value if self.newest else None


def added(*pages: int | None) -> int | None:
    """Return the sum of the pages that are known; None where none are."""
    known = [each for each in pages if each is not None]
    return sum(known) if known else None


def believed(counts: Sequence[DayCount], before: DayCount | None) -> Iterator[CountedPages]:
    """Yield one for each count, oldest first; `before` is the newest one to believe of the time before.

    Zero is what printers say whose counter cannot be read. A count that the next one contradicts is a
    glitch; a lower one is a reset, and one too high to have been printed is a jump, once the next confirms
    it; a counter that returns to where it was before its reset had none.
    """
    following = _following(counts)
    last, lost = before, None
    for seen, after in zip(counts, following, strict=True):
        pages, count = None, seen.value
        known = last.value if last else None
        if not count or count < 0:
            pass
        elif last is None or known is None:
            last = seen
        elif count < known:
            if after and after < known:
                last, lost = seen, known
        elif not (after and known <= after < count):
            since = lost if lost is not None and known < lost <= count else known
            if count - since <= MOST_A_DAY * (seen.day - last.day + 1):
                pages, last, lost = count - since, seen, None if since == lost else lost
            elif after and after >= count:
                last, lost = seen, None
        yield CountedPages(last, pages)


def believed_by_device(
    counts: Sequence[tuple[int, DayCount]], before: Mapping[int, DayCount]
) -> list[CountedPages]:
    """Return one for each (device, count): counts of two devices are never subtracted from each other.

    `before` has the newest count to believe of the time before by device.
    """
    places: dict[int, list[int]] = {}
    for place, (device, _) in enumerate(counts):
        places.setdefault(device, []).append(place)
    found: dict[int, CountedPages] = {}
    for device, own in places.items():
        found |= zip(own, believed([counts[place][1] for place in own], before.get(device)), strict=True)
    return [found[place] for place in range(len(counts))]


def _following(counts: Sequence[DayCount]) -> list[int | None]:
    """Return for each place the next count that is one."""
    found: list[int | None] = []
    after = None
    for _, count in reversed(counts):
        found.append(after)
        after = count if count and count > 0 else after
    return found[::-1]

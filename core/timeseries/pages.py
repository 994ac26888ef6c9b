"""Pages printed between readings of a counter that glitches, begins anew, or is another's. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple


class CountedPages(NamedTuple):
    """Pages that a reading of the counter adds."""

    life_count: int | None
    """The newest count to believe, None where there was none yet."""
    pages: int
    """Printed since the one before."""


def believed(counts: Sequence[int | None], before: int | None) -> Iterator[CountedPages]:
    """Yield one for each count; `before` is the newest one to believe of the time before.

    Zero is what printers say whose counter cannot be read. A count that the next one contradicts is a
    glitch; a lower one is a reset, once the next confirms it; a counter that returns to where it was before
    its reset had none.
    """
    following = _following(counts)
    last, lost = before, None
    for count, after in zip(counts, following, strict=True):
        pages = 0
        if not count or count < 0:
            pass
        elif last is None:
            last = count
        elif count >= last and not (after and last <= after < count):
            returned = lost is not None and last < lost <= count
            pages = count - (lost if returned and lost is not None else last)
            last, lost = count, None if returned else lost
        elif count < last and after and after < last:
            last, lost = count, last
        yield CountedPages(last, pages)


def believed_by_device(
    counts: Sequence[tuple[int, int | None]], before: Mapping[int, int | None]
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


def _following(counts: Sequence[int | None]) -> list[int | None]:
    """Return for each place the next count that is one."""
    found: list[int | None] = []
    after = None
    for count in reversed(counts):
        found.append(after)
        after = count if count and count > 0 else after
    return found[::-1]

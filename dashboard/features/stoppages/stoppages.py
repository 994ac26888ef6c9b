"""Stoppages: times in which a printer printed nothing until somebody came, made of its flags. Pure.

A jam is cleared in steps: a door is opened, closed, the jam is there again. That is one stoppage and several
flags, so flags of one printer that overlap, or nearly do, are taken together. A flag that is raised for days
kept it from nothing: what happens then is counted apart.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from core.domain.conditions import (
    ALERT_CRITICAL,
    DOOR_OPEN,
    JAM,
    OFFLINE,
    OUTPUT_FULL,
    OUTPUT_TRAY_MISSING,
    SERVICE_REQUESTED,
    TRAY_MISSING,
)
from core.storage.out_of_service import TimeOutOfService

CAUSES: Final = (
    SERVICE_REQUESTED,
    JAM,
    ALERT_CRITICAL,
    OUTPUT_FULL,
    OUTPUT_TRAY_MISSING,
    TRAY_MISSING,
    DOOR_OPEN,
    OFFLINE,
)
"""Codes of flags that are counted where they are critical, and so keep the printer from printing.

Of several in one stoppage the first of these is its cause: the door is open because of the jam. What runs
out is not counted, nor what does not answer: neither is a failure of the machine.
"""
TOGETHER: Final = timedelta(minutes=5)
"""A flag that is raised so soon after the last one was cleared belongs to the same stoppage."""
LONGEST: Final = timedelta(days=1)
"""A flag that is raised so long after a stoppage began is another one, also where that is not over."""
_RANK: Final = {code: rank for rank, code in enumerate(CAUSES)}


class RaisedFlag(NamedTuple):
    """One life of a flag."""

    printer_id: str
    code: str
    since_at: datetime
    cleared_at: datetime | None
    """None while it is raised."""
    words: str = ""
    """Its sentence, where somebody wants to read it."""


@dataclass(frozen=True, slots=True)
class Stoppage:
    """A time in which a printer had to wait for somebody."""

    printer_id: str
    cause: str
    """The code of the flag that says most about it."""
    began_at: datetime
    ended_at: datetime | None
    """None while it lasts."""
    words: str = ""
    """The sentence of its cause."""
    out: tuple[TimeOutOfService, ...] = ()
    """When its printer was out of service, oldest first: nobody was to come then."""

    def seconds(self, now: datetime) -> float:
        """Return how long it lasted in service, up to now where it still does."""
        counted_until, end, out = self.began_at, self.ended_at or now, timedelta()
        for each in self.out:
            begin, over = max(each.since_at, counted_until), min(each.until_at or end, end)
            if begin < over:
                out += over - begin
                counted_until = over
        return max(0.0, (end - self.began_at - out).total_seconds())


def stoppages_of(flags: Iterable[RaisedFlag], times_out: Iterable[TimeOutOfService] = ()) -> list[Stoppage]:
    """Return the stoppages that flags make up, by printer, oldest first; flags and times in any order."""
    found: list[Stoppage] = []
    for flag in sorted(flags, key=lambda each: (each.printer_id, each.since_at, _rank(each.code))):
        last = found[-1] if found else None
        if last is not None and _belongs(flag, last):
            found[-1] = _with(last, flag)
        else:
            found.append(Stoppage(flag.printer_id, flag.code, flag.since_at, _end(flag), flag.words))
    out: dict[str, tuple[TimeOutOfService, ...]] = defaultdict(tuple)
    for time in sorted(times_out, key=lambda each: each[:2]):
        out[time.printer_id] += (time,)
    return [replace(each, out=out[each.printer_id]) if each.printer_id in out else each for each in found]


def _belongs(flag: RaisedFlag, last: Stoppage) -> bool:
    if flag.printer_id != last.printer_id or flag.since_at - last.began_at >= LONGEST:
        return False
    return last.ended_at is None or flag.since_at - last.ended_at <= TOGETHER


def _with(stoppage: Stoppage, flag: RaisedFlag) -> Stoppage:
    end = _end(flag)
    ended_at = None if stoppage.ended_at is None or end is None else max(stoppage.ended_at, end)
    if _rank(flag.code) < _rank(stoppage.cause):
        return replace(stoppage, ended_at=ended_at, cause=flag.code, words=flag.words)
    return replace(stoppage, ended_at=ended_at)


def _end(flag: RaisedFlag) -> datetime | None:
    """Return when a flag was cleared; not before it was raised, whatever the clock did."""
    return None if flag.cleared_at is None else max(flag.since_at, flag.cleared_at)


def _rank(code: str) -> int:
    return _RANK.get(code, len(_RANK))

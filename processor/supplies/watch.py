"""One supply from reading to reading: when it was replaced, and when it was not. Pure.

A rise is a replacement once the following readings show that it stays. What is none:
a level that is back where it was before it fell (a jam was cleared, a cartridge was out for a while), a level
that jumps and falls back, steps of a coarse level up and down, a level that is not told for a while.
Where the printer tells the serial number of the piece, another one is a replacement whatever the level says,
and with the same one a rise must stay for long.
"""

from dataclasses import dataclass, replace
from typing import Final

from processor.supplies.rises import COARSEST_STEP, guessed_step, least_rise

_DAY: Final = 86_400.0
_REMEMBERED_SECONDS: Final = 3 * _DAY
"""So long a level may come back from 0 (the supply was out of the printer), and so long a replacement can
turn out to be none."""
_DIP_SECONDS: Final = _DAY / 4
"""So long it may come back from a level above 0,"""
_DIP_READINGS: Final = 4
"""or after so few readings: a night may be between them."""
_SUDDEN_SECONDS: Final = _DAY
"""A fall in a longer time than this may be use."""
_CONFIRMING: Final = 2
"""Readings after the one that rose which must show the same,"""
_CONFIRMING_SERIAL: Final = 1
"""where another serial number says it as well,"""
_CONFIRMING_SAME_SERIAL: Final = 12
"""and where the serial number says that it is the same piece."""
_EMPTY_READINGS: Final = 3
"""A supply that only ever has "some" left was empty after so many readings that said so."""
_OUT_READINGS: Final = 6
"""So many readings in a row a new one that was just put in is out of the printer again, at most."""
_RETURNED_READINGS: Final = 3
_RETURNED_PERCENT: Final = 2


@dataclass(frozen=True, slots=True)
class Seen:
    """A supply as one reading shows it; `percent` None where it does not measure it."""

    at: float
    """Seconds since 1970."""
    percent: int | None
    some: bool = False
    """Some is left, and the printer does not say how much."""
    serial: str = ""
    """Of the piece; "" where the printer does not tell it."""
    count: int | None = None
    """The printer's page counter."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level that was believed, and when it was seen last; `percent` None where there was just some."""

    percent: int | None
    at: float
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Rise:
    """A rise that waits to be confirmed."""

    old: Level
    """What was left, and the last reading before."""
    old_serial: str
    new: Level
    serial: str
    confirmed: int = 0
    zeros: int = 0
    """Readings in a row that showed 0 where the old one was at 0, too."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """A supply was replaced between two readings."""

    old: Level
    new: Level
    old_serial: str = ""
    serial: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Memory of one supply."""

    last: Level
    step: int = 0
    """The smallest fall seen, in percent: how finely levels are reported; 0 while none was."""
    serial: str = ""
    higher: Level | None = None
    """The level before a sudden fall,"""
    lower: int = 0
    """and the readings in a row since then that showed about the same."""
    rise: Rise | None = None
    done: Level | None = None
    """Of the last replacement, while it is young: the level of the old one, and when the new one was seen."""
    returned: int = 0
    """Readings in a row that showed the old one again."""
    some: bool = False
    """Whether this filling was told as "some" before;"""
    empty: int = 0
    """readings in a row that then said that nothing is left."""


@dataclass(frozen=True, slots=True)
class Step:
    """A watch after a reading, and what the reading has shown for certain."""

    watch: Watch
    replacement: Replacement | None = None
    undone_at: float | None = None
    """The `new.at` of a replacement that was none."""


def follow(watch: Watch | None, seen: Seen) -> Step:
    """Take in the next reading of a supply."""
    now = Level(seen.percent, seen.at, seen.count)
    if watch is None:
        return Step(Watch(now, serial=seen.serial, some=seen.some))
    if seen.percent is None and not seen.some:
        return Step(watch)
    watch = _forgotten(watch, seen.at)
    if watch.rise is None:
        return _calm(watch, now, seen)
    if _says_nothing(watch.rise, seen):
        zeros = watch.rise.zeros + (seen.percent == 0 and not watch.rise.old.percent)
        if zeros <= _OUT_READINGS:
            return Step(replace(watch, rise=replace(watch.rise, zeros=zeros)))
    if _stays(watch, watch.rise, seen):
        return _confirmed(watch, watch.rise, now)
    return _calm(replace(watch, rise=None), now, seen)


def _calm(watch: Watch, now: Level, seen: Seen) -> Step:
    if seen.serial and watch.serial and seen.serial != watch.serial:
        return Step(_risen(watch, now, seen.serial))
    if seen.serial and not watch.serial:
        watch = replace(watch, serial=seen.serial)
    if seen.percent is None:
        return Step(_some(watch, now))
    return _measured(watch, now, seen.percent)


def _forgotten(watch: Watch, at: float) -> Watch:
    higher, done = watch.higher, watch.done
    if higher and _lasts(watch, higher, at):
        # It has not come back: what looked like a dip was a step of the levels.
        fall = (higher.percent or 0) - (watch.last.percent or 0)
        watch = replace(watch, higher=None, step=_finer(watch.step, fall) if fall > 0 else watch.step)
    if done and at - done.at > _REMEMBERED_SECONDS:
        watch = replace(watch, done=None, returned=0)
    return watch


def _lasts(watch: Watch, higher: Level, at: float) -> bool:
    if not watch.last.percent:
        return at - higher.at > _REMEMBERED_SECONDS
    return at - higher.at > _DIP_SECONDS and watch.lower >= _DIP_READINGS


def _says_nothing(rise: Rise, seen: Seen) -> bool:
    """Return whether a reading shows neither the old level nor the new one."""
    if not rise.new.percent or rise.serial != rise.old_serial:
        return False
    # At 0 it is out of the printer, unless it stays there and 0 is what the old one was at.
    return not seen.percent


def _stays(watch: Watch, rise: Rise, seen: Seen) -> bool:
    if rise.serial != rise.old_serial:
        return seen.serial == rise.serial
    if rise.new.percent is None:
        return seen.percent is None or seen.percent > 0
    if seen.percent is None or rise.old.percent is None:
        return True  # it does not say otherwise
    return _is_rise(watch, rise.old.percent, seen.percent)


def _confirmed(watch: Watch, rise: Rise, now: Level) -> Step:
    new = rise.new.percent
    if new is not None and now.percent is not None and abs(now.percent - new) >= least_rise(watch.step):
        # Risen, but not settled yet: the first level shown of it was not the one that stays.
        settling = replace(rise, new=replace(rise.new, percent=now.percent), confirmed=0, zeros=0)
        return Step(replace(watch, rise=settling))
    confirmed = rise.confirmed + 1
    if rise.serial != rise.old_serial:
        needed = _CONFIRMING_SERIAL
    else:
        needed = _CONFIRMING_SAME_SERIAL if rise.serial else _CONFIRMING
    if confirmed < needed:
        return Step(replace(watch, rise=replace(rise, confirmed=confirmed, zeros=0)))
    known = Watch(
        rise.new if rise.new.percent is not None else now,
        watch.step,
        rise.serial,
        done=Level(rise.old.percent, rise.new.at),
        some=rise.new.percent is None,
    )
    if now.percent is not None:
        known = _measured(known, now, now.percent).watch
    return Step(known, Replacement(rise.old, rise.new, rise.old_serial, rise.serial))


def _risen(watch: Watch, now: Level, serial: str) -> Watch:
    """Let the new level wait to be confirmed; the level before a sudden fall counts as what was left."""
    higher = watch.higher
    old = higher if higher and (higher.percent or 0) > (watch.last.percent or 0) else watch.last
    return replace(watch, rise=Rise(old, watch.serial, now, serial))


def _some(watch: Watch, now: Level) -> Watch:
    if watch.last.percent is None:
        return replace(watch, last=now, some=True)
    if watch.some and watch.empty >= _EMPTY_READINGS:
        return replace(watch, rise=Rise(watch.last, watch.serial, now, watch.serial), empty=0)
    if watch.some:
        return replace(watch, last=now, empty=0)
    return watch  # a level that was measured says more: it holds until there is another one


def _measured(watch: Watch, now: Level, percent: int) -> Step:
    last = watch.last.percent
    empty = min(watch.empty + 1, _EMPTY_READINGS) if percent == 0 and watch.some else 0
    if last is None:
        return Step(replace(watch, last=now, some=watch.some and percent == 0, empty=empty))
    higher = watch.higher
    base = max(last, higher.percent or 0) if higher else last
    if _is_rise(watch, base, percent):
        return Step(_risen(watch, now, watch.serial))
    undone_at = None
    if percent < last and _is_sudden(watch, now, percent):
        # Of two falls in a row the level before both counts, unless the first one has lasted.
        higher = watch.last if higher is None or watch.lower >= _DIP_READINGS else higher
    elif percent < last:
        watch = replace(watch, step=_finer(watch.step, last - percent))
    if higher and (higher.percent or 0) - percent < least_rise(watch.step):
        higher = None  # it is back where it was
    returned = watch.returned + 1 if higher and _is_the_old_one(watch.done, percent) else 0
    if watch.done and returned >= _RETURNED_READINGS:
        undone_at, returned, higher = watch.done.at, 0, None
        watch = replace(watch, done=None)
    some = watch.some and percent == 0
    steady = higher is watch.higher and abs(percent - last) < least_rise(watch.step)
    lower = 0 if higher is None else watch.lower + 1 if steady else 1
    known = replace(watch, last=now, higher=higher, lower=lower, returned=returned, some=some, empty=empty)
    return Step(known, undone_at=undone_at)


def _finer(step: int, fall: int) -> int:
    return min(step or COARSEST_STEP, fall)


def _is_sudden(watch: Watch, now: Level, percent: int) -> bool:
    last = watch.last
    if last.percent is None or now.at - last.at > _SUDDEN_SECONDS:
        return False
    return _is_rise(watch, percent, last.percent)


def _is_rise(watch: Watch, before: int, after: int) -> bool:
    return after - before >= least_rise(watch.step or guessed_step(before, after))


def _is_the_old_one(done: Level | None, percent: int) -> bool:
    return (
        done is not None
        and done.percent is not None
        and percent > 0
        and abs(percent - done.percent) <= _RETURNED_PERCENT
    )

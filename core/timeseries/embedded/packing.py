"""Levels of supplies as few bytes: zigzag numbers of variable length, a byte for the percentage. Pure."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from core.contract.messages import HistorySupply

_NO_PERCENT: Final = 255
_HIGHEST_PERCENT: Final = 254
_MORE: Final = 0x80


def pack(supplies: Iterable[HistorySupply]) -> bytes:
    """Return the levels in the order given; about four bytes each."""
    packed = bytearray()
    for supply in supplies:
        level = supply.level
        number = 0 if level is None else ((level << 1) if level >= 0 else (-level << 1) - 1) + 1
        while number >= _MORE:
            packed.append(number & 0x7F | _MORE)
            number >>= 7
        packed.append(number)
        percent = supply.percent
        usable = percent is not None and 0 <= percent <= _HIGHEST_PERCENT
        packed.append(percent if usable and percent is not None else _NO_PERCENT)
    return bytes(packed)


def unpack(packed: bytes, indexes: Sequence[str]) -> dict[str, HistorySupply]:
    """Return what pack() was given, by supply index."""
    supplies: dict[str, HistorySupply] = {}
    place = 0
    for index in indexes:
        number = shift = 0
        while packed[place] & _MORE:
            number |= (packed[place] & 0x7F) << shift
            place, shift = place + 1, shift + 7
        number |= packed[place] << shift
        percent = packed[place + 1]
        supplies[index] = _supply(number, percent)
        place += 2
    return supplies


@lru_cache(maxsize=10_000)
def _supply(number: int, percent: int) -> HistorySupply:
    # The same few levels come again and again, and to make a model takes longer than all the rest.
    return HistorySupply.model_construct(
        level=_level(number), percent=None if percent == _NO_PERCENT else percent
    )


def _level(number: int) -> int | None:
    if number == 0:
        return None
    zigzag = number - 1
    return (zigzag >> 1) if zigzag % 2 == 0 else -((zigzag + 1) >> 1)

"""The instances an agent shows, in the order of their identifiers, each encoded once."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from typing import Final, NamedTuple

from core.contract import ber
from simulator.recording import Arcs

NO_SUCH_OBJECT: Final = bytes((ber.NO_SUCH_OBJECT, 0))
NO_SUCH_INSTANCE: Final = bytes((ber.NO_SUCH_INSTANCE, 0))
END_OF_MIB_VIEW: Final = bytes((ber.END_OF_MIB_VIEW, 0))


class Instance(NamedTuple):
    """An answer to one asked identifier: `varbind` is ready to be sent."""

    arcs: Arcs
    varbind: bytes
    tag: int


class MibView:
    """Objects of one agent; `update` changes only what is new, `generation` tells that something was."""

    def __init__(self, values: Mapping[Arcs, bytes]) -> None:
        self.generation = 0
        self._instances = {arcs: _instance(arcs, value) for arcs, value in values.items()}
        self._order = sorted(self._instances)

    def update(self, values: Mapping[Arcs, bytes | None]) -> None:
        """Set these values; None removes the instance."""
        for arcs, value in values.items():
            if value is None:
                if self._instances.pop(arcs, None):
                    del self._order[bisect_left(self._order, arcs)]
                continue
            if arcs not in self._instances:
                insort(self._order, arcs)
            self._instances[arcs] = _instance(arcs, value)
        self.generation += 1

    def get(self, arcs: Arcs) -> Instance:
        """Return the instance of that name, or an exception value that says what is missing."""
        found = self._instances.get(arcs)
        if found is None:
            return _instance(arcs, NO_SUCH_INSTANCE if self._has_object(arcs) else NO_SUCH_OBJECT)
        return found

    def following(self, arcs: Arcs, skip: int | None = None) -> Instance:
        """Return the next instance whose type is not `skip`; endOfMibView after the last."""
        for at in range(bisect_right(self._order, arcs), len(self._order)):
            found = self._instances[self._order[at]]
            if found.tag != skip:
                return found
        return _instance(arcs, END_OF_MIB_VIEW)

    def _has_object(self, arcs: Arcs) -> bool:
        # A column is known by its other rows; rows have one or two index arcs here, a scalar has the 0.
        for length in (1, 2) if arcs[-1] else (1,):
            column = arcs[:-length]
            at = bisect_left(self._order, column)
            if len(column) > 1 and at < len(self._order) and self._order[at][: len(column)] == column:
                return True
        return False


def _instance(arcs: Arcs, value: bytes) -> Instance:
    name = ber.encode_tlv(ber.OBJECT_IDENTIFIER, ber.encode_arcs(arcs))
    return Instance(arcs, ber.encode_tlv(ber.SEQUENCE, name + value), value[0])

"""The vendor's page counters of a printer: as recorded beside its life count, and as they are later. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from core.contract import ber
from core.contract.mib_names import OID
from core.contract.vendor_objects import VENDOR_COLUMN_OID, counters_of
from simulator.recording import Arcs, arcs_of, content_of

_OBJECT_ID: Final = (*arcs_of(OID["sysObjectID"]), 0)
_BROTHER_BLOCK: Final = (*arcs_of(VENDOR_COLUMN_OID["brInfoCounter"]), 0)
_RECORD: Final = 7  # id, kind, length, four octets of value
_NUMBERS: Final = frozenset({ber.INTEGER, ber.COUNTER32, ber.GAUGE32})


@dataclass(frozen=True)
class Counting:
    """Recorded counters: each keeps its share of the pages."""

    life_count: int = 0
    numbers: Mapping[Arcs, tuple[int, int]] = field(default_factory=dict)
    """By instance: the tag and the count."""
    records: tuple[tuple[int, int], ...] = ()
    """Brother's block: the id and the count of each record."""

    def at(self, pages: int) -> Iterator[tuple[Arcs, bytes]]:
        """Return the counters when so many pages have been printed."""
        if not self.life_count:
            return
        for arcs, (tag, count) in self.numbers.items():
            yield arcs, ber.encode_integer(count * pages // self.life_count, tag)
        if self.records:
            counts = [(key, count * pages // self.life_count) for key, count in self.records]
            block = b"".join(bytes((key, 1, 4)) + count.to_bytes(4, "big") for key, count in counts)
            yield _BROTHER_BLOCK, ber.encode_tlv(ber.OCTET_STRING, block + b"\xff")


def counting_of(values: Mapping[Arcs, bytes], life_count: int) -> Counting:
    """Return the counters in a recording of a printer with that life count."""
    object_id = values.get(_OBJECT_ID)
    objects = counters_of(ber.decode_oid(content_of(object_id))) if object_id else None
    if objects is None:
        return Counting()
    keys = set(objects.keys.values())
    columns = tuple(arcs_of(column.oid) for column in objects.columns if column.name not in keys)
    numbers = {
        arcs: (value[0], ber.decode_integer(content_of(value)))
        for arcs, value in values.items()
        if value[0] in _NUMBERS and any(arcs[: len(column)] == column for column in columns)
    }
    block = content_of(values[_BROTHER_BLOCK]) if _BROTHER_BLOCK in values else b""
    records = tuple(
        (block[at], int.from_bytes(block[at + 3 : at + _RECORD], "big"))
        for at in range(0, len(block) - _RECORD + 1, _RECORD)
    )
    return Counting(life_count, numbers, records) if numbers or records else Counting()

"""The readings of one printer in a batch that all say what its stored one says: nothing is judged. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.domain.freshness import is_ahead, stale_at
from processor.batch.printer_batch import Received
from processor.batch.rows import RepeatedRow
from processor.judgment.judge import Context
from processor.judgment.repeatable import is_plain, point_at, said_in, uptime_in


class LatestReading(NamedTuple):
    """Columns of a printer's snapshot that tell whether a reading repeats it."""

    printer_id: str
    reading_id: str
    taken_at: datetime
    seq: int
    repeats: int
    said: str
    said_until: datetime | None
    point: str


@dataclass(frozen=True, slots=True)
class UnchangedReadings:
    """Readings of a printer that repeat its snapshot."""

    latest: LatestReading
    readings: Sequence[Received]

    def row(self) -> RepeatedRow:
        """Return the columns of the snapshot that change."""
        newest = self.readings[-1]
        reading = newest.reading
        return {
            "of_printer": self.latest.printer_id,
            "new_reading_id": reading.id,
            "new_taken_at": reading.taken_at,
            "new_seq": reading.seq,
            "new_received_at": newest.at,
            "new_stale_at": stale_at(reading.taken_at, reading.interval_seconds),
            "new_uptime_ticks": uptime_in(reading),
            "new_repeats": self.latest.repeats + len(self.readings),
        }

    @property
    def history(self) -> list[str]:
        """The HistoryPoint of each of them, as JSON."""
        return [point_at(received.reading, self.latest.point) for received in self.readings]


def unchanged(
    latest: LatestReading | None, readings: Sequence[Received], context: Context
) -> UnchangedReadings | None:
    """Return the readings, given in their order, where each is newer and says the same; else None."""
    if latest is None or not latest.said:
        return None
    key, reading_id = (latest.taken_at, latest.seq), latest.reading_id
    for received in readings:
        reading = received.reading
        new = (reading.taken_at, reading.seq) > key and reading.id != reading_id
        # A clock that is or was ahead, and counters that have grown old, are judged.
        believed = not is_ahead(reading.taken_at, received.at) and not is_ahead(key[0], received.at)
        lasting = latest.said_until is None or reading.taken_at <= latest.said_until
        if not (new and believed and lasting and is_plain(reading)):
            return None
        if said_in(reading, context) != latest.said:
            return None
        key, reading_id = (reading.taken_at, reading.seq), reading.id
    return UnchangedReadings(latest, readings)

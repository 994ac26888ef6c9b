"""A poll's result as the message that goes through the spool to the processor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from collector.poll import PollResult
from core.contract.messages import Reading


@dataclass(frozen=True, slots=True)
class PollTiming:
    """Times of a poll, and of the next one."""

    at: datetime
    duration_seconds: float
    interval_seconds: float


class SequenceNumbers:
    """Gives every reading its seq, rising from `first`, and an id that no other reading has."""

    def __init__(self, first: int) -> None:
        self.first = first
        self._next = first
        self._run = uuid4().hex  # drawn once: randomness for each reading would cost more than the rest

    def __call__(self) -> dict[str, Any]:
        """Return the fields of the next reading."""
        number, self._next = self._next, self._next + 1
        return {"seq": number, "id": f"{self._run}-{number:x}"}


def make_reading(
    printer_id: str, site: str, result: PollResult, taken: PollTiming, numbering: SequenceNumbers
) -> Reading:
    """Return the reading of one poll."""
    return Reading.model_construct(
        **numbering(),
        printer_id=printer_id,
        site=site,
        taken_at=taken.at,
        interval_seconds=round(taken.interval_seconds, 1),
        reachable=result.reachable,
        error=result.error,
        duration_ms=round(taken.duration_seconds * 1000),
        tables=dict(result.tables),
        varbinds=dict(result.varbinds),
        alert_rows=result.alert_rows,
    )

"""Parse a message of a reading topic into a Reading, or the reason why it is none. Pure.

The site is that of the topic: the broker lets the collector of a site publish there and nowhere else,
while the payload holds whatever its sender likes.
"""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json

from core.contract.messages import MAX_READING_BYTES, Reading, RefusedReading
from core.contract.slugs import SLUG
from core.contract.topics import READING
from core.domain.text import one_line
from processor.batch.inbox import Arrival
from processor.batch.printer_batch import Received

_STILL_READ_BYTES: Final = 8 * 1024 * 1024
_REASON_LENGTH: Final = 300


@dataclass(frozen=True)
class Unreadable:
    """A message that is no reading we can use."""

    reason: str
    site: str | None = None
    reading_id: str | None = None
    """With its site: whom to tell that it will never be stored; None where that cannot be read."""

    @property
    def refusal(self) -> RefusedReading | None:
        """What the receipt says of it."""
        if self.site is None or self.reading_id is None:
            return None
        return RefusedReading(id=self.reading_id, reason=self.reason)


def read_arrival(arrival: Arrival, prefix: str) -> Received | Unreadable:
    """Parse a message; whatever it holds, nothing is raised."""
    levels = READING.levels(prefix, arrival.topic) or {}
    site = levels.get("site", "")
    if not SLUG.fullmatch(site):
        return Unreadable(short_line(f"the site {site!r} of the topic is not a name"))
    size = len(arrival.payload)
    if size > MAX_READING_BYTES:
        return _unreadable(
            arrival, site, f"it has {size} bytes, more than the {MAX_READING_BYTES} of a reading"
        )
    try:
        reading = Reading.model_validate_json(arrival.payload)
    except ValidationError as error:
        return _unreadable(arrival, site, _first_errors(error))
    if (levels["printer_id"], site) != (reading.printer_id, reading.site):
        named = f"the topic names {levels['printer_id']!r} of the site {site!r}"
        held = f"the reading {reading.printer_id!r} of {reading.site!r}"
        return _unreadable(arrival, site, f"{named}, {held}")
    return Received(reading, arrival.at, arrival.payload)


def _unreadable(arrival: Arrival, site: str, reason: str) -> Unreadable:
    reading_id = _fields(arrival.payload).get("id")
    if not isinstance(reading_id, str) or not 1 <= len(reading_id) <= 64:  # noqa: PLR2004 (as Reading.id)
        return Unreadable(short_line(reason))
    return Unreadable(short_line(reason), site, reading_id)


def _fields(payload: bytes) -> dict[str, Any]:
    if len(payload) > _STILL_READ_BYTES:
        return {}
    try:
        fields = from_json(payload)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _first_errors(error: ValidationError) -> str:
    shown = error.errors(include_input=False, include_url=False, include_context=False)[:3]
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'message'}: {e['msg']}" for e in shown)


def short_line(text: str) -> str:
    """Return a text on one line, and no longer than every database and terminal takes it."""
    return one_line(text, _REASON_LENGTH)

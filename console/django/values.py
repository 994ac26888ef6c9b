"""Values of a dump as ours: yes or no, times."""

from datetime import UTC, datetime
from typing import Any, Final

_YES: Final = frozenset({"true", "1", "yes", "y", "t", "on"})
_NO: Final = frozenset({"false", "0", "no", "n", "f", "off"})


def is_yes(value: Any) -> bool | None:
    """Return whether a field says yes or no; None where it says neither."""
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def time_of(written: str, notes: list[str]) -> datetime | None:
    """Return a time in UTC, without a zone taken as UTC.

    None where there is none, with a note if it is not read.
    """
    if not written:
        return None
    try:
        at = datetime.fromisoformat(written)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        notes.append(f"time {written[:30]!r} is not understood")
        return None

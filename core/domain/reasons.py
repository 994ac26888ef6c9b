"""Why and until when people set something aside: a printer out of service, a muted condition; pure."""

from datetime import datetime
from typing import Final

from core.contract.errors import UserError
from core.domain.text import one_line

LONGEST_REASON: Final = 300


def reason_given(why: str, until: datetime | None, now: datetime, *, missing: str) -> str:
    """Return the reason as it is stored: on one line, without what cannot be seen or stored.

    Raises UserError where there is none (with the sentence `missing`), it is too long, or `until` is past.
    """
    words = one_line(why)
    if not words:
        raise UserError(missing)
    if len(words) > LONGEST_REASON:
        raise UserError(f"The reason may have {LONGEST_REASON:,} characters; this has {len(words):,}.")
    if until is not None and until <= now:
        raise UserError("Choose an end in the future, or none.")
    return words

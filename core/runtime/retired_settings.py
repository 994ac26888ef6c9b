"""Names that were settings once and are constants now: who still sets one is told, by `printers check`."""

from collections.abc import Mapping
from typing import Final

RETIRED: Final[Mapping[str, str]] = {
    "BATCH_MILLISECONDS": "100",
    "BATCH_READINGS": "500",
    "ISSUE_REOPEN_HOURS": "24",
    "MAIL_RETRY_HOURS": "48",
    "MAX_MESSAGE_BYTES": "262144",
    "NOTIFY_COOLDOWN_MINUTES": "60",
    "NOTIFY_DIGEST_ABOVE": "3",
    "OUTBOX_MAX_ROWS": "5000000",
    "SPOOL_MAX_AGE_HOURS": "168",
    "SPOOL_MAX_READINGS": "500000",
}
"""What each is fixed at, as it was written in a settings file."""


def retired(name: str) -> str | None:
    """Say that a name is no setting any more; None where it is one, or never was."""
    if name not in RETIRED:
        return None
    return f"{name} is no setting any more: it is fixed at {RETIRED[name]}; remove it."

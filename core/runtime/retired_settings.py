"""Names that were settings once and are constants now: who still sets one is told, by `printers check`."""

from collections.abc import Mapping
from typing import Final

RETIRED: Final[Mapping[str, str]] = {
    "BATCH_MILLISECONDS": "250",
    "BATCH_READINGS": "500",
    "CLEAR_AFTER": "2",
    "DISCOVER_PER_SECOND": "100",
    "HOMEASSISTANT_PREFIX": "homeassistant",
    "HYSTERESIS_PERCENT": "3",
    "ISSUE_AFTER_READINGS": "2",
    "ISSUE_REOPEN_HOURS": "24",
    "MAIL_RETRY_HOURS": "48",
    "MAX_MESSAGE_BYTES": "262144",
    "MQTT_KEEPALIVE_SECONDS": "30",
    "NOTIFY_COOLDOWN_MINUTES": "60",
    "NOTIFY_DARK_PRINTERS": "3",
    "NOTIFY_DIGEST_ABOVE": "3",
    "NOTIFY_GATHER_SECONDS": "60",
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

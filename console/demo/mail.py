"""The mails of a demo: files in its folder, and a summary soon after the start."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from console.demo.folder import DemoFolder
from console.terminal import plain

_FIRST_SUMMARY_AFTER: Final = timedelta(seconds=90)
"""By then every printer has been read, and the first of them are in trouble."""


def mail_settings(place: DemoFolder, now: datetime) -> Mapping[str, str]:
    """Return settings by which no mail leaves the machine. `now` is UTC, the zone of a demo."""
    return {
        "EMAIL_BACKEND": "file",
        "EMAIL_FILE_PATH": str(place.directory / "outbox"),
        "DEFAULT_FROM_EMAIL": "Printers <printers@hartwell.example>",
        "ISSUE_SUMMARY_RECIPIENT": "head.of.it@hartwell.example",
        "SUMMARY_TIME": f"{now + _FIRST_SUMMARY_AFTER:%H:%M:%S}",
        "TIME_ZONE": "UTC",
        "NOTIFY_URLS": "service.desk@hartwell.example",
    }


def mail_line(place: DemoFolder) -> str:
    """Return where they are, for the banner (rich markup)."""
    where = plain(place.directory / "outbox")
    return f"Mails    {where} (.eml files; the first daily summary comes in a minute or two)"

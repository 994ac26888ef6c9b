"""The settings of the notifier: how mail leaves, what the daily summary is, when a word is said in time."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from fleet.secret_files import secret
from fleet.settings import Port, Settings

_DJANGO_BACKEND = re.compile(r"^django\.core\.mail\.backends\.(smtp|console|filebased)\.EmailBackend$")


def _backend(value: object) -> object:
    found = _DJANGO_BACKEND.match(value) if isinstance(value, str) else None
    return value if found is None else found[1].replace("filebased", "file")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: a name such as Europe/Berlin is wanted") from None
    return name


class MailSettings(Settings):
    """How mail leaves; the names are those of Django."""

    data_dir: Path = Path("data")
    email_backend: Annotated[Literal["smtp", "console", "file"], BeforeValidator(_backend)] = "smtp"
    """smtp, console or file; Django's dotted names are understood."""
    email_file_path: Path | None = None
    """Where `file` writes .eml files; unset: DATA_DIR/outbox."""
    email_host: str = "localhost"
    """The mail server."""
    email_port: Port = 25
    """Its port."""
    email_use_tls: bool = False
    """Begin in the clear and change to TLS (STARTTLS, port 587); its certificate is verified."""
    email_use_ssl: bool = False
    """TLS from the beginning (port 465); its certificate is verified."""
    email_host_user: str = ""
    """The user at the mail server; empty: none."""
    email_host_password: SecretStr | None = secret()
    """The user's password."""
    email_timeout: Annotated[float, Field(gt=0, le=300)] = 30.0
    """Seconds to wait for the mail server."""
    default_from_email: str = "printers@localhost"
    """Who mails are from: an address, or Name <address>."""
    email_to: str = ""
    """Comma list: who gets the summary where ISSUE_SUMMARY_RECIPIENT is blank."""


class SummarySettings(Settings):
    """The daily issue summary."""

    issue_summary_recipient: str = ""
    """Comma list of addresses that get it beside the users who want it."""
    summary_time: time = time(7, 0)
    """When it is sent, local time of TIME_ZONE."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The zone of every time that people see in mails."""
    summary_when_empty: Literal["short", "none"] = "short"
    """A day without anything to say: a mail of one line, or none."""

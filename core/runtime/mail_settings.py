"""The settings of the notifier: how mail leaves, what the daily summary is, when a word is said in time."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from core.contract.messages import Severity
from core.domain.mail_addresses import address_list, sender
from core.domain.quiet_days import quiet_days
from core.runtime.secret_files import secret
from core.runtime.setting_types import (
    Contradiction,
    HostName,
    LocalHours,
    LocalTime,
    MailBackend,
    ZoneName,
    changeable,
    needs,
    parsed_by,
)
from core.runtime.settings import Port, Settings

AddressList = Annotated[str, parsed_by(address_list)]
QuietDayNames = Annotated[str, parsed_by(quiet_days)]
Weekday = Literal["", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class MailSettings(Settings):
    """Settings for sending mail; the names are those of Django."""

    data_dir: Path = Path("data")
    email_backend: MailBackend = "smtp"
    """smtp, console or file; Django's dotted names are understood."""
    email_file_path: Path | None = None
    """Where `file` writes .eml files; unset: DATA_DIR/outbox."""
    email_host: HostName = "localhost"
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
    default_from_email: Annotated[str, parsed_by(sender)] = "printers@localhost"
    """Who mails are from: an address, or Name <address>."""
    mail_keep_days: Annotated[int, Field(ge=1, le=3650)] = changeable(90)
    """Messages that have been sent, or failed for good, are kept so long for the System page."""

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield two ways of TLS, and a password of nobody."""
        if self.email_use_tls and self.email_use_ssl:
            both = "EMAIL_USE_TLS", "EMAIL_USE_SSL"
            yield Contradiction(both, f"{' and '.join(both)} exclude each other: set the one your server has")
        yield from needs(self, "email_host_password", "email_host_user")


class SummarySettings(Settings):
    """The daily issue summary."""

    issue_summary_recipient: AddressList = changeable("")
    """Comma list of addresses that get it beside the users who want it."""
    email_to: AddressList = ""
    """Comma list: who gets the summary where ISSUE_SUMMARY_RECIPIENT is blank."""
    summary_time: LocalTime = changeable(time(7, 0))
    """When it is sent, local time of TIME_ZONE."""
    time_zone: ZoneName = changeable("UTC")
    """The zone of every time that people see in mails."""
    summary_quiet_days: QuietDayNames = changeable("")
    """saturday, sunday, off (the calendar's holidays and closed days): the next one is about these, too."""
    summary_when_empty: Literal["short", "none"] = changeable("short")
    """A day without anything to say: a mail of one line, or none."""


class IssueMailSettings(Settings):
    """Mails about one issue, to the people it concerns."""

    mail_issue_receipt: bool = changeable(True)
    """Who reports a problem and leaves an address gets its number and a link to follow it."""
    mail_issue_resolved: bool = changeable(True)
    """They are told when it is resolved or closed, and what is answered to them."""
    mail_issue_assigned: bool = changeable(True)
    """Whoever an issue is given to is told, unless they took it, and what its reporters add to it."""


class NoticeSettings(Settings):
    """A word in time: of what immediate notices are sent."""

    notify_severity: Severity = changeable("critical")
    """From which severity on: critical, warning or info."""
    notify_locations: Annotated[str, Field(max_length=2000)] = changeable("")
    """Comma list of locations and sites, * for any part of one (Library*, annex); empty: all."""


class NotifySettings(NoticeSettings):
    """Where they go, and when."""

    notify_urls: SecretStr | None = secret()
    """Where notices go: mail addresses and Apprise URLs (ntfys://ntfy.sh/topic), with spaces between."""
    notify_quiet_hours: LocalHours = changeable("")
    """22:00-06:30 in TIME_ZONE: nothing is said; what is still so afterwards comes in one message."""
    notify_quiet_days: QuietDayNames = changeable("")
    """saturday, sunday, off (the calendar's holidays and closed days): the same for whole days."""
    notify_resolved: bool = changeable(True)
    """Say also when a condition that was told is over."""
    notify_escalate_minutes: Annotated[float, Field(ge=0, le=10_080)] = changeable(60.0)
    """A critical condition told so long ago that nobody has taken is told once more; 0: never."""
    notify_escalate_urls: SecretStr | None = secret()
    """Where that goes, as in NOTIFY_URLS; unset: to NOTIFY_URLS."""


class OrderSettings(Settings):
    """The purchase list, and the weekly mail with it."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = changeable("EUR")
    """Of all prices: three capitals of ISO 4217."""

    order_mail_weekday: Weekday = changeable("")
    """monday to sunday: sent on that day at SUMMARY_TIME, a CSV attached; empty: never."""
    order_mail_recipient: AddressList = changeable("")
    """Comma list of who gets it; empty: who gets the summary."""
    order_mail_days: Annotated[int, Field(ge=1, le=365)] = changeable(14)
    """It lists what is low or runs out within so many days; so does the page, unless asked otherwise."""

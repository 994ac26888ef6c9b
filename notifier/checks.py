"""Check whether summary and notices can reach anybody, without sending anything."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from core.domain.addresses import is_loopback
from core.domain.units import counted
from core.mails.readers import mail_readers
from core.mails.recipients import NOBODY, Recipient, summary_recipients
from core.runtime.check_results import CheckResult, error, ok, warning
from core.runtime.wall_clock import utc_now
from core.storage.core_tables import MAILS
from core.storage.database import NoDatabase, count_rows, open_existing_database, reading
from core.storage.mail_outbox import MAIL
from core.storage.stored_settings import settings_now
from notifier.channels.channel import ChannelUnavailable
from notifier.channels.mail_smtp import SmtpChannel
from notifier.notices.targets import apprise_urls, escalation_targets, notice_targets
from notifier.settings import NotifierSettings

_WHERE_MAIL_GOES: Final = (
    "Set EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS, EMAIL_HOST_USER and EMAIL_HOST_PASSWORD."
)


def check_channels(settings: NotifierSettings) -> list[CheckResult]:
    """Return findings about recipients, mail server, targets of notices, links and what waits to be sent."""
    stored: list[CheckResult] = []
    readers = []
    with suppress(NoDatabase):
        engine = open_existing_database(settings.database)
        try:
            settings = settings_now(engine, settings)
            with reading(engine) as connection:
                stored = list(_outbox(connection))
                readers = mail_readers(connection)
        finally:
            engine.dispose()
    recipients = summary_recipients(readers, settings.summary)
    return [
        *_recipients(recipients),
        *_ways(settings, recipients),
        *_links(settings),
        *stored,
    ]


def _recipients(recipients: list[Recipient]) -> Iterator[CheckResult]:
    if not recipients:
        why, _, mend = NOBODY.partition(": ")
        yield CheckResult("hint", why[0].lower() + why[1:], mend[0].upper() + mend[1:])
        return
    shown = ", ".join(recipient.address for recipient in recipients[:5])
    more = f" and {len(recipients) - 5} more" if len(recipients) > 5 else ""  # noqa: PLR2004 (as shown)
    yield ok(f"the daily summary goes to {shown}{more}")


def _ways(settings: NotifierSettings, recipients: list[Recipient]) -> Iterator[CheckResult]:
    targets = (*notice_targets(settings.notify), *escalation_targets(settings.notify))
    if recipients or any(target.channel == MAIL for target in targets):
        yield from _mail(settings)
    urls = apprise_urls(settings.notify)
    if urls:
        from notifier.channels.apprise_channel import not_understood

        for name in not_understood(urls):
            mend = "Look at its URL in NOTIFY_URLS or NOTIFY_ESCALATE_URLS."
            yield error(f"Apprise does not understand the target {name}", mend)
    if targets:
        yield ok(f"notices go to {', '.join(dict.fromkeys(target.name for target in targets))}")


def _mail(settings: NotifierSettings) -> Iterator[CheckResult]:
    mail = settings.mail
    if mail.email_backend == "console":
        yield warning("mails are printed, not sent (EMAIL_BACKEND=console)", "Set EMAIL_BACKEND=smtp.")
        return
    if mail.email_backend == "file":
        where = settings.outbox_folder
        yield warning(f"mails are written into {where}, not sent", "Set EMAIL_BACKEND=smtp.")
        if where.exists() and not os.access(where, os.W_OK):
            yield error(f"{where} cannot be written to", "Set EMAIL_FILE_PATH.")
        return
    server = f"{mail.email_host}:{mail.email_port}"
    try:
        SmtpChannel(mail).probe()
    except ChannelUnavailable as away:
        yield error(str(away).rstrip("."), _WHERE_MAIL_GOES)
        return
    signed_in = f" and lets {mail.email_host_user} in" if mail.email_host_user else ""
    yield ok(f"the mail server {server} answers{signed_in}")
    encrypted = mail.email_use_tls or mail.email_use_ssl
    if mail.email_host_user and not encrypted and not is_loopback(mail.email_host):
        mend = "Set EMAIL_USE_TLS=true (port 587) or EMAIL_USE_SSL=true (port 465)."
        yield warning(f"the password for {server} can be read on the way", mend)
    if settings.domain == "localhost":  # also for a relay on this machine, which passes it on as it is
        mend = "Set DEFAULT_FROM_EMAIL to an address of yours."
        yield warning(f"mails come from {mail.default_from_email}, which others may refuse", mend)


def _links(settings: NotifierSettings) -> Iterator[CheckResult]:
    url = settings.dashboard.dashboard_url
    if settings.mail.email_backend == "smtp" and is_loopback(urlsplit(url).hostname or ""):
        mend = "Set DASHBOARD_URL to how people reach the dashboard."
        yield warning(f"the links in mails begin with {url}, which works on this machine only", mend)


def _outbox(connection: Connection) -> Iterator[CheckResult]:
    since = utc_now() - timedelta(days=1)
    failed = (MAILS.c.status == "failed", MAILS.c.created_at > since)
    if count := count_rows(connection, MAILS, *failed):
        query = select(MAILS.c.last_error).where(*failed).order_by(MAILS.c.id.desc()).limit(1)
        last = connection.execute(query).scalar_one()
        text = f"{counted(count, 'message')} of the last day could not be delivered; the last: {last}"
        yield warning(text.rstrip("."), "The System page shows them all, and sends them again.")
    late = (MAILS.c.status == "due", MAILS.c.created_at < utc_now() - timedelta(hours=1))
    if waiting := count_rows(connection, MAILS, *late):
        text = f"{counted(waiting, 'message has', 'messages have')} been waiting for more than an hour"
        yield warning(text, "Is the notifier running, is the mail server up? `printers up` runs it.")

"""Which channels there are, by the settings."""

from collections.abc import Mapping

from fleet.outbox_commands import APPRISE, MAIL
from notifier.channels.channel import Channel
from notifier.channels.mail_console import ConsoleChannel
from notifier.channels.mail_file import FileChannel
from notifier.channels.mail_smtp import SmtpChannel
from notifier.settings import Settings
from notifier.targets import apprise_urls


def open_channels(settings: Settings) -> Mapping[str, Channel]:
    """Mail by EMAIL_BACKEND; and Apprise, which loads slowly, only where NOTIFY_URLS has URLs for it."""
    urls = apprise_urls(settings.notify)
    if not urls:
        return {MAIL: mail_channel(settings)}
    from notifier.channels.apprise_channel import AppriseChannel

    return {MAIL: mail_channel(settings), APPRISE: AppriseChannel(urls)}


def mail_channel(settings: Settings) -> Channel:
    """How mail leaves."""
    sender = settings.mail.default_from_email
    if settings.mail.email_backend == "file":
        return FileChannel(settings.outbox_folder, sender)
    if settings.mail.email_backend == "console":
        return ConsoleChannel(sender)
    return SmtpChannel(settings.mail)

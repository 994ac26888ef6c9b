"""Open the channels that the settings name."""

from collections.abc import Mapping

from core.storage.mail_outbox import MAIL
from notifier.channels.channel import Channel
from notifier.channels.mail_console import ConsoleChannel
from notifier.channels.mail_file import FileChannel
from notifier.channels.mail_smtp import SmtpChannel
from notifier.notices.targets import APPRISE, apprise_urls
from notifier.settings import NotifierSettings


def open_channels(settings: NotifierSettings) -> Mapping[str, Channel]:
    """Open mail by EMAIL_BACKEND; and Apprise, which loads slowly, only where NOTIFY_URLS has URLs for it."""
    urls = apprise_urls(settings.notify)
    if not urls:
        return {MAIL: mail_channel(settings)}
    from notifier.channels.apprise_channel import AppriseChannel

    return {MAIL: mail_channel(settings), APPRISE: AppriseChannel(urls)}


def mail_channel(settings: NotifierSettings) -> Channel:
    """Return the mail channel by EMAIL_BACKEND."""
    sender = settings.mail.default_from_email
    if settings.mail.email_backend == "file":
        return FileChannel(settings.outbox_folder, sender)
    if settings.mail.email_backend == "console":
        return ConsoleChannel(sender)
    return SmtpChannel(settings.mail)

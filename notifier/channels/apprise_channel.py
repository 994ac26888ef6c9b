"""Notices by Apprise: Teams, Slack, ntfy, webhooks and a hundred others, by URL."""

import logging
from collections.abc import Iterable, Mapping
from typing import Final

import apprise

from core.domain.mail_kinds import MailKind
from core.mails.clean_text import for_chat, one_line
from notifier.channels.channel import MessageRefused, Outgoing, TryLater

_SECONDS: Final = 60.0
_KINDS: Final[Mapping[str, apprise.NotifyType]] = {
    MailKind.RESOLVED_NOTICE: apprise.NotifyType.SUCCESS,
    MailKind.OUTAGE_OVER: apprise.NotifyType.SUCCESS,
    MailKind.TEST: apprise.NotifyType.INFO,
    MailKind.DIGEST: apprise.NotifyType.WARNING,
}


class AppriseChannel:
    """The targets of NOTIFY_URLS by name; a URL holds secrets and is told to nobody."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls
        self._asset = apprise.AppriseAsset(
            app_id="Printers", app_desc="Printer System", async_mode=False, secure_logging=True
        )
        _quieten()

    def send(self, mail: Outgoing) -> None:
        """Hand one notice over; returns once the service has taken it."""
        url = self._urls.get(mail.recipient)
        if url is None:
            raise MessageRefused(f"{mail.recipient}: no entry of NOTIFY_URLS has this name any more.")
        target = apprise.Apprise(asset=self._asset)
        if not target.add(url):
            raise MessageRefused(f"{mail.recipient}: Apprise does not understand this URL.")
        result = target.notify(
            title=for_chat(one_line(mail.subject)),
            body=for_chat(mail.body_text),
            notify_type=_KINDS.get(mail.kind, apprise.NotifyType.FAILURE),
            body_format=apprise.NotifyFormat.TEXT,
            timeout=_SECONDS,
        )
        if not result:
            said = "; ".join(entry.message for entry in result.logs())
            reason = one_line(said.replace(url, "its URL")) or "the service does not take it"
            raise TryLater(f"{mail.recipient}: {reason}.")

    def close(self) -> None:
        """Do nothing: no connection is open."""


def not_understood(urls: Mapping[str, str]) -> Iterable[str]:
    """Return the names of those that Apprise cannot use."""
    _quieten()
    return [name for name, url in urls.items() if apprise.Apprise.instantiate(url) is None]


def _quieten() -> None:
    """Keep its log lines, which can hold whole URLs, in results only, and out of our logs."""
    logger = logging.getLogger("apprise")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())

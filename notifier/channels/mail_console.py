"""Mail on standard output, for trying things out."""

import sys
from typing import TextIO

from core.domain.mail_kinds import MailKind
from notifier.channels.channel import MessageRefused, Outgoing
from notifier.outbox.mime import as_email


class ConsoleChannel:
    """Prints headers and text of each message."""

    def __init__(self, sender: str, stream: TextIO | None = None) -> None:
        self._sender = sender
        self._stream = stream or sys.stdout

    def send(self, mail: Outgoing) -> None:
        """Print it; raises MessageRefused where it carries a secret: standard output is often a log."""
        if mail.kind == MailKind.ACCOUNT_LINK:
            raise MessageRefused("EMAIL_BACKEND=console prints no link for an account: make one to hand on.")
        message = as_email(mail, self._sender)
        shown = [f"{name}: {message[name]}" for name in ("From", "To", "Subject", "Date", "Message-ID")]
        rule = "-" * 72
        self._stream.write("\n".join([rule, *shown, "", mail.body_text.rstrip(), rule, ""]))
        self._stream.flush()

    def close(self) -> None:
        """Do nothing: no connection is open."""

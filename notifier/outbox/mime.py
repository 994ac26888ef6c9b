"""A message of the outbox as mail: headers without tricks, text and HTML, an attachment. Pure."""

import mimetypes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import cast

from core.domain.logos import LOGO_CID
from core.mails.clean_text import one_line
from notifier.channels.channel import MessageRefused, Outgoing

_LONGEST_SUBJECT = 200
_LONGEST_LINE = 998
"""Octets of a line without its end (RFC 5322, 2.1.1)."""


class WirePolicy(EmailPolicy):
    """The policy of SMTP, but ASCII is never written as encoded words (RFC 2047).

    A word longer than 78 characters, such as the address in List-Unsubscribe or an identifier in References,
    is encoded by the base class, and no mail program looks for a link or an identifier in there.
    """

    def fold(self, name: str, value: str) -> str:
        """Return the header's lines: folded at 78 characters only where something has to be encoded."""
        if str(value).isascii():
            return str(_LONG_LINES.fold(name, value))
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the same as octets, which is what is sent."""
        return self.fold(name, value).encode("ascii", "surrogateescape")


_LONG_LINES = SMTP.clone(max_line_length=_LONGEST_LINE)
_WIRE = WirePolicy(linesep=SMTP.linesep)


def as_email(mail: Outgoing, sender: str) -> EmailMessage:
    """Return the mail; raises MessageRefused where its addresses or headers cannot be written."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=_WIRE)
    try:
        message["From"] = Address(one_line(name), addr_spec=address)
        message["To"] = Address(addr_spec=mail.recipient)
        message["Subject"] = one_line(mail.subject, _LONGEST_SUBJECT)
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = mail.message_id
        # No vacation notes, please (RFC 3834; the other is Exchange's).
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        for header, value in mail.headers.items():
            message[header] = value
    except ValueError as error:
        raise MessageRefused(f"{mail.recipient!r}: no mail can be made of it ({error}).") from error
    message.set_content(mail.body_text)
    if mail.body_html:
        message.add_alternative(mail.body_html, subtype="html")
        if mail.logo is not None:
            html = cast(EmailMessage, message.get_payload(1))
            html.add_related(
                mail.logo.octets,
                maintype="image",
                subtype=mail.logo.kind,
                cid=f"<{LOGO_CID}>",
                disposition="inline",
                filename=f"logo.{mail.logo.kind}",
            )
    if mail.attachment is not None:
        kind = mimetypes.guess_type(mail.attachment_name)[0] or "application/octet-stream"
        maintype, _, subtype = kind.partition("/")
        message.add_attachment(
            mail.attachment, maintype=maintype, subtype=subtype, filename=mail.attachment_name
        )
    return message

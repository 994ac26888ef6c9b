"""The interface of a channel: it takes one message at a time, and says what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.contract.errors import UserError
from core.domain.logos import Logo


@dataclass(frozen=True)
class Outgoing:
    """A message of the outbox on its way."""

    mail_id: int
    kind: str
    recipient: str
    subject: str
    body_text: str
    body_html: str
    message_id: str
    headers: Mapping[str, str]
    created_at: datetime
    attachment_name: str = ""
    attachment: bytes | None = None
    logo: Logo | None = None
    """What its HTML shows as `cid:` logos.LOGO_CID; None where it does not."""


class MessageRefused(UserError):
    """This message will never be taken: the reason names the recipient."""


class TryLater(UserError):
    """This message is not taken for now; others may be."""


class ChannelUnavailable(UserError):
    """No message is taken for now: the server does not answer, or refuses the connection."""


class Channel(Protocol):
    """Sends messages of one kind."""

    def send(self, mail: Outgoing) -> None:
        """Send a message until it is accepted. Raises MessageRefused, TryLater or ChannelUnavailable."""

    def close(self) -> None:
        """Close connections that are open: nothing more will be sent for a while."""

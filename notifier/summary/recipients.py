"""Determine who receives the summary, each with the reason and a way to unsubscribe. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import quote

from core.domain.links import Links, as_uri
from core.domain.mail_addresses import address_list, is_address
from core.runtime.mail_settings import MailSettings, SummarySettings
from notifier.summary.queries import SummaryReader

NOBODY = (
    "Nobody is to receive the summary: set ISSUE_SUMMARY_RECIPIENT, or let a user with a mail address "
    "receive it (Receive daily issue summary)."
)


@dataclass(frozen=True)
class Recipient:
    """An address, and whose it is: a user's, or one that the settings name."""

    address: str
    user: str = ""

    @property
    def why(self) -> str:
        """The reason, for the foot of the mail."""
        if self.user:
            return f"You get this mail because your account {self.user} receives the daily issue summary."
        return "You get this mail because your address is in the settings of the printer system."

    def unsubscribe(self, links: Links) -> str:
        """Return where it ends by one click; only a user's can, the settings are an administrator's."""
        return links.unsubscribe(self.user) if self.user else ""

    def headers(self, links: Links, sender: str) -> dict[str, str]:
        """Return List-Unsubscribe (RFC 2369), and by one click where a page of ours does it (RFC 8058)."""
        mailto = f"<mailto:{quote(parseaddr(sender)[1], safe='@')}?subject=unsubscribe>"
        url = as_uri(self.unsubscribe(links))
        if not url:
            return {"List-Unsubscribe": mailto}
        one_click = (
            {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url.startswith("https:") else {}
        )
        return {"List-Unsubscribe": f"<{url}>, {mailto}", **one_click}


def summary_recipients(
    users: Iterable[SummaryReader], mail: MailSettings, summary: SummarySettings
) -> list[Recipient]:
    """Return users who want it and ISSUE_SUMMARY_RECIPIENT, or EMAIL_TO where that is blank.

    Each address once.
    """
    listed = address_list(summary.issue_summary_recipient) or address_list(mail.email_to)
    wanted = [
        *(Recipient(user.email, user.name) for user in users if is_address(user.email)),
        *(Recipient(address) for address in listed),
    ]
    found: dict[str, Recipient] = {}
    for recipient in wanted:
        found.setdefault(recipient.address.casefold(), recipient)
    return list(found.values())

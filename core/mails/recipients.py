"""Determine who receives the summary, each with the reason and a way to unsubscribe. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import quote

from core.domain.links import Links, as_uri
from core.domain.mail_addresses import address_list
from core.domain.mail_choices import CHANGED
from core.mails.readers import MailReader
from core.runtime.mail_settings import SummarySettings

NOBODY = (
    "Nobody receives the daily summary: name an address (ISSUE_SUMMARY_RECIPIENT, on the page Settings or by "
    "`printers settings`), or let a user with a mail address receive it (Daily summary on the page Users, or "
    "on Your account)."
)
"""A hint, and no fault: whoever has just begun has named nobody, and some go by notices alone."""


@dataclass(frozen=True)
class Recipient:
    """An address, and whose it is: a user's, or one that the settings name."""

    address: str
    user: str = ""
    full_name: str = ""
    only_changed: bool = False
    """Only a summary with something new is for them."""

    @property
    def why(self) -> str:
        """The reason, for the foot of the mail."""
        if self.user:
            when = "when something has changed" if self.only_changed else "every day"
            return f"You get this mail {when}, by your account {self.user}."
        return "You get this mail because your address is in the settings of the printer system."

    def unsubscribe(self, links: Links) -> str:
        """Return where it ends by one click; only a user's can, the settings are an administrator's."""
        return links.unsubscribe(self.user) if self.user else ""

    def choose(self, links: Links) -> str:
        """Return where they choose their mails; only a user can."""
        return links.account if self.user else ""

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


def summary_recipients(readers: Iterable[MailReader], summary: SummarySettings) -> list[Recipient]:
    """Return who receives the summary, each address once.

    Those of ISSUE_SUMMARY_RECIPIENT, or EMAIL_TO where that is blank, unless their owner has chosen
    otherwise; and users who have chosen it.
    """
    listed = {address.casefold(): address for address in listed_recipients(summary)}
    owners = list(readers)
    found: dict[str, Recipient] = {}
    for reader in owners:
        key = reader.email.casefold()
        if reader.choices.receives_summary(listed=key in listed):
            one = Recipient(reader.email, reader.name, reader.full_name, reader.choices.summary == CHANGED)
            found.setdefault(key, one)
    owned = {reader.email.casefold() for reader in owners}
    for key, address in listed.items():
        if key not in owned:
            found[key] = Recipient(address)
    return list(found.values())


def listed_recipients(summary: SummarySettings) -> list[str]:
    """Return the addresses that the settings name."""
    return address_list(summary.issue_summary_recipient) or address_list(summary.email_to)

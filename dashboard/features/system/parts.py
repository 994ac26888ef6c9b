"""Services and mail as they are shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.units import counted
from core.domain.wording import STATES
from core.storage.services import Heartbeat
from dashboard.features.system.queries import MailLine, SummaryLine
from dashboard.ui.templates import render
from dashboard.ui.wording import StateStyle

_LOOKS: Final = {
    "online": StateStyle("Online", "ok", "circle"),
    "silent": StateStyle("Silent", "critical", "ring"),
    "offline": StateStyle("Offline", "critical", "cross"),
}
_FAILED: Final = StateStyle("Failed", "critical", "cross")


def services_html(services: Sequence[Heartbeat], now: datetime) -> str:
    """Return each service: whether it is there, since when, and what it counts."""
    return render("system/services", services=services, now=now, looks=_LOOKS, states=STATES)


def mail_html(summary: SummaryLine | None, mail: Mapping[str, int], zone: ZoneInfo) -> str:
    """Return when the last daily summary was made, for whom, and how it fared.

    How many messages there are.
    """
    number = len(summary.recipients) if summary else 0
    recipients = counted(number, "recipient") if number else "nobody"
    counts = [f"{count:,} {status}" for status, count in sorted(mail.items())]
    due = summary.ends_at.astimezone(zone).date() if summary else None
    return render("system/mail", summary=summary, due=due, recipients=recipients, counts=counts)


def failed_mail_html(mail: MailLine) -> str:
    """Return a message that could not be sent, and why."""
    return render("system/failed_mail", mail=mail, look=_FAILED)

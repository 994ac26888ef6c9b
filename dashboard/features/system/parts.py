"""Pieces of HTML about services and mail."""

from datetime import datetime
from typing import Final

from core.domain.units import lasting
from core.domain.wording import word
from dashboard.features.system.queries import MailLine, ServiceLine, SummaryLine
from dashboard.ui.badges import badge, relative
from dashboard.ui.issue_parts import dotted
from dashboard.ui.text import in_html

_STATUS: Final = {
    "online": ("Online", "ok", "circle"),
    "silent": ("Silent", "critical", "ring"),
    "offline": ("Offline", "critical", "cross"),
}


def service_html(line: ServiceLine, now: datetime) -> str:
    """Whether it is there, since when, and what it counts."""
    alive = line.started_at is not None and line.status == "online"
    up_seconds = (now - line.started_at).total_seconds() if line.started_at else 0
    facts = dotted(
        f"heard of {relative(line.seen_at, now)}",
        f"up for {lasting(up_seconds)}" if alive else "",
        in_html(f"site {line.site}") if line.site else "",
        in_html(f"version {line.version}") if line.version else "",
    )
    counters = "".join(
        f"<dt>{in_html(word({}, name))}</dt><dd>{value:,.4g}</dd>"
        for name, value in sorted(line.counters.items())
    )
    more = (
        f'<details><summary>Counters</summary><dl class="facts small">{counters}</dl></details>'
        if counters
        else ""
    )
    return (
        f'<li><div class="top">{badge(*_STATUS[line.status])} <strong>{in_html(line.service)}</strong> '
        f'{in_html(line.instance)} <span class="quiet small">{facts}</span></div>{more}</li>'
    )


def summary_html(summary: SummaryLine | None, now: datetime) -> str:
    """When the last daily summary was made, for whom, and how it fared."""
    if summary is None:
        return "No daily summary has been made yet."
    number = len(summary.recipients)
    people = "one recipient" if number == 1 else f"{number} recipients"
    made = f"The summary of {in_html(summary.window)} was made {relative(summary.composed_at, now)}"
    return dotted(
        f"{made} for {people}{', late' if summary.late else ''}",
        f"“{in_html(summary.subject)}”" if summary.subject else "there was nothing to say",
        f"{summary.sent} sent" if summary.sent else "",
        f"{summary.failed} failed" if summary.failed else "",
        in_html(summary.problem),
    )


def mail_html(mail: MailLine, now: datetime) -> str:
    """A message that could not be sent, and why."""
    facts = dotted(
        in_html(mail.recipient),
        in_html(word({}, mail.kind)),
        relative(mail.created_at, now),
        f"{mail.attempts} tries" if mail.attempts != 1 else "one try",
    )
    return (
        f'<div class="flag"><div class="top">{badge("Failed", "critical", "cross")} '
        f'<strong>{in_html(mail.subject)}</strong></div><div class="quiet small">{facts}</div>'
        f'<div class="small">{in_html(mail.last_error, 500)}</div></div>'
    )

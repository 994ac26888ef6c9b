"""Notices in words: what a message says, and about what. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.conditions import SEVERITIES, UNREACHABLE
from core.domain.links import Links
from core.domain.mail_kinds import MailKind
from core.domain.units import counted, lasting, moment
from core.domain.wording import word
from core.mails.clean_text import one_line
from core.mails.lines import SummaryItem
from notifier.notices.decide import Notice, NoticeCondition

_NAMES_SHOWN: Final = 3


def subject_of(message: Notice) -> str:
    """Return the subject, which says it all."""
    many, first = len(message.conditions), message.conditions[0] if message.conditions else None
    if message.outage is not None:
        if message.kind is MailKind.OUTAGE:
            return one_line(message.outage.title)
        silent = len(message.still_silent)
        return f"{one_line(message.outage.where)} answers again" + (
            f", {silent} still silent" if silent else ""
        )
    if message.kind is MailKind.ESCALATION and many > 1:
        return f"Unassigned: {many} critical conditions"
    if many > 1 or first is None:
        resolved = message.kind is MailKind.RESOLVED_NOTICE
        what = "conditions resolved" if resolved else _grave(message.conditions)
        return f"{many} {what}: {_names(message.conditions)}"
    about = f"{_name(first)}: {one_line(first.message, 120).rstrip('.')}"
    lead = {MailKind.RESOLVED_NOTICE: "Resolved", MailKind.ESCALATION: "Unassigned"}.get(message.kind)
    return f"{lead or word(SEVERITIES, first.severity)} - {about}"


def lead_of(message: Notice, minutes: float) -> str:
    """Return the sentence that opens the body."""
    if message.kind is MailKind.OUTAGE:
        return "They stopped answering together: look at the network and the power there first."
    if message.kind is MailKind.OUTAGE_OVER:
        return "Most of its printers answer again."
    if message.kind is MailKind.ESCALATION:
        return f"Sent {lasting(minutes * 60)} ago, and still not assigned, acknowledged or snoozed."
    if message.kind is MailKind.RESOLVED_NOTICE:
        return _resolved_lead(message.conditions)
    return "This needs attention." if len(message.conditions) == 1 else "These need attention."


def _resolved_lead(conditions: Sequence[NoticeCondition]) -> str:
    if {one.code for one in conditions} == {UNREACHABLE}:
        return "The printer answers again." if len(conditions) == 1 else "These printers answer again."
    if len(conditions) == 1:
        return "The printer no longer reports it."
    return "The printers no longer report these."


def lines_of(message: Notice, now: datetime, zone: ZoneInfo, links: Links) -> tuple[SummaryItem, ...]:
    """Return a line with its link for each condition; after an outage for printers still silent.

    What a printer has since the same moment is one line: four empty cartridges are one walk.
    """
    about: Sequence[NoticeCondition] = (
        message.still_silent if message.kind is MailKind.OUTAGE_OVER else message.conditions
    )
    together: dict[tuple[str, str], list[NoticeCondition]] = {}
    for one in about:
        together.setdefault((one.printer_id, _since(one, now, zone)), []).append(one)
    return tuple(_line(same, since, links) for (_, since), same in together.items())


def _since(one: NoticeCondition, now: datetime, zone: ZoneInfo) -> str:
    lasted = lasting(((one.cleared_at or now) - one.since_at).total_seconds())
    return f"lasted {lasted}" if one.cleared_at else f"since {moment(one.since_at, zone)} ({lasted})"


def _line(same: Sequence[NoticeCondition], since: str, links: Links) -> SummaryItem:
    first = same[0]
    sentences = [one_line(one.message) for one in same]
    many = len(same) > 1
    return SummaryItem(
        title=f"{_name(first)}: {f'{len(same)} conditions' if many else sentences[0]}",
        url=links.printer(first.printer_id),
        where=" · ".join(filter(None, (first.printer_id, one_line(first.location, 80)))),
        facts=(since,),
        says=" ".join(sentences) if many else "",
        severity="" if first.cleared_at else first.severity,
    )


def _grave(conditions: Sequence[NoticeCondition]) -> str:
    """Return "critical conditions" where all are, else "conditions"."""
    severities = {one.severity for one in conditions}
    return f"{severities.pop()} conditions" if len(severities) == 1 else "conditions"


def _names(conditions: Sequence[NoticeCondition]) -> str:
    """Name the printers: "Library 115, Student Union 238 and 4 more printers"."""
    names = list(dict.fromkeys(_name(one) for one in conditions))
    more = len(names) - _NAMES_SHOWN
    shown = ", ".join(names[:_NAMES_SHOWN])
    return f"{shown} and {counted(more, 'more printer', 'more printers')}" if more > 0 else shown


def _name(one: NoticeCondition) -> str:
    return one_line(one.printer, 80) or one.printer_id

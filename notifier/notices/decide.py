"""Decide which notices are sent when: from flags and what was told of them to messages. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final, Literal
from zoneinfo import ZoneInfo

from core.domain.conditions import SEVERITY_RANK, UNREACHABLE
from core.domain.day_parts import day_part
from core.domain.freshness import has_lasted
from core.domain.mail_kinds import MailKind
from core.runtime.mail_settings import NotifySettings

OLD_AFTER: Final = timedelta(minutes=30)
"""What has lasted so long when it is first seen (after quiet hours, on the first day) is no single news."""
DIGEST_ABOVE: Final = 3
"""More conditions than this at once are one message."""
COOLDOWN: Final = timedelta(minutes=60)
"""The same condition of the same printer is told at most once in this time."""
GATHER: Final = timedelta(seconds=60)
"""A condition waits so long for others, to be told together; also how long it must have lasted."""
_LONGEST_GATHER: Final = timedelta(minutes=10)

How = Literal["single", "digest", "collapsed"]


@dataclass(frozen=True)
class NoticeOutage:
    """An outage that the processor has found, with the numbers of now."""

    outage_id: int
    title: str
    where: str
    began_at: datetime
    issue_id: int
    ended: bool = False


@dataclass(frozen=True)
class NoticeCondition:
    """One life of a flag, with its printer and what was told of it."""

    attention_id: int
    printer_id: str
    printer: str
    location: str
    site: str
    code: str
    severity: str
    message: str
    since_at: datetime
    subject: str = ""
    """The part it is about; empty where it is the printer."""
    interval: timedelta = timedelta(minutes=5)
    """How often its printer is read."""
    quiet: bool = False
    """Acknowledged or snoozed, or of a printer out of service."""
    out_of_service: bool = False
    """Its printer is: not even that it is over is told."""
    claimed: bool = False
    """Somebody has it: by triage, or by its issue."""
    last_told_at: datetime | None = None
    """When the same condition of this printer was told last, in this life or an earlier one."""
    how: str = ""
    """How this life was told; empty while it was not (or was told to be over, and has come back)."""
    noticed_at: datetime | None = None
    escalated_at: datetime | None = None
    cleared_at: datetime | None = None
    outcome: str = ""
    """Why it is over, where its condition was not seen to be gone: nobody is told that it is resolved."""
    outage: int | None = None
    """The outage that its printer is a part of now,"""
    told_outage: int | None = None
    """and the one in whose message it was told."""


@dataclass(frozen=True)
class Notice:
    """One thing to say; `how` is what is remembered of its conditions."""

    kind: MailKind
    conditions: tuple[NoticeCondition, ...]
    how: How = "single"
    outage: NoticeOutage | None = None
    still_silent: tuple[NoticeCondition, ...] = ()


@dataclass(frozen=True)
class Decision:
    """Notices to send now, and conditions that ended without one."""

    messages: tuple[Notice, ...] = ()
    suppressed: tuple[NoticeCondition, ...] = ()
    """Told by an earlier message: the outage that they are a part of was."""
    ended: tuple[NoticeCondition, ...] = ()
    """Told ones that are over."""
    unsuppressed: tuple[NoticeCondition, ...] = ()
    """Still silent where the rest of their outage answers again: from now on each for itself."""

    def __bool__(self) -> bool:
        return bool(self.messages or self.suppressed or self.ended or self.unsuppressed)


@dataclass(frozen=True)
class Rules:
    """The settings, ready to be asked."""

    settings: NotifySettings
    places: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, settings: NotifySettings) -> "Rules":
        """Parse the patterns of the settings once."""
        parts = (part.strip().casefold() for part in settings.notify_locations.split(","))
        return cls(settings, tuple(part for part in parts if part))

    def concerns(self, one: NoticeCondition) -> bool:
        """Return whether its severity and place are such that anybody wants to know."""
        grave = _rank(one) >= SEVERITY_RANK[self.settings.notify_severity]
        here = (one.location.casefold(), one.site.casefold())
        return grave and (
            not self.places or any(fnmatchcase(place, p) for p in self.places for place in here)
        )

    def is_quiet_hour(self, now: datetime, zone: ZoneInfo) -> bool:
        """Return whether nothing is to be said at this time of day."""
        written = self.settings.notify_quiet_hours.strip()
        return bool(written) and day_part(written).holds(now, zone)


@dataclass(frozen=True)
class _NoticeInput:
    """The input of all decisions."""

    conditions: Sequence[NoticeCondition]
    outages: Mapping[int, NoticeOutage]
    rules: Rules
    now: datetime

    def patience(self, one: NoticeCondition) -> timedelta:
        """Return how long it waits for others: all printers of a site are asked once in an interval."""
        longer = min(one.interval, _LONGEST_GATHER) if one.code == UNREACHABLE else timedelta()
        return max(GATHER, longer)


def decide(
    conditions: Sequence[NoticeCondition],
    outages: Mapping[int, NoticeOutage],
    rules: Rules,
    now: datetime,
) -> Decision:
    """Decide what to say now; in quiet hours nothing. `outages`: those that conditions name, by number."""
    given = _NoticeInput(conditions, outages, rules, now)
    back = list(_over(given))
    over = {one: None for message in back for one in message.conditions}
    ended = list({**over, **dict.fromkeys(_ended(given))})
    new = [one for one in conditions if _is_tellable(one, given)]
    of_outages = [one for one in new if one.outage is not None]
    known = {one.told_outage for one in conditions if one.how == "collapsed"}
    suppressed = [one for one in of_outages if one.outage in known]
    began = list(_began([one for one in of_outages if one.outage not in known], given))
    news = _news([one for one in new if one.outage is None], given)
    told = [message for message in map(_in_service, back) if message.still_silent or _concerns_any(message)]
    resolved = [*_resolved(ended, given), *told] if rules.settings.notify_resolved else []
    return Decision(
        (*began, *news, *_escalations(given), *resolved),
        tuple(suppressed),
        tuple(ended),
        tuple(one for message in back for one in message.still_silent),
    )


def _is_tellable(one: NoticeCondition, given: _NoticeInput) -> bool:
    told_at = one.last_told_at
    told_lately = told_at is not None and not has_lasted(told_at, COOLDOWN, given.now)
    return not (one.how or one.cleared_at or one.quiet or told_lately) and given.rules.concerns(one)


def _began(new: Sequence[NoticeCondition], given: _NoticeInput) -> Iterator[Notice]:
    """Yield outages of which nothing was told, once they have lasted: by then they have their full size.

    What began with a place may be the whole site a minute later.
    """
    by_outage: dict[int, list[NoticeCondition]] = {}
    for one in new:
        by_outage.setdefault(one.outage or 0, []).append(one)
    for outage_id, own in sorted(by_outage.items()):
        outage = given.outages[outage_id]
        if has_lasted(outage.began_at, max(map(given.patience, own)), given.now):
            yield Notice(MailKind.OUTAGE, tuple(own), "collapsed", outage)


def _news(new: Sequence[NoticeCondition], given: _NoticeInput) -> Iterator[Notice]:
    """Yield notices of new conditions: once one has waited long enough, all are told together."""
    ripe = [one for one in new if has_lasted(one.since_at, given.patience(one), given.now)]
    old = any(given.now - one.since_at >= OLD_AFTER for one in ripe)
    if ripe and (old or len(new) > DIGEST_ABOVE):
        yield Notice(MailKind.DIGEST, _worst_first(new), "digest")
    else:
        yield from (Notice(MailKind.NOTICE, (one,)) for one in ripe)


def _worst_first(conditions: Sequence[NoticeCondition]) -> tuple[NoticeCondition, ...]:
    """Return the printers with the gravest conditions first, and each one's gravest first."""
    worst: dict[str, int] = {}
    for one in conditions:
        worst[one.printer_id] = max(worst.get(one.printer_id, 0), _rank(one))
    return tuple(sorted(conditions, key=lambda one: (-worst[one.printer_id], -_rank(one))))


def _escalations(given: _NoticeInput) -> Iterator[Notice]:
    after = timedelta(minutes=given.rules.settings.notify_escalate_minutes)
    due = tuple(one for one in given.conditions if after and _is_nobodys(one, after, given.now))
    if due:
        yield Notice(MailKind.ESCALATION, due)


def _is_nobodys(one: NoticeCondition, after: timedelta, now: datetime) -> bool:
    told = one.how and one.noticed_at is not None and has_lasted(one.noticed_at, after, now)
    cared_for = one.claimed or one.quiet or one.cleared_at or one.escalated_at
    return bool(told and one.severity == "critical" and not cared_for)


def _ended(given: _NoticeInput) -> list[NoticeCondition]:
    """Return the told conditions that are over.

    Not at once: a flag that another one hides comes back as the same episode. A printer that does not answer
    says nothing of any other condition.
    """
    silent = {one.printer_id for one in given.conditions if one.code == UNREACHABLE and not one.cleared_at}
    over = [
        one
        for one in given.conditions
        if one.how and one.cleared_at and (one.code == UNREACHABLE or one.printer_id not in silent)
    ]
    ripe = [
        one for one in over if one.cleared_at and has_lasted(one.cleared_at, given.patience(one), given.now)
    ]
    return over if ripe and len(over) > DIGEST_ABOVE else ripe


def _resolved(ended: Sequence[NoticeCondition], given: _NoticeInput) -> Iterator[Notice]:
    tellable = [one for one in ended if one.how != "collapsed" and not (one.outcome or one.out_of_service)]
    gravest = _gravest_of_parts(given.conditions) if tellable else {}
    own = tuple(one for one in tellable if gravest.get((one.printer_id, one.subject), 0) <= _rank(one))
    if len(own) > DIGEST_ABOVE:
        yield Notice(MailKind.RESOLVED_NOTICE, own)
    else:
        yield from (Notice(MailKind.RESOLVED_NOTICE, (one,)) for one in own)


def _in_service(message: Notice) -> Notice:
    """Return the end of an outage without those among the silent that are out of service."""
    named = tuple(one for one in message.still_silent if not one.out_of_service)
    return replace(message, still_silent=named)


def _concerns_any(message: Notice) -> bool:
    """Return whether one of the printers that answer again is in service: of the others nobody is told."""
    return not all(one.out_of_service for one in message.conditions)


def _gravest_of_parts(conditions: Sequence[NoticeCondition]) -> dict[tuple[str, str], int]:
    """Return the rank of the gravest condition that stands, by part: what was low may be empty now."""
    gravest: dict[tuple[str, str], int] = {}
    for one in conditions:
        if one.subject and not one.cleared_at:
            part = one.printer_id, one.subject
            gravest[part] = max(gravest.get(part, 0), _rank(one))
    return gravest


def _rank(one: NoticeCondition) -> int:
    return SEVERITY_RANK.get(one.severity, 0)


def _over(given: _NoticeInput) -> Iterator[Notice]:
    """Yield outages that were told and are over; who is silent still is named."""
    collapsed = [one for one in given.conditions if one.how == "collapsed" and one.told_outage is not None]
    for outage_id in sorted({one.told_outage or 0 for one in collapsed}):
        outage = given.outages.get(outage_id)
        if outage is not None and outage.ended:
            own = [one for one in collapsed if one.told_outage == outage_id]
            over = tuple(one for one in own if one.cleared_at)
            silent = tuple(one for one in own if not one.cleared_at)
            yield Notice(MailKind.OUTAGE_OVER, over, "single", outage, silent)

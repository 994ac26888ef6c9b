"""The daily summary as a record of words: made of facts, a window and the moment. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.contract.messages import Supply
from core.domain.conditions import SUPPLY_LOW, UNREACHABLE
from core.domain.links import Links
from core.domain.part_names import supply_name
from core.domain.units import counted, lasting, moment
from core.domain.wording import ISSUE_STATUSES, PRIORITIES, word
from core.storage.fleet_states import FleetState, ServiceLife
from core.storage.issues import IssueRow
from core.storage.tables import IssueStatus
from notifier.clean_text import one_line
from notifier.phrases import fleet_line, leading_first, level_text, overdue_facts, runs_out, says_now
from notifier.summary.queries import Facts, OpenFlag
from notifier.windows import Window

FlagKey = tuple[str, str, str]
"""printer_id, code, subject."""

_COLORS: Final = {"urgent": "critical", "high": "warning"}
_PRIORITY_ORDER: Final = {code: place for place, code in enumerate(PRIORITIES)}


@dataclass(frozen=True)
class SummaryItem:
    """One thing of a list: what it is, where, what is to be said of it."""

    title: str
    url: str
    where: str = ""
    facts: tuple[str, ...] = ()
    says: str = ""
    severity: str = ""
    """critical, warning, or nothing: the color of its bar."""
    is_new: bool = False


@dataclass(frozen=True)
class Section:
    """A heading with its lines."""

    heading: str
    lines: tuple[SummaryItem, ...]
    url: str


@dataclass(frozen=True)
class Summary:
    """The content of one mail; it has no recipient yet."""

    subject: str
    fleet: str
    """The fleet in one line."""
    period: str
    late: str
    """Why it comes late; empty where it is in time."""
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    home: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say."""
        return not self.notes and not self.sections


@dataclass(frozen=True)
class _SummaryInput:
    """The input of every part of the report."""

    facts: Facts
    window: Window
    now: datetime
    zone: ZoneInfo
    links: Links
    grave: frozenset[FlagKey]
    """Critical flags."""
    covered: frozenset[FlagKey]
    """Flags that are told of elsewhere: by an issue, by a failed check, by a forecast."""
    unseen: Mapping[str, ServiceLife]
    """Sites whose collector is silent."""


def summarise(facts: Facts, window: Window, now: datetime, zone: ZoneInfo, links: Links) -> Summary:
    """Build the summary of a window."""
    grave = frozenset(
        (flag.printer_id, flag.code, flag.subject) for flag in facts.flags if flag.severity == "critical"
    )
    silent = _silent_collectors(facts, now)
    given = _SummaryInput(facts, window, now, zone, links, grave, _covered(facts), silent)
    issues, flagged = tuple(_issues(given)), tuple(_attention(given))
    failed, supplies, ended = tuple(_failed(given)), tuple(_supplies(given)), tuple(_ended(given))
    stock = (*_overdue(given), *_shelves(given))
    sections = (
        Section("Open issues", issues, links.issues),
        Section("Printers that need attention", flagged, links.attention),
        Section("Failed SNMP checks", failed, links.attention),
        Section("Supplies that run out within a week", supplies, links.supplies),
        Section("Overdue orders and low stock", stock, links.low_stock),
        Section(f"Resolved since {moment(window.begins_at, zone)}", ended, links.issues),
    )
    notes = tuple(_notes(given))
    critical = len(
        {flag.printer_id for flag in facts.flags if flag.severity == "critical" and not flag.quiet}
    )
    is_late = window.is_late(now)
    late = f"This summary was due at {moment(window.ends_at, zone)}; no notifier ran then." if is_late else ""
    line = fleet_line(facts)
    return Summary(
        subject=("Late: " if is_late else "") + _subject(critical, sections, notes, line),
        fleet=line,
        period=f"{moment(window.begins_at, zone)} to {moment(window.ends_at, zone)}",
        late=late,
        notes=notes,
        sections=tuple(section for section in sections if section.lines),
        home=links.home,
    )


def _subject(critical: int, sections: tuple[Section, ...], notes: tuple[str, ...], fleet: str) -> str:
    issues, attention, failed, supplies, stock, ended = (len(section.lines) for section in sections)
    if not any((issues, attention, failed, supplies, stock, ended, notes)):
        return fleet
    rest = [
        f"{failed} not answering" if failed else "",
        f"{supplies} run out this week" if supplies else "",
        counted(stock, "stock notice") if stock else "",
        f"{ended} resolved" if ended else "",
        "a collector is silent" if notes else "",
    ]
    told = ", ".join(filter(None, rest)) or fleet
    return f"{critical} critical, {issues} open - {told}"


def _issues(given: _SummaryInput) -> Iterator[SummaryItem]:
    def order(issue: IssueRow) -> tuple[int, bool, datetime]:
        priority = _PRIORITY_ORDER.get(issue.priority, len(PRIORITIES))
        return priority, _flag_of(issue) not in given.grave, issue.opened_at

    for issue in sorted(given.facts.open_issues, key=order):
        state = given.facts.states.get(issue.printer_id)
        holder = issue.assignee
        assignee = one_line(given.facts.people.get(holder) or holder, 60)
        age = lasting((given.now - issue.opened_at).total_seconds())
        status = word(ISSUE_STATUSES, issue.status).lower()
        facts = (
            f"open for {age}" if issue.status == IssueStatus.OPEN else f"{status}, open for {age}",
            f"assigned to {assignee}" if holder else "unassigned",
            "" if issue.priority == "normal" else f"{word(PRIORITIES, issue.priority).lower()} priority",
        )
        grave = _flag_of(issue) in given.grave
        yield SummaryItem(
            title=f"#{issue.id} {one_line(issue.title).rstrip('.')}",
            url=given.links.issue(issue.id),
            where=_where(issue.printer_id, state),
            facts=tuple(filter(None, ("critical" if grave else "", *facts))),
            says=says_now(state, given.facts.flags) if issue.printer_id else "",
            severity="critical" if grave else _COLORS.get(issue.priority, ""),
            is_new=given.window.begins_at < issue.opened_at,
        )


def _attention(given: _SummaryInput) -> Iterator[SummaryItem]:
    by_printer: dict[str, list[OpenFlag]] = {}
    for flag in given.facts.flags:
        told = (flag.printer_id, flag.code, flag.subject) in given.covered
        if flag.severity != "info" and not flag.quiet and not told:
            by_printer.setdefault(flag.printer_id, []).append(flag)

    def order(item: tuple[str, list[OpenFlag]]) -> tuple[bool, str]:
        return all(flag.severity != "critical" for flag in item[1]), item[0]

    for printer_id, flags in sorted(by_printer.items(), key=order):
        state = given.facts.states.get(printer_id)
        grave = any(flag.severity == "critical" for flag in flags)
        oldest = min(flag.since_at for flag in flags)
        yield SummaryItem(
            title=_name(printer_id, state),
            url=given.links.printer(printer_id),
            where=_place(printer_id, state),
            facts=(
                "critical" if grave else "warning",
                f"for {lasting((given.now - oldest).total_seconds())}",
            ),
            says=" ".join(one_line(flag.message) for flag in leading_first(flags, state)),
            severity="critical" if grave else "warning",
            is_new=oldest > given.window.begins_at,
        )


def _failed(given: _SummaryInput) -> Iterator[SummaryItem]:
    for printer_id, state in given.facts.states.items():
        if not _is_failed(state) or (state.stale and state.latest.site in given.unseen):
            continue
        answered = state.latest.answered_at
        since = given.now - answered if answered else None
        last = f"last answered {lasting(since.total_seconds())} ago" if since else "has never answered"
        why = "No news of it: its collector does not ask it." if state.stale else one_line(state.latest.error)
        yield SummaryItem(
            title=_name(printer_id, state),
            url=given.links.printer(printer_id),
            where=_place(printer_id, state),
            facts=(last,),
            says=why or "It did not answer.",
            severity="critical" if state.latest.state == UNREACHABLE else "warning",
        )


def _supplies(given: _SummaryInput) -> Iterator[SummaryItem]:
    for forecast in given.facts.forecasts:
        state = given.facts.states.get(forecast.printer_id)
        supply = _supply(state, forecast.supply_index)
        yield SummaryItem(
            title=f"{one_line(supply_name(supply), 80)}: {runs_out(forecast.days_left)}",
            url=given.links.printer(forecast.printer_id),
            where=_where(forecast.printer_id, state),
            facts=tuple(filter(None, (level_text(supply),))),
            severity="critical" if forecast.days_left <= 1 else "warning",
        )


def _overdue(given: _SummaryInput) -> Iterator[SummaryItem]:
    for line in given.facts.overdue:
        yield SummaryItem(
            title=f"{line.quantity:,} × {one_line(line.title, 80)}: not arrived",
            url=given.links.supplies,
            facts=overdue_facts(line),
            severity="warning",
        )


def _shelves(given: _SummaryInput) -> Iterator[SummaryItem]:
    for line in given.facts.shelves:
        shelf = line.shelf
        low = f"at least {shelf.minimum:,} wanted" if shelf.is_low else ""
        yield SummaryItem(
            title=f"{one_line(line.part.title, 80)}: {shelf.on_hand:,} left",
            url=given.links.low_stock,
            where=one_line(line.room_name, 80),
            facts=tuple(filter(None, (low, "count this shelf" if shelf.to_count else ""))),
            severity="warning",
        )


def _supply(state: FleetState | None, index: str) -> Supply:
    supplies = state.latest.supplies if state else ()
    return next((one for one in supplies if one.index == index), Supply(index=index))


def _ended(given: _SummaryInput) -> Iterator[SummaryItem]:
    for issue in given.facts.ended_issues:
        ended = issue.closed_at or issue.resolved_at or issue.updated_at
        took = lasting((ended - issue.opened_at).total_seconds())
        yield SummaryItem(
            title=f"#{issue.id} {one_line(issue.title).rstrip('.')}",
            url=given.links.issue(issue.id),
            where=_where(issue.printer_id, given.facts.states.get(issue.printer_id)),
            facts=(f"{word(ISSUE_STATUSES, issue.status).lower()} after {took}",),
        )


def _notes(given: _SummaryInput) -> Iterator[str]:
    for site, collector in given.unseen.items():
        count = sum(state.latest.site == site and state.stale for state in given.facts.states.values())
        silent = lasting((given.now - collector.seen_at).total_seconds())
        yield (
            f"The collector of the site {one_line(site)} has been silent for {silent}: "
            f"{counted(count, 'printer has', 'printers have')} not been looked at since."
        )


def _silent_collectors(facts: Facts, now: datetime) -> dict[str, ServiceLife]:
    newest: dict[str, ServiceLife] = {}
    for life in facts.services:  # the latest first
        if life.service == "collector" and life.site:
            newest.setdefault(life.site, life)
    stale = {state.latest.site for state in facts.states.values() if state.stale}
    return {site: life for site, life in newest.items() if site in stale and life.is_silent(now)}


def _flag_of(issue: IssueRow) -> FlagKey:
    return issue.printer_id, issue.attention_code, issue.attention_subject


def _covered(facts: Facts) -> frozenset[FlagKey]:
    issues = {_flag_of(issue) for issue in facts.open_issues if issue.attention_code}
    failed = {(id_, UNREACHABLE, "") for id_, state in facts.states.items() if _is_failed(state)}
    supplies = {(f.printer_id, SUPPLY_LOW, f.supply_index) for f in facts.forecasts}
    return frozenset(issues | failed | supplies)


def _is_failed(state: FleetState) -> bool:
    return bool(state.stale or (state.reached and not state.latest.reachable))


def _name(printer_id: str, state: FleetState | None) -> str:
    return one_line(state.latest.name if state else None, 80) or printer_id


def _place(printer_id: str, state: FleetState | None) -> str:
    """Return identifier and location."""
    return " · ".join(filter(None, (printer_id, one_line(state.latest.location if state else None, 80))))


def _where(printer_id: str, state: FleetState | None) -> str:
    """Name, identifier and location; the identifier alone where it is the name."""
    name = _name(printer_id, state)
    return _place(printer_id, state) if name == printer_id else f"{name} · {_place(printer_id, state)}"

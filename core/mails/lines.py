"""The lines of the daily summary, each made of what is stored; other mails have such lines, too. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.domain.conditions import SEVERITY_RANK, UNREACHABLE
from core.domain.links import Links
from core.domain.outages import Extent, Group, Located, outermost
from core.domain.units import lasting
from core.domain.wording import ISSUE_STATUSES, PRIORITIES, within_line, word
from core.mails.changes import FreshIssue, FreshPrinter
from core.mails.clean_text import one_line
from core.mails.facts import Facts
from core.mails.phrases import leading_first
from core.storage.fleet_states import FleetState
from core.storage.issues import IssueRow
from core.storage.tables import IssueKind, IssueStatus

_SENTENCES: Final = 2
"""Flags of a printer that its line names."""
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
    tag: str = ""
    """new, worse or reopened; empty where nothing of it is new."""


@dataclass(frozen=True)
class Section:
    """The first lines of a part of a mail."""

    count: int
    lines: tuple[SummaryItem, ...]
    url: str
    """Where all of them are."""

    @property
    def more(self) -> int:
        """How many are left out."""
        return self.count - len(self.lines)


def section(lines: Sequence[SummaryItem], most: int, url: str) -> Section:
    """Return a section with the first lines."""
    return Section(len(lines), tuple(lines[:most]), url)


def fresh_lines(
    printers: Iterable[FreshPrinter], issues: Iterable[FreshIssue], facts: Facts, links: Links
) -> list[SummaryItem]:
    """Return what is new or worse: critical first, then what people report, then warnings."""
    found = [
        *(_fresh_issue(one, facts, links) for one in issues if one.issue.kind != IssueKind.DEVICE),
        *_fresh_printers(printers, facts, links),
    ]
    return sorted(found, key=lambda line: -SEVERITY_RANK.get(line.severity or "warning", 0))


def _fresh_issue(fresh: FreshIssue, facts: Facts, links: Links) -> SummaryItem:
    issue = fresh.issue
    return SummaryItem(
        title=_issue_title(issue),
        url=links.issue(issue.id),
        where=_printer_and_place(issue.printer_id, facts),
        facts=tuple(filter(None, _vendor(issue, facts))),
        severity=_COLORS.get(issue.priority, ""),
        tag="reopened" if fresh.is_reopened else "new",
    )


def _fresh_printers(printers: Iterable[FreshPrinter], facts: Facts, links: Links) -> Iterator[SummaryItem]:
    """Yield a line for each printer; one for all that are silent by an outage."""
    silent: Counter[Group] = Counter()
    for one in printers:
        outage = _outage_of(one, facts)
        if outage is None:
            yield _fresh_printer(one, facts, links)
        else:
            silent[outage] += 1
    for group, fresh in silent.items():
        yield _outage(group, fresh, facts.outages[group], links)


def _outage_of(one: FreshPrinter, facts: Facts) -> Group | None:
    """Return the outage that a printer is told of with: of one that has nothing else new."""
    state = facts.states.get(one.printer_id)
    if state is None or state.latest.state != UNREACHABLE:
        return None
    if {flag.code for flag in one.flags} != {UNREACHABLE}:
        return None
    return outermost(Located(state.latest.location or "", state.latest.site or ""), facts.outages)


def _outage(group: Group, fresh: int, extent: Extent, links: Links) -> SummaryItem:
    known = extent.silent > fresh
    stopped = f"{fresh} more stopped answering: " if known else ""
    return SummaryItem(
        title=one_line(group.words, 80),
        url=links.place(group.name) if group.scope == "place" else links.attention,
        says=f"{stopped}{extent.words}. Look at the network and the power there first.",
        severity="critical",
        tag="worse" if known else "new",
    )


def _fresh_printer(one: FreshPrinter, facts: Facts, links: Links) -> SummaryItem:
    state = facts.states.get(one.printer_id)
    sentences = [one_line(flag.message) for flag in leading_first(one.flags, state)]
    more = len(sentences) - _SENTENCES
    return SummaryItem(
        title=printer_name(one.printer_id, state),
        url=links.printer(one.printer_id),
        where=_location(state),
        says=" ".join([*sentences[:_SENTENCES], *([f"And {more} more."] if more > 0 else [])]),
        severity="critical" if any(flag.severity == "critical" for flag in one.flags) else "warning",
        tag="worse" if one.is_worse else "new",
    )


def assigned_lines(facts: Facts, links: Links, now: datetime) -> dict[str, list[SummaryItem]]:
    """Return the open issues of each assignee: those whose visit is overdue, then the most urgent first."""
    overdue = {issue.id for issue in facts.overdue_visits}

    def order(issue: IssueRow) -> tuple[bool, int, datetime]:
        return issue.id not in overdue, _PRIORITY_ORDER.get(issue.priority, len(PRIORITIES)), issue.opened_at

    found: dict[str, list[SummaryItem]] = {}
    for issue in sorted(facts.open_issues, key=order):
        if not issue.assignee:
            continue
        age = f"open for {lasting((now - issue.opened_at).total_seconds())}"
        status = word(ISSUE_STATUSES, issue.status).lower()
        missed, holder = _vendor(issue, facts)
        said = (
            missed,  # first: a plain text cuts what is too much
            age if issue.status == IssueStatus.OPEN else f"{status}, {age}",
            "" if issue.priority == "normal" else f"{word(PRIORITIES, issue.priority).lower()} priority",
            holder,
        )
        line = SummaryItem(
            title=_issue_title(issue),
            url=links.issue(issue.id),
            where=_printer_and_place(issue.printer_id, facts),
            facts=tuple(filter(None, said)),
            severity=_COLORS.get(issue.priority, ""),
        )
        found.setdefault(issue.assignee, []).append(line)
    return found


def _vendor(issue: IssueRow, facts: Facts) -> tuple[str, str]:
    """Return that a visit was due, and which vendor has an issue; each "" where that is not so."""
    case = issue.with_vendor
    if case is None:
        return "", ""
    if case.is_overdue(facts.today):
        return case.visit(facts.today), one_line(within_line(case.holder()), 80)
    return "", one_line(within_line(case.words(facts.today)), 100)


def resolved_words(issues: Sequence[IssueRow], most: int) -> str:
    """Return the issues that ended in one line, those of people first; "" where there are none."""
    ordered = sorted(issues, key=lambda issue: issue.kind == IssueKind.DEVICE)
    said = ", ".join(one_line(_issue_title(issue), 48) for issue in ordered[:most])
    more = len(ordered) - most
    return f"{said} and {more:,} more" if more > 0 else said


def printer_name(printer_id: str, state: FleetState | None) -> str:
    """Return its name; its identifier where it has none."""
    return one_line(state.latest.name if state else None, 80) or printer_id


def _issue_title(issue: IssueRow) -> str:
    return f"#{issue.id} {one_line(issue.title).rstrip('.')}"


def _location(state: FleetState | None) -> str:
    """Return its location; without its place where the name begins with that."""
    location = one_line(state.latest.location if state else None, 80)
    place, _, within = location.partition(", ")
    named = state is not None and (state.latest.name or "").startswith(place)
    return within if named and within else location


def _printer_and_place(printer_id: str, facts: Facts) -> str:
    state = facts.states.get(printer_id)
    return " · ".join(filter(None, (printer_name(printer_id, state), _location(state))))

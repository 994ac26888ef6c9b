"""The daily summary as a record of words: what is new or worse, then by place; it fits one screen. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.domain.conditions import SUPPLY_LOW
from core.domain.links import Links
from core.domain.units import counted, lasting, moment, since_words
from core.mails.changes import (
    Told,
    assumed,
    fresh_issues,
    fresh_printers,
    has_more_to_bring,
    told_by,
)
from core.mails.clean_text import one_line
from core.mails.facts import Facts, OpenFlag
from core.mails.lines import (
    Section,
    SummaryItem,
    assigned_lines,
    fresh_lines,
    resolved_words,
    section,
)
from core.mails.part_lines import PartLine, part_line
from core.mails.phrases import fleet_line, kinds_of
from core.mails.places import PlaceCounts, by_place
from core.mails.windows import Window
from core.storage.services import Heartbeat

MOST_FRESH: Final = 5
MOST_OWN: Final = 3
MOST_PLACES: Final = 5
MOST_PARTS: Final = 4
MOST_ENDINGS: Final = 3
MOST_RESOLVED: Final = 2
MOST_NOTES: Final = 3
NO_NEWS: Final = "no_news"
"""Stands for a flag: a printer that its collector does not ask, though it runs."""


@dataclass(frozen=True)
class SummaryLink:
    """Words that lead to a page."""

    text: str
    url: str


@dataclass(frozen=True)
class Summary:
    """The content of one mail; it has no recipient yet."""

    headline: str
    """What is new or worse since the last one."""
    fleet: str
    """The fleet in one line."""
    critical: int
    """Printers."""
    open_issues: int
    period: str
    late: str
    """Why it comes late; empty where it is in time."""
    notes: tuple[str, ...]
    """Collectors that are silent;"""
    more_notes: int
    """and how many of them are left out."""
    fresh: Section
    places: tuple[PlaceCounts, ...]
    more_places: int
    """How many are left out."""
    parts: tuple[PartLine, ...]
    """Supplies that are empty or run out within a week, by the part they need."""
    more_parts: int
    """How many are left out."""
    endings: tuple[SummaryLink, ...]
    """Warranties and contracts that end soon;"""
    more_endings: int
    """how many are left out;"""
    new_endings: bool
    """and whether one of them was not told before."""
    stock: tuple[SummaryLink, ...]
    """Visits of vendors and orders that are overdue, shelves that are low."""
    resolved: str
    """What has ended, in one line; empty where nothing has."""
    resolved_count: int
    links: Links
    """Where all the rest is."""
    has_news: bool
    """Something has changed since the last one."""
    told: Told
    """What the next one compares with."""
    assigned: Mapping[str, tuple[SummaryItem, ...]]
    """Open issues by assignee: the name of an account, or a full name."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say. What ends soon counts on the first day that it is told."""
        listed = self.fresh.count + len(self.places) + len(self.parts) + self.new_endings
        return not (listed or self.notes or self.stock or self.resolved)

    @property
    def subject(self) -> str:
        """What the first line says, and how much there is."""
        open_issues = counted(self.open_issues, "open issue")
        told = self.fleet if self.is_empty else f"{self.headline} - {self.critical} critical, {open_issues}"
        silent = ", a collector is silent" if self.notes else ""
        return f"{'Late: ' if self.late else ''}{told}{silent}"

    def issues_of(self, *names: str) -> Section:
        """Return the issues of somebody of these names."""
        lines = [line for name in dict.fromkeys(names) if name for line in self.assigned.get(name, ())]
        return section(lines, MOST_OWN, self.links.own_issues)


@dataclass(frozen=True)
class _SummaryInput:
    """The input of every part of the summary."""

    facts: Facts
    now: datetime
    links: Links
    unseen: Mapping[str, Heartbeat]
    """Sites whose collector is silent."""


def summarise(  # noqa: PLR0913, PLR0917 (what it depends on)
    facts: Facts,
    before: Told | None,
    window: Window,
    now: datetime,
    zone: ZoneInfo,
    links: Links,
) -> Summary:
    """Build the summary of a window; `before` is what the last one has told, None where that is unknown."""
    given = _SummaryInput(facts, now, links, _silent_collectors(facts, now))
    flags = list(_flags(given))
    told = before or assumed(facts, flags, window.begins_at)
    issues = fresh_issues(facts.open_issues, told, window.begins_at)
    fresh = fresh_lines(fresh_printers(_not_of_parts(flags, facts), told), issues, facts, links)
    notes, places = list(_notes(given)), by_place(facts, links)
    parts = [part_line(part, links) for part in facts.parts]
    due, new_endings = moment(window.ends_at, zone), any(one.key not in told.ends for one in facts.endings)
    return Summary(
        headline=_headline(fresh, since_words(window.begins_at, window.ends_at, zone)),
        fleet=fleet_line(facts),
        critical=sum(kind == "critical" for kind in kinds_of(facts).values()),
        open_issues=len(facts.open_issues),
        period=f"{moment(window.begins_at, zone)} to {due}",
        late=f"This summary was due at {due}; no notifier ran then." if window.is_late(now) else "",
        notes=tuple(notes[:MOST_NOTES]),
        more_notes=max(0, len(notes) - MOST_NOTES),
        fresh=section(fresh, MOST_FRESH, links.attention),
        places=tuple(places[:MOST_PLACES]),
        more_places=max(0, len(places) - MOST_PLACES),
        parts=tuple(parts[:MOST_PARTS]),
        more_parts=max(0, len(parts) - MOST_PARTS),
        endings=tuple(_endings(given)),
        more_endings=max(0, len(facts.endings) - MOST_ENDINGS),
        new_endings=new_endings,
        stock=tuple(_stock(given)),
        resolved=resolved_words(facts.ended_issues, MOST_RESOLVED),
        resolved_count=len(facts.ended_issues),
        links=links,
        has_news=bool(fresh or notes or new_endings or facts.ended_issues or has_more_to_bring(facts, told)),
        told=told_by(facts, flags),
        assigned={name: tuple(lines) for name, lines in assigned_lines(facts, links, now).items()},
    )


def _headline(fresh: Sequence[SummaryItem], since: str) -> str:
    """Return `4 new, 1 worse since yesterday`."""
    worse = sum(line.tag == "worse" for line in fresh)
    new = len(fresh) - worse
    said = ", ".join(filter(None, (f"{new:,} new" if new else "", f"{worse:,} worse" if worse else "")))
    return f"{said or 'Nothing new'} {since}"


def _flags(given: _SummaryInput) -> Iterator[OpenFlag]:
    """Yield the flags that are up, and one for each printer of which there is no data."""
    yield from given.facts.flags
    for printer_id, state in given.facts.states.items():
        taken_at = state.latest.taken_at
        if state.out_of_service or taken_at is None:
            continue
        if state.stale and state.latest.site not in given.unseen:
            said = "No data: its collector does not ask it."
            yield OpenFlag(0, printer_id, NO_NEWS, "", "warning", said, taken_at, quiet=False)


def _not_of_parts(flags: Iterable[OpenFlag], facts: Facts) -> Iterator[OpenFlag]:
    """Yield the flags without those of supplies that are listed by their parts."""
    listed = {(due.printer_id, due.index) for part in facts.parts for due in part.due}
    for flag in flags:
        if flag.code != SUPPLY_LOW or (flag.printer_id, flag.subject) not in listed:
            yield flag


def _notes(given: _SummaryInput) -> Iterator[str]:
    for site, collector in given.unseen.items():
        count = sum(state.latest.site == site and state.stale for state in given.facts.states.values())
        silent = lasting((given.now - collector.seen_at).total_seconds())
        yield (
            f"The collector of the site {one_line(site, 60)} has been silent for {silent}: "
            f"{counted(count, 'printer has', 'printers have')} not been looked at since."
        )


def _endings(given: _SummaryInput) -> Iterator[SummaryLink]:
    for one in given.facts.endings[:MOST_ENDINGS]:
        alone = len(one.printers) == 1
        url = given.links.printer(one.printers[0][0]) if alone else given.links.ending_soon
        yield SummaryLink(one.words(given.facts.today), url)


def _stock(given: _SummaryInput) -> Iterator[SummaryLink]:
    overdue, shelves = len(given.facts.overdue), len(given.facts.shelves)
    if visits := len(given.facts.overdue_visits):
        said = counted(visits, "visit of a vendor was due", "visits of vendors were due")
        yield SummaryLink(said, given.links.overdue_visits)
    if overdue:
        yield SummaryLink(counted(overdue, "order is overdue", "orders are overdue"), given.links.supplies)
    if shelves:
        said = counted(shelves, "shelf is low or to be counted", "shelves are low or to be counted")
        yield SummaryLink(said, given.links.low_stock)


def _silent_collectors(facts: Facts, now: datetime) -> dict[str, Heartbeat]:
    newest: dict[str, Heartbeat] = {}
    for heartbeat in facts.services:  # the latest first
        if heartbeat.service == "collector" and heartbeat.site:
            newest.setdefault(heartbeat.site, heartbeat)
    stale = {state.latest.site for state in facts.states.values() if state.stale}
    return {
        site: heartbeat for site, heartbeat in newest.items() if site in stale and heartbeat.is_silent(now)
    }

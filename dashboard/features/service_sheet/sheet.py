"""The service sheet of a printer: who it is, what is wrong, how often it stopped, and what was tried.

One record in words, which the page to be printed and the text for a vendor's form both show.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from core.contract.messages import Attention, PrinterState
from core.domain.supply_events import SupplyEvent
from core.domain.units import counted, day, day_and_time, lasting, number
from core.domain.wording import ISSUE_STATUSES, condition_name, word
from dashboard.features.printer.queries import PrinterView
from dashboard.features.service_sheet.queries import Age, ServicedIssue
from dashboard.features.stoppages.hint import comparison
from dashboard.features.stoppages.kept import HINT_DAYS
from dashboard.features.stoppages.rates import StopCount
from dashboard.features.stoppages.scorecard import PrinterScore, Scorecard
from dashboard.features.stoppages.stoppages import Stoppage
from dashboard.ui.wording import evidence_meaning, sentence_of

DAYS: Final = 90
"""How far back it goes."""
LATELY_DAYS: Final = HINT_DAYS
_MOST_FLAGS: Final = 4
_MOST_EVIDENCE: Final = 3
_MOST_STOPS: Final = 12
_MOST_REPLACED: Final = 5
_MOST_NOTES: Final = 2
"""Of an issue; all of these are as many as two pages hold."""
_UNKNOWN: Final = "–"


@dataclass(frozen=True)
class Wrong:
    """Something that is wrong now."""

    sentence: str
    since: str
    evidence: tuple[str, ...]
    """`prtAlertCode.1.3 = 8 (a row of its alert table)`."""


@dataclass(frozen=True)
class Figures:
    """A line of the comparison: stops, pages and the rate of a printer or of others."""

    who: str
    stops: str
    pages: str
    rate: str


@dataclass(frozen=True)
class ListedStop:
    """A stop of the list."""

    began: str
    lasted: str
    what: str


@dataclass(frozen=True)
class SheetIssue:
    """An issue of the list."""

    title: str
    told: str
    """`No. 12, resolved: 3 Nov 2026 to 5 Nov 2026; case 12345 of Ricoh`"""
    tried: tuple[str, ...]


@dataclass(frozen=True)
class ServiceSheet:
    """All of it, in words."""

    name: str
    made: str
    facts: tuple[tuple[str, str], ...]
    device_note: str
    """That another device was at this address; empty where none was."""
    wrong: tuple[Wrong, ...]
    display: str
    """What its panel says."""
    verdict: str
    stood: str
    """How long it stood still."""
    figures: tuple[Figures, ...]
    causes: tuple[tuple[str, str], ...]
    """Cause and how often."""
    stops: tuple[ListedStop, ...]
    more_stops: int
    """How many are left out."""
    replaced: tuple[str, ...]
    issues: tuple[SheetIssue, ...]


@dataclass(frozen=True)
class SheetInput:
    """What a sheet is made of."""

    view: PrinterView
    age: Age
    card: Scorecard
    lately: StopCount
    """What the printer did in the last LATELY_DAYS."""
    stoppages: Sequence[Stoppage]
    """Of the printer, the newest first."""
    issues: Sequence[ServicedIssue]


def make_sheet(given: SheetInput, now: datetime, zone: tzinfo) -> ServiceSheet:
    """Return the sheet in words, times in a zone."""
    view, card = given.view, given.card
    since, score = now - timedelta(days=DAYS), card.scores.get(view.printer_id)
    listed = given.stoppages[:_MOST_STOPS]
    return ServiceSheet(
        name=view.name,
        made=day_and_time(now, zone),
        facts=tuple((name, value) for name, value in _facts(given, now, zone) if value),
        device_note=_device_note(given.age, since.date()),
        wrong=tuple(_wrong(flag, zone) for flag in view.state.attention[:_MOST_FLAGS]),
        display=" ".join((view.state.console_text or "").split()),
        verdict=comparison(score, card).sentence if score and score.own.stops else "",
        stood=lasting(score.seconds) if score and score.seconds else "",
        figures=tuple(_figures(score, card, given.lately)) if score else (),
        causes=tuple(
            (condition_name(code), counted(times, "time"))
            for code, times in (score.causes.items() if score else ())
        ),
        stops=tuple(_listed(stop, now, zone) for stop in listed),
        more_stops=len(given.stoppages) - len(listed),
        replaced=tuple(_replaced(view.replacements, since, zone)),
        issues=tuple(_issue(issue, zone) for issue in given.issues),
    )


def _facts(given: SheetInput, now: datetime, zone: tzinfo) -> Iterator[tuple[str, str]]:
    view, state, today = given.view, given.view.state, now.astimezone(zone).date()
    yield "Model", view.model
    yield "Serial number", view.serial
    yield "Firmware", state.firmware or ""
    yield "Asset", view.asset.asset_tag or view.printer_id
    yield "Place", view.location
    yield "Address", view.host
    yield "Page counter", _page_counter(state, zone)
    yield "Open cases", "; ".join(_open_cases(given.issues))
    yield "In use since", view.asset.age(today)
    yield "Warranty", view.asset.warranty(today)
    yield "Contract", view.asset.agreement(today)
    known = (today - given.age.since).days
    yield "In our records", f"since {day(given.age.since)} ({counted(max(0, known), 'day')})"
    yield "System description", state.system_description or ""


def _open_cases(issues: Iterable[ServicedIssue]) -> Iterator[str]:
    for issue in issues:
        if issue.vendor and issue.vendor.number and not issue.vendor.is_over:
            yield f"{issue.vendor.number} ({issue.vendor.company})"


def _page_counter(state: PrinterState, zone: tzinfo) -> str:
    if state.marker_life_count is None:
        return ""
    unit = (state.counter_unit or "pages").replace("_", " ")
    read = f" ({day_and_time(state.answered_at, zone)})" if state.answered_at else ""
    return f"{state.marker_life_count:,} {unit}{read}"


def _device_note(age: Age, since: date) -> str:
    if age.device_since is None or age.device_since <= since:
        return ""
    return (
        f"Another device answered at this address before {day(age.device_since)}: what is older is about "
        "that one, and counts here."
    )


def _wrong(flag: Attention, zone: tzinfo) -> Wrong:
    evidence = []
    for one in flag.evidence[:_MOST_EVIDENCE]:
        name = f"{one.object}.{one.index}" if one.index else one.object
        meaning = evidence_meaning(one)
        evidence.append(f"{name} = {one.value}" + (f" ({meaning})" if meaning else ""))
    return Wrong(sentence_of(flag), day_and_time(flag.since_at, zone), tuple(evidence))


def _figures(score: PrinterScore, card: Scorecard, lately: StopCount) -> Iterator[Figures]:
    yield _line("This printer", score.own)
    yield _line(f"In the last {LATELY_DAYS} days", lately)
    if (of_model := card.of_model(score)) is not None:
        yield _line(f"Others of this model ({of_model.printers:,})", of_model.counted)
    rest = card.rest(score)
    if rest.counted.pages:
        yield _line(f"All others ({rest.printers:,})", rest.counted)


def _line(who: str, own: StopCount) -> Figures:
    rate = own.rate
    return Figures(
        who,
        f"{own.stops:,}",
        _UNKNOWN if own.pages is None else f"{own.pages:,}",
        _UNKNOWN if rate is None else number(rate),
    )


def _listed(stop: Stoppage, now: datetime, zone: tzinfo) -> ListedStop:
    lasted = lasting(stop.seconds(now))
    return ListedStop(
        day_and_time(stop.began_at, zone), lasted if stop.ended_at else f"{lasted}, not over", stop.words
    )


def _replaced(events: Iterable[SupplyEvent], since: datetime, zone: tzinfo) -> Iterator[str]:
    counting = [event for event in events if event.at >= since and event.undone_at is None]
    for event in counting[:_MOST_REPLACED]:
        left = f"{event.old_percent} % was left" if event.old_percent is not None else ""
        pages = f"{event.pages:,} pages with the old one" if event.pages is not None else ""
        told = ", ".join(filter(None, (event.part or event.description, left, pages)))
        yield f"{day(event.at.astimezone(zone))}: {told}"


def _issue(issue: ServicedIssue, zone: tzinfo) -> SheetIssue:
    status = word(ISSUE_STATUSES, issue.status)
    opened = day(issue.opened_at.astimezone(zone))
    until = f" to {day(issue.ended_at.astimezone(zone))}" if issue.ended_at else ""
    case = f"; {issue.vendor.for_vendor()}" if issue.vendor else ""
    notes = issue.tried[-_MOST_NOTES:]
    cut = f"; the last {_MOST_NOTES} of {len(issue.tried)} notes" if len(notes) < len(issue.tried) else ""
    return SheetIssue(
        issue.title,
        f"No. {issue.issue_id}, {status.lower()}: {opened}{until}{case}{cut}",
        tuple(f"{day(each.at.astimezone(zone))}: {each.text}" for each in notes),
    )

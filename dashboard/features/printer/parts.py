"""The parts of a printer's page that show what its latest state says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.contract.messages import Alert, Attention, Cover, PrinterState
from core.domain.conditions import SEVERITIES, advice
from core.domain.part_names import cover_name
from core.domain.permissions import Permission
from core.domain.places import parts_of, places_around
from core.domain.supply_events import SupplyEvent
from core.domain.wording import CATEGORIES, COUNTERS, word
from core.storage.audit import Details
from dashboard.features.audit.queries import AuditLine
from dashboard.features.places.tree import place_path
from dashboard.features.printer.queries import PrinterIssue, PrinterView
from dashboard.ui.issue_parts import who
from dashboard.ui.templates import render
from dashboard.ui.text import sentences
from dashboard.ui.wording import StateStyle, evidence_meaning, fixer_label, sentence_of
from dashboard.viewer import Viewer


def flag_html(flag: Attention, *, prints: bool = True) -> str:
    """Return a flag: how bad, what, since when, who can mend it, and what to do."""
    return render(
        "printer/flag",
        flag=flag,
        sentence=sentence_of(flag),
        fixer=fixer_label(flag.fixer),
        advice=advice(flag.code, flag.fixer, prints=prints),
    )


def evidence_html(flag: Attention) -> str:
    """Return the reasons for a flag: the objects read, and their raw values."""
    times = "one reading" if flag.readings == 1 else f"{flag.readings} readings in a row"
    meanings = [evidence_meaning(one) for one in flag.evidence]
    return render("printer/evidence", flag=flag, times=times, meanings=meanings)


def alerts_html(alerts: Sequence[Alert]) -> str:
    """Return what the printer itself reports, the newest row first."""
    newest_first = sorted(alerts, key=lambda one: one.time or 0, reverse=True)
    return render("printer/alerts", alerts=[_shown_alert(alert) for alert in newest_first])


@dataclass(frozen=True)
class _ShownAlert:
    look: StateStyle
    name: str
    told: str


_ALERT_LOOKS: Final = {
    "critical": StateStyle(SEVERITIES["critical"], "critical", "octagon"),
    "warning": StateStyle(SEVERITIES["warning"], "warning", "triangle"),
}
_NOTE: Final = StateStyle("Note", "quiet", "circle")


def _shown_alert(alert: Alert) -> _ShownAlert:
    severity = (alert.severity or "").partition("_")[0]
    name = alert.description or word({}, alert.code) or "Alert without words"
    told = sentences((word({}, alert.code), word({}, alert.group), word({}, alert.training_level)))
    return _ShownAlert(_ALERT_LOOKS.get(severity, _NOTE), name, told)


@dataclass(frozen=True)
class _ShownCover:
    name: str
    is_open: bool
    status: str


def covers_html(covers: Sequence[Cover]) -> str:
    """Return every cover, the open ones first."""
    shown = [
        _ShownCover(cover_name(cover), _is_open(cover), word({}, _short(cover.status))) for cover in covers
    ]
    ordered = sorted(shown, key=lambda cover: not cover.is_open)
    return render("printer/covers", covers=ordered, open_look=StateStyle("Open", "critical", "octagon"))


def _is_open(cover: Cover) -> bool:
    return "open" in (cover.status or "")


def _short(status: str | None) -> str:
    return (status or "unknown").removeprefix("cover_")


def where_html(view: PrinterView) -> str:
    """Return where it stands, each place a link, and what it is; its id where neither is known."""
    around = [(parts_of(place)[-1], place_path(place)) for place in places_around(view.location)]
    what = view.model or ("" if around else view.printer_id)
    return render("printer/where", around=around, what=what)


def issues_html(
    issues: Sequence[PrinterIssue], people: Mapping[str, str], viewer: Viewer, today: date
) -> str:
    """Return issues of the printer; links for those who may open them. `people`: full names by username."""
    titles = [issue.title or word(CATEGORIES, issue.category) for issue in issues]
    return render(
        "printer/issues",
        issues=[
            (each, title, who(each.assignee, people)) for each, title in zip(issues, titles, strict=True)
        ],
        with_links=viewer.may(Permission.WORK_ISSUES),
        today=today,
    )


def last_replacements(events: Sequence[SupplyEvent]) -> list[SupplyEvent]:
    """Return the last one of each supply that still counts; `events` are the newest first."""
    newest: dict[str, SupplyEvent] = {}
    for event in events:
        if event.undone_at is None:
            newest.setdefault(event.supply_index, event)
    return list(newest.values())


def counters_html(state: PrinterState) -> str:
    """Return the maker's own page counters, each with its unit, and when they were read."""
    counters = [(word(COUNTERS, one.name), one) for one in state.counters]
    return render("printer/counters", counters=counters, read_at=state.counters_at)


_CHANGED: Final = {
    "model": "Model",
    "serial": "Serial number",
    "firmware": "Firmware",
    "system_name": "Reported name",
    "system_location": "Reported location",
    "marker_life_count": "Lifetime pages",
}


def changes_html(lines: Sequence[AuditLine]) -> str:
    """Return what the device changed by itself: when, and each value before and after."""
    return render("printer/changes", changes=[(line.at, list(_changed(line.details))) for line in lines])


def _changed(details: Details) -> Iterable[tuple[str, str, str]]:
    for name, label in _CHANGED.items():
        match details.get(name):
            case [before, after] if before != after:
                yield label, _value(before), _value(after)


def _value(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value or "unknown")


def facts_html(view: PrinterView, today: date) -> str:
    """Return the printer's model, place and counters as HTML."""
    return render("printer/facts", facts=[fact for fact in _facts(view, today) if fact[1]], state=view.state)


def _facts(view: PrinterView, today: date) -> Iterable[tuple[str, str]]:
    state, asset = view.state, view.asset
    counted = f"{state.marker_life_count:,}" if state.marker_life_count is not None else ""
    return (
        ("Model", view.model),
        ("Serial number", view.serial),
        ("Firmware", state.firmware or ""),
        ("Place", view.location),
        ("Reported location", state.system_location or ""),
        ("Address", view.host),
        ("Site", view.site if view.host else ""),
        ("Cost center", view.cost_center),
        ("Asset tag", asset.asset_tag),
        ("In use since", asset.age(today)),
        ("Warranty", asset.warranty(today)),
        ("Contract", asset.agreement(today)),
        ("Lifetime pages", f"{counted} {(state.counter_unit or '').replace('_', ' ')}".strip()),
        ("Reported name", state.system_name or ""),
        ("System description", state.system_description or ""),
        ("Notes", view.notes),
        ("From an earlier reading", ", ".join(state.incomplete_tables)),
        ("Not known", " ".join(state.gaps)),
    )

"""The parts of a printer's page that show what its latest state says; all HTML, all of it escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from core.contract.messages import Alert, Attention, Cover, PrinterState
from core.domain.part_names import cover_name
from core.domain.permissions import Permission
from core.domain.wording import CATEGORIES, COUNTERS, SEVERITIES, word
from dashboard.features.fleet.queries import Listed
from dashboard.features.fleet.table import printer_path
from dashboard.features.printer.queries import PrinterIssue, PrinterView
from dashboard.ui.badges import badge, health_badge, relative, state_badge, status_badge
from dashboard.ui.text import in_html, paragraphs, sentences
from dashboard.ui.wording import advice, evidence_meaning, fixer_label, sentence_of
from dashboard.viewer import Viewer

Facts = Iterable[tuple[str, str]]


def flag_html(flag: Attention, now: datetime, *, prints: bool = True) -> str:
    """A flag: how bad, what, since when, who can mend it, and what to do."""
    told = sentences((fixer_label(flag.fixer),))
    return (
        f'<div class="top">{health_badge(flag.severity)}<strong>{in_html(sentence_of(flag))}</strong></div>'
        f'<p class="quiet small">{in_html(told)} · since {relative(flag.since_at, now)}</p>'
        f"<p>{in_html(advice(flag.code, flag.fixer, prints=prints))}</p>"
    )


def evidence_html(flag: Attention) -> str:
    """Why a flag is there: the objects read, and their raw values."""
    rows = "".join(
        f"<tr><td><code>{in_html(one.object)}{'.' if one.index else ''}{in_html(one.index)}</code></td>"
        f"<td><code>{in_html(one.value)}</code></td><td>{in_html(evidence_meaning(one))}</td></tr>"
        for one in flag.evidence
    )
    head = '<tr><th scope="col">Object</th><th scope="col">Value</th><th scope="col">Which is</th></tr>'
    times = "one reading" if flag.readings == 1 else f"{flag.readings} readings in a row"
    since = f"{flag.since_at:%Y-%m-%d %H:%M} UTC"
    table = f'<table class="evidence">{head}{rows}</table>' if rows else ""
    rule = f"Rule <code>{in_html(flag.code)}</code>, seen in {times}, since {since}."
    return f'<p class="small">{rule}</p>{table}'


def alerts_html(alerts: Sequence[Alert]) -> str:
    """What the printer itself reports, the newest row first."""
    items = "".join(_alert(alert) for alert in sorted(alerts, key=lambda one: one.time or 0, reverse=True))
    return f'<ul class="rows">{items}</ul>'


_ALERT_TONES: Final = {"critical": ("critical", "octagon"), "warning": ("warning", "triangle")}


def _alert(alert: Alert) -> str:
    severity = (alert.severity or "").partition("_")[0]
    tone, shape = _ALERT_TONES.get(severity, ("quiet", "circle"))
    name = in_html(alert.description or word({}, alert.code) or "Alert without words")
    told = sentences((word({}, alert.code), word({}, alert.group), word({}, alert.training_level)))
    mark = badge(word(SEVERITIES, severity) if severity in _ALERT_TONES else "Note", tone, shape)
    return f'<li><div class="top">{mark}<span>{name}</span></div>{_below(in_html(told))}</li>'


def covers_html(covers: Sequence[Cover]) -> str:
    """Every cover, the open ones first."""
    ordered = sorted(covers, key=lambda cover: not _is_open(cover))
    return f'<ul class="rows">{"".join(_cover(cover) for cover in ordered)}</ul>'


def _is_open(cover: Cover) -> bool:
    return "open" in (cover.status or "")


def _cover(cover: Cover) -> str:
    mark = badge("Open", "critical", "octagon") if _is_open(cover) else ""
    shut = "" if mark else f'<span class="quiet small">{in_html(word({}, _short(cover.status)))}</span>'
    name = in_html(cover_name(cover))
    return f'<li><div class="top"><span>{name}</span>{mark}{shut}</div></li>'


def _short(status: str | None) -> str:
    return (status or "unknown").removeprefix("cover_")


def issues_html(issues: Sequence[PrinterIssue], viewer: Viewer, now: datetime) -> str:
    """Issues of the printer; links for those who may open them."""
    return f'<ul class="rows">{"".join(_issue(line, viewer, now) for line in issues)}</ul>'


def _issue(line: PrinterIssue, viewer: Viewer, now: datetime) -> str:
    title = in_html(line.title or word(CATEGORIES, line.category))
    if viewer.may(Permission.WORK_ISSUES):
        title = f'<a href="/issue?id={line.issue_id}">{title}</a>'
    ended = f" · ended {relative(line.ended_at, now)}" if line.ended_at else ""
    who = f" · {in_html(line.assignee)}" if line.assignee else ""
    found = "found by itself" if line.kind == "device" else "reported"
    below = f"No. {line.issue_id} · {found} {relative(line.opened_at, now)}{ended}{who}"
    return f'<li><div class="top">{status_badge(line.status)}<span>{title}</span></div>{_below(below)}</li>'


def _below(html: str) -> str:
    return f'<p class="quiet small">{html}</p>'


def alternatives_html(rows: Sequence[Listed]) -> str:
    """Where to print instead."""
    items = "".join(
        f'<li><div class="top"><a href="{printer_path(row.printer_id)}">{in_html(row.name)}</a>'
        f'{state_badge(row.state)}</div><p class="quiet small">{in_html(row.location)}</p></li>'
        for row in rows
    )
    return f'<ul class="rows">{items}</ul>'


def console_html(text: str) -> str:
    """What stands on the printer's own display."""
    return f'<div class="console">{paragraphs(text, 1000)}</div>'


def counters_html(state: PrinterState, now: datetime) -> str:
    """The maker's own page counters, each with its unit, and when they were read."""
    rows = "".join(
        f"<dt>{in_html(word(COUNTERS, one.name))}</dt><dd>{one.count:,} {in_html(one.unit)}</dd>"
        for one in state.counters
    )
    read = _below(f"As the printer counts by itself, read {relative(state.counters_at, now)}.")
    return f'<dl class="facts">{rows}</dl>{read}'


def facts_html(view: PrinterView, now: datetime) -> str:
    """What it is, where it is, what it has counted."""
    state = view.state
    counted = f"{state.marker_life_count:,}" if state.marker_life_count is not None else ""
    facts: Facts = (
        ("Model", view.model),
        ("Serial number", view.serial),
        ("Location", view.location),
        ("Says it is in", state.system_location or ""),
        ("Address", view.host),
        ("Site", view.site if view.host else ""),
        ("Printed so far", f"{counted} {(state.counter_unit or '').replace('_', ' ')}".strip()),
        ("Calls itself", state.system_name or ""),
        ("Firmware says", state.system_description or ""),
        ("Notes", view.notes),
        ("Kept from before", ", ".join(state.incomplete_tables)),
        ("Not known", " ".join(state.gaps)),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{in_html(value)}</dd>" for name, value in facts if value)
    if state.reachable or state.taken_at is None:
        rows += f"<dt>Last reading</dt><dd>{relative(state.taken_at, now)}</dd>"
    else:
        rows += f"<dt>Last answer</dt><dd>{relative(state.answered_at, now)}</dd>"
        rows += f"<dt>Last asked</dt><dd>{relative(state.taken_at, now)}</dd>"
    return f'<dl class="facts">{rows}</dl>'

"""The fleet in figures for Prometheus: by site, state and severity; of each printer only where asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from core.domain.freshness import SILENT_AFTER
from core.runtime.metrics import Metric, Sample
from core.storage.core_tables import ATTENTION, ISSUES, PRINTERS, SNAPSHOTS
from core.storage.fleet_states import FleetState, read_states
from core.storage.freshness import HAS_READING, LATEST, is_ahead, is_stale_printer
from core.storage.out_of_service import is_out_of_service
from core.storage.services import Heartbeat, read_services
from core.storage.tables import LIVING

MOST_INSTANCES: Final = 200
"""Of services, the latest heard of first: labels stay bounded whoever makes up names."""
_LONGEST_LABEL: Final = 80


def fleet_metrics(connection: Connection, now: datetime, *, per_printer: bool) -> list[Metric]:
    """Return all metrics that the dashboard shows a scraper."""
    found = [
        _states(connection, now),
        _attention(connection, now),
        _issues(connection),
        _ages(connection, now),
        *_services(read_services(connection, now)[:MOST_INSTANCES], now),
    ]
    return [*found, *_printers(read_states(connection, now))] if per_printer else found


def _states(connection: Connection, now: datetime) -> Metric:
    is_stale, is_out = is_stale_printer(now).label("is_stale"), is_out_of_service(now).label("is_out")
    query = (
        select(PRINTERS.c.site, SNAPSHOTS.c.state, is_stale, is_out, func.count())
        .select_from(PRINTERS.outerjoin(SNAPSHOTS, LATEST))
        .where(PRINTERS.c.enabled)
        .group_by(PRINTERS.c.site, SNAPSHOTS.c.state, "is_stale", "is_out")  # by name: they have parameters
    )
    counts: Counter[tuple[str, str]] = Counter()
    for site, state, old, out, count in connection.execute(query):
        counts[site, _state(state or "unknown", stale=old, out=out)] += count
    samples = tuple(_labelled(counts, "site", "state"))
    return Metric("printers_fleet_printers", "Printers by state; stale: no data for two intervals.", samples)


def _state(state: str, *, stale: bool, out: bool) -> str:
    """Return a printer's state as a label."""
    return "out_of_service" if out else "stale" if stale else state


def _attention(connection: Connection, now: datetime) -> Metric:
    query = (
        select(PRINTERS.c.site, ATTENTION.c.severity, func.count())
        .join(PRINTERS, PRINTERS.c.printer_id == ATTENTION.c.printer_id)
        .where(ATTENTION.c.cleared_at.is_(None), PRINTERS.c.enabled, ~is_out_of_service(now))
        .group_by(PRINTERS.c.site, ATTENTION.c.severity)
    )
    counts = {(site, severity): count for site, severity, count in connection.execute(query)}
    return Metric(
        "printers_fleet_flags",
        "Open attention flags, without those of printers out of service.",
        tuple(_labelled(counts, "site", "severity")),
    )


def _issues(connection: Connection) -> Metric:
    query = (
        select(ISSUES.c.kind, ISSUES.c.status, func.count())
        .where(ISSUES.c.status.in_(LIVING))
        .group_by(ISSUES.c.kind, ISSUES.c.status)
    )
    counts = {(kind, status): count for kind, status, count in connection.execute(query)}
    return Metric(
        "printers_fleet_issues", "Issues that are not done.", tuple(_labelled(counts, "kind", "status"))
    )


def _ages(connection: Connection, now: datetime) -> Metric:
    query = (
        select(PRINTERS.c.site, func.max(SNAPSHOTS.c.received_at))
        .join(SNAPSHOTS, SNAPSHOTS.c.printer_id == PRINTERS.c.printer_id)
        .where(PRINTERS.c.enabled, HAS_READING, ~is_ahead(SNAPSHOTS.c.received_at, now))
        .group_by(PRINTERS.c.site)
    )
    samples: list[Sample] = [
        ({"site": site}, max(0.0, (now - at).total_seconds())) for site, at in connection.execute(query)
    ]
    return Metric("printers_fleet_newest_reading_age_seconds", "Since a reading arrived.", tuple(samples))


def _labelled(counts: Mapping[tuple[str, str], int], first: str, second: str) -> Iterator[Sample]:
    return (({first: a, second: b}, float(count)) for (a, b), count in sorted(counts.items()))


def _services(heartbeats: list[Heartbeat], now: datetime) -> Iterator[Metric]:
    heartbeats = list({(each.service, each.instance): each for each in heartbeats}.values())
    names = [
        {"service": each.service, "instance": each.instance, "site": each.site or ""} for each in heartbeats
    ]
    # A time ahead is as old as a clock is wrong by: an alert on age must not be silenced by it.
    ages = [abs((now - each.seen_at).total_seconds()) for each in heartbeats]
    up = tuple((name, float(not each.is_silent(now))) for name, each in zip(names, heartbeats, strict=True))
    yield Metric("printers_service_up", f"Heard of within {SILENT_AFTER.seconds} s and not gone.", up)
    heard = tuple(zip(names, ages, strict=True))
    yield Metric("printers_service_heartbeat_age_seconds", "Since the last heartbeat.", heard)
    told: list[Sample] = [
        ({**name, "counter": counter}, value)
        for name, each in zip(names, heartbeats, strict=True)
        for counter, value in sorted(each.counters.items())
    ]
    yield Metric("printers_service_counter", "What a service counts, as its heartbeat tells it.", tuple(told))


def _printers(states: Iterable[FleetState]) -> Iterator[Metric]:
    about = ("printer_id", "name", "site", "location", "model")
    info: list[Sample] = []
    doing: list[Sample] = []
    pages: list[Sample] = []
    levels: list[Sample] = []
    for each in states:
        latest, one = each.latest, {"printer_id": each.printer_id}
        info.append(({key: _label(getattr(latest, key)) for key in about}, 1.0))
        state = _state(latest.state, stale=each.stale, out=each.out_of_service is not None)
        doing.append(({**one, "state": state}, 1.0))
        if latest.marker_life_count is not None:
            pages.append((one, float(latest.marker_life_count)))
        levels += _levels(each)
    yield Metric("printers_printer_info", "What a printer is; always 1.", tuple(info))
    yield Metric("printers_printer_state", "The state a printer is in; always 1.", tuple(doing))
    counter = "The printer's own counter, marker_life_count."
    yield Metric("printers_printer_pages", counter, tuple(pages), "counter")
    yield Metric("printers_printer_supply_percent", "Levels that are measured.", tuple(levels))


def _levels(state: FleetState) -> Iterator[Sample]:
    for supply in state.latest.supplies:
        if supply.level_percent is not None:
            labels = {
                "printer_id": state.printer_id,
                "supply": _label(supply.index),
                "description": _label(supply.description),
                "supply_type": _label(supply.supply_type),
            }
            yield labels, float(supply.level_percent)


def _label(value: object) -> str:
    return str(value or "")[:_LONGEST_LABEL]

"""/metrics of the dashboard, and the dashboards, rules and queries that are published for it."""

import asyncio
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, insert
from starlette.requests import Request
from starlette.responses import Response

from core.domain.tokens import hashed
from core.runtime.metrics import exposition
from core.storage.core_tables import API_TOKENS
from core.storage.database import open_database, reading, writing
from core.storage.out_of_service import take_out_of_service
from dashboard.app_context import install
from dashboard.features.fleet.metrics import fleet_metrics
from dashboard.viewer import ANONYMOUS, Forbidden, Viewer
from dashboard.web.gate.access import answer, takes_tokens
from dashboard.web.routes.metrics import metrics
from tests.console.small_fleet import fill
from tests.dashboard.harness import TECHNICIAN, open_college
from tests.dashboard.served import serving
from tests.paths import ROOT
from tests.postgres import DATABASES, database
from tests.processor.victoria import Victoria, victoria

GRAFANA: Final = ROOT / "docs" / "grafana"
NOW: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples_of(text: str) -> Samples:
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def text_of(engine: Engine, now: datetime, *, per_printer: bool = True) -> str:
    with reading(engine) as connection:
        return exposition(fleet_metrics(connection, now, per_printer=per_printer)).decode()


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, tuple(sorted(labels.items()))))


@pytest.mark.parametrize("kind", DATABASES)
def test_the_fleet_is_counted_by_site_state_and_severity(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as settings:
        engine = open_database(settings)
        fill(engine, NOW)
        few, all_of_it = samples_of(text_of(engine, NOW, per_printer=False)), samples_of(text_of(engine, NOW))
        engine.dispose()
    assert value(few, "printers_fleet_printers", site="main", state="stopped") == 1
    assert value(few, "printers_fleet_printers", site="main", state="stale") == 1
    assert value(few, "printers_fleet_printers", site="annex", state="idle") == 1
    assert sum(v for (name, _), v in few.items() if name == "printers_fleet_printers") == 5
    assert value(few, "printers_fleet_issues", kind="person", status="open") == 1
    assert value(few, "printers_fleet_newest_reading_age_seconds", site="annex") == 0
    assert not [labels for _, labels in few if "printer_id" in dict(labels)]
    assert value(all_of_it, "printers_printer_state", printer_id="old", state="stale") == 1
    levels = {
        labels: v for (name, labels), v in all_of_it.items() if name == "printers_printer_supply_percent"
    }
    assert [v for labels, v in levels.items() if dict(labels)["printer_id"] == "low"] == [9.0, 2.0]


def test_a_printer_out_of_service_is_counted_as_that_and_its_flags_are_not(engine: Engine) -> None:
    fill(engine, NOW)
    with writing(engine) as connection:
        take_out_of_service(connection, "jammed", until=None, why="repair", actor="tom", now=NOW)
    seen = samples_of(text_of(engine, NOW))
    assert value(seen, "printers_fleet_printers", site="main", state="out_of_service") == 1
    assert value(seen, "printers_printer_state", printer_id="jammed", state="out_of_service") == 1
    assert not [labels for name, labels in seen if name == "printers_fleet_flags"]


def test_services_are_seen_up_and_silent(tmp_path: Path) -> None:
    app_context = open_college(tmp_path, now=NOW)
    up = {
        name: v
        for (name, _), v in samples_of(text_of(app_context.engine, NOW)).items()
        if name == "printers_service_up"
    }
    assert set(up.values()) == {1.0}
    later = samples_of(text_of(app_context.engine, NOW + timedelta(minutes=3)))
    assert {v for (name, _), v in later.items() if name == "printers_service_up"} == {0.0}


def asked_by(viewer: Viewer) -> Response:
    """What the route answers behind the gate."""
    return asyncio.run(metrics(Request({"type": "http", "headers": [], "state": {"viewer": viewer}})))


def test_metrics_are_for_who_is_signed_in_or_has_a_token(tmp_path: Path) -> None:
    assert takes_tokens("/metrics")
    assert answer("/metrics", ANONYMOUS, portal_public=True) == "sign in"
    install(open_college(tmp_path))
    shown = asked_by(TECHNICIAN)
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert b"printers_fleet_printers" in shown.body
    assert b"printer_id" not in shown.body
    with pytest.raises(Forbidden):
        asked_by(ANONYMOUS)


def status_of(url: str, **headers: str) -> int:
    request = urllib.request.Request(f"{url}/metrics", headers=headers)  # noqa: S310 (ours, on loopback)
    try:
        with urllib.request.urlopen(request, timeout=20) as answered:  # noqa: S310 (the same)
            return int(answered.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_gate_of_the_running_dashboard_lets_a_token_in_and_nobody_else(tmp_path: Path) -> None:
    with serving(tmp_path, settings={"PORTAL_PUBLIC": "true"}, for_pages=False) as server:
        with writing(server.engine) as connection:
            row = {"name": "prometheus", "token_hash": hashed("t0ken"), "role": "technician"}
            connection.execute(insert(API_TOKENS).values(**row, created_by="ada", created_at=NOW))
        assert status_of(server.url) == 401
        assert status_of(server.url, Authorization="Bearer wrong") == 401
        assert status_of(server.url, Authorization="Bearer t0ken") == 200


def dashboard(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GRAFANA / f"{name}.json").read_text(encoding="utf-8"))
    return found


def targets(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in dashboard(name)["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target


@dataclass(frozen=True)
class Scraped:
    """A server, and when it scraped last."""

    server: Victoria
    at: datetime


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    """victoria-metrics that has scraped the small fleet for ten minutes.

    One moment dates what is stored, what is scraped and what is asked: ages are differences of these, and
    in a whole test run this module is imported many minutes before.
    """
    folder = tmp_path_factory.mktemp("scraped")
    now = datetime.now(UTC).replace(microsecond=0)
    app_context = open_college(folder, now=now)
    with victoria(folder) as server:
        for minute in range(10, -1, -1):
            at = now - timedelta(minutes=minute)
            _busy(app_context.engine, readings=1000 - 10 * minute)
            query = f"/api/v1/import/prometheus?timestamp={int(at.timestamp() * 1000)}"
            body = text_of(app_context.engine, now).encode()
            request = urllib.request.Request(server.url + query, data=body)  # noqa: S310
            urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 (ours, on loopback)
        ask(server, "/internal/force_flush")
        yield Scraped(server, now)
    app_context.engine.dispose()


def _busy(engine: Engine, readings: int) -> None:
    """Counters that services have after a while, and a printer that counts pages."""
    with engine.begin() as connection:
        counters = {"readings": readings, "outbox_rows": 0, "outbox_oldest_seconds": 0, "lag_seconds": 0.2}
        spool = {"spool_readings": 4, "oldest_unreceipted_seconds": 3, "dropped": 0}
        for service, told in (("processor", counters), ("collector", spool)):
            connection.exec_driver_sql(
                "UPDATE services SET counters = ? WHERE service = ?", (json.dumps(told), service)
            )
        connection.exec_driver_sql(
            "UPDATE state_documents SET payload = json_set(payload, '$.marker_life_count', ?)"
            " WHERE printer_id = 'low'",
            (5000 + readings,),
        )


def ask(server: Victoria, path: str, **query: str) -> str:
    url = f"{server.url}{path}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(url, timeout=10) as answered:  # noqa: S310 (ours, on loopback)
        return str(answered.read().decode())


def answers(scraped: Scraped, expression: str) -> list[Any]:
    expression = expression.replace("$site", ".*").replace("$__rate_interval", "5m")
    found = json.loads(
        ask(scraped.server, "/api/v1/query", query=expression, time=str(scraped.at.timestamp()))
    )
    assert found["status"] == "success", found
    return list(found["data"]["result"])


def test_every_query_of_the_prometheus_dashboard_is_answered(scraped: Scraped) -> None:
    empty = [title for title, target in targets("prometheus") if not answers(scraped, target["expr"])]
    assert empty == []


def test_every_rule_is_understood_and_none_fires_in_peace(scraped: Scraped) -> None:
    groups = yaml.safe_load((GRAFANA / "prometheus-rules.yml").read_text(encoding="utf-8"))["groups"]
    rules = {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}
    for expression in rules.values():
        left, _, threshold = re.match(r"(.*) ([><=]+) ([\d.]+)$", expression).groups()  # type: ignore[union-attr]
        assert answers(scraped, left), f"{left} finds nothing"
        assert float(threshold) >= 0
    fired = {name for name, expression in rules.items() if answers(scraped, expression)}
    assert fired <= {"PrintersStale"}  # one of four is stale in the small fleet


@pytest.mark.parametrize("name", ["prometheus", "influxdb"])
def test_a_dashboard_can_be_imported(name: str) -> None:
    found = dashboard(name)
    ids = [panel["id"] for panel in found["panels"]]
    assert len(set(ids)) == len(ids)
    assert found["templating"]["list"][0]["query"] == name
    for panel in found["panels"]:
        assert panel["datasource"] == {"type": name, "uid": "${datasource}"}
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24

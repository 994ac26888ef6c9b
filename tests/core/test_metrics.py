"""Prometheus' format, and a service's own /metrics."""

import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from core.contract.errors import SettingsError
from core.runtime.metrics import Metric, exposition, serve_metrics, service_metrics
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings
from tests.brokers import free_port
from tests.patience import PATIENCE_SECONDS


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 (ours, on loopback)
        assert answer.headers["content-type"].startswith("text/plain")
        return str(answer.read().decode())


def test_families_are_written_as_prometheus_reads_them() -> None:
    odd = Metric("printers_a", "Odd.", (({"name": 'Fl\\at "7"\nä', "site": ""}, 1.5),))
    text = exposition(
        [odd, Metric("printers_b", "Total.", (({}, 3.0),), "counter"), Metric("printers_c", "", ())]
    )
    families = {family.name: family for family in text_string_to_metric_families(text.decode())}
    assert families["printers_a"].samples[0].labels == {"name": 'Fl\\at "7"\nä', "site": ""}
    assert (families["printers_b"].type, families["printers_b"].samples[0].name) == (
        "counter",
        "printers_b_total",
    )
    assert families["printers_c"].samples == []


def test_a_service_tells_what_its_heartbeat_told_last() -> None:
    link = MqttLink(MqttSettings(mqtt_host="127.0.0.1", mqtt_port=free_port()), "collector", "vm")
    link.heartbeat({"readings": 7, "spool_readings": 2})
    link.heartbeat({})
    listen = f"127.0.0.1:{free_port()}"
    stop = serve_metrics(listen, lambda: service_metrics("collector", link))
    try:
        lines = get(f"http://{listen}/metrics").splitlines()
    finally:
        stop()
    assert {"printers_collector_connected 0.0", "printers_collector_readings_total 7.0"} <= set(lines)
    assert "printers_collector_spool_readings 2.0" in lines
    assert any(line.startswith("process_cpu_seconds_total") for line in lines)
    with pytest.raises(urllib.error.URLError):
        get(f"http://{listen}/metrics")


def test_a_port_that_is_taken_is_one_sentence_and_no_address_is_no_server() -> None:
    serve_metrics("", list)()
    listen = f"127.0.0.1:{free_port()}"
    stop = serve_metrics(listen, list)
    try:
        with pytest.raises(SettingsError, match="set another port"):
            serve_metrics(listen, list)
    finally:
        stop()

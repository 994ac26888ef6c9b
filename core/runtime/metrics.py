"""Metrics in Prometheus' format: families as data, and the small server of a service that shows its own."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from core.contract.errors import SettingsError
from core.domain.addresses import host_and_port
from core.runtime.failures import failure_text
from core.runtime.mqtt_link import MqttLink

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_TOTALS: Final = frozenset(
    {
        *("batches", "readings", "repeated", "late", "refused", "retries", "rejected", "queue_dropped"),
        *("history_written", "history_refused", "history_dropped"),
        *("dropped", "resent", "unsaved"),
    }
)
"""The counters of heartbeats that only rise."""

Sample = tuple[Mapping[str, str], float]
Family = GaugeMetricFamily | CounterMetricFamily


@dataclass(frozen=True)
class Metric:
    """One family. A counter's name gets the suffix _total."""

    name: str
    help: str
    samples: tuple[Sample, ...]
    kind: Literal["gauge", "counter"] = "gauge"


def exposition(metrics: Iterable[Metric]) -> bytes:
    """Return the text that a scraper reads."""
    registry = CollectorRegistry()
    registry.register(_Families(lambda: metrics))
    return generate_latest(registry)


def service_metrics(service: str, link: MqttLink) -> list[Metric]:
    """Return what a service tells in its own heartbeat: printers_collector_readings_total ..."""
    connected = Metric(
        f"printers_{service}_connected",
        "Whether it is connected to the broker.",
        (({}, float(link.connected.is_set())),),
    )
    return [connected, *_counted(service, link.told)]


def _counted(service: str, counters: Mapping[str, float]) -> list[Metric]:
    return [
        Metric(
            f"printers_{service}_{name.removesuffix('_total')}",
            f"`{name}` of the {service}'s heartbeat, see docs/operations.md.",
            (({}, value),),
            "counter" if name in _TOTALS or name.endswith("_total") else "gauge",
        )
        for name, value in sorted(counters.items())
    ]


def serve_metrics(listen: str, read: Callable[[], Iterable[Metric]]) -> Callable[[], None]:
    """Answer GET /metrics at ADDRESS:PORT in threads of its own, with the process's own figures; returns
    what ends it. Nothing is served where `listen` is empty. Raises SettingsError where the port is taken.
    """
    if not listen:
        return lambda: None
    host, port = host_and_port(listen)
    registry = CollectorRegistry()
    registry.register(_Families(read))
    ProcessCollector(registry=registry)
    try:
        server, thread = start_http_server(port, host, registry)
    except (OSError, OverflowError) as error:
        said = f"metrics cannot be served at {listen} ({failure_text(error)})"
        raise SettingsError(f"{said}: set another port or address.") from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join(5)

    return stop


class _Families(Collector):
    """Asked by the library at every scrape."""

    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def describe(self) -> Iterable[Family]:
        return ()  # nothing is known before a scrape

    def collect(self) -> Iterator[Family]:
        for metric in self._read():
            labels = tuple(metric.samples[0][0]) if metric.samples else ()
            kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = kind(metric.name, metric.help, labels=labels)
            for values, value in metric.samples:
                family.add_metric([values[label] for label in labels], value)
            yield family

"""Settings for other systems beside the MQTT topics: Home Assistant, Prometheus, an outside watchdog."""

from pydantic import SecretStr

from core.runtime.secret_files import secret
from core.runtime.setting_types import ListenAddress
from core.runtime.settings import Settings


class HomeAssistantSettings(Settings):
    """Home Assistant's MQTT discovery, announced by the processor."""

    homeassistant_discovery: bool = False
    """Announce every printer as a device; allows the broker's user `homeassistant` to listen and refresh."""


class MetricsSettings(Settings):
    """Metrics for Prometheus: /metrics of the dashboard, and of other services where they are to listen."""

    metrics_per_printer: bool = False
    """The dashboard's /metrics also has series of each printer: thousands in a large fleet."""
    collector_metrics_listen: ListenAddress = ""
    """Address and port for the collector's own /metrics, such as 127.0.0.1:9471; empty: none."""
    processor_metrics_listen: ListenAddress = ""
    """The same for the processor,"""
    notifier_metrics_listen: ListenAddress = ""
    """and for the notifier."""


class HeartbeatSettings(Settings):
    """A watchdog outside, such as healthchecks, that calls people when we fall silent."""

    heartbeat_url: SecretStr | None = secret()
    """Fetched every minute by the notifier while readings arrive and the last summary went out."""

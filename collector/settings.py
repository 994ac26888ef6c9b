"""The settings the collector needs, read once at its entry."""

from dataclasses import dataclass, field

from collector.discovery.progress import ADDRESSES_PER_SECOND
from core.runtime.collector_settings import DiscoverySettings, TrapSettings
from core.runtime.integration_settings import MetricsSettings
from core.runtime.settings import CommonSettings, MqttSettings, SnmpSettings


@dataclass(frozen=True)
class CollectorSettings:
    """The blocks a collector reads."""

    common: CommonSettings
    snmp: SnmpSettings
    mqtt: MqttSettings
    metrics: MetricsSettings
    traps: TrapSettings = field(default_factory=TrapSettings)
    discovery: DiscoverySettings = field(default_factory=DiscoverySettings)
    addresses_per_second: float = ADDRESSES_PER_SECOND

    @property
    def instance(self) -> str:
        """The name in presence and as MQTT client: two sites' collectors on one machine must differ."""
        return (
            self.common.instance
            if self.common.site == "main"
            else f"{self.common.instance}-{self.common.site}"
        )

"""The parts every way of running the collector needs, opened and closed together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from collector.asker import Asker, Memory
from collector.drivers.router import Router, make_driver
from collector.inventory import InventoryFile
from collector.publisher import Publisher
from collector.reader import Deliver, Reader
from collector.readings import Numbering, spooled
from collector.spool import Spool
from fleet.collector_settings import DiscoverySettings, TrapSettings
from fleet.integration_settings import MetricsSettings
from fleet.messages import Reading
from fleet.mqtt_link import MqttLink
from fleet.settings import CommonSettings, MqttSettings, SnmpSettings, SpoolSettings, load


@dataclass(frozen=True)
class CollectorSettings:
    """The blocks a collector reads."""

    common: CommonSettings
    snmp: SnmpSettings
    spool: SpoolSettings
    mqtt: MqttSettings
    metrics: MetricsSettings
    traps: TrapSettings = field(default_factory=TrapSettings)
    discovery: DiscoverySettings = field(default_factory=DiscoverySettings)

    @classmethod
    def load(cls) -> "CollectorSettings":
        """From the environment and .env; raises SettingsError."""
        blocks = load(CommonSettings), load(SnmpSettings), load(SpoolSettings), load(MqttSettings)
        return cls(*blocks, load(MetricsSettings), load(TrapSettings), load(DiscoverySettings))

    @property
    def instance(self) -> str:
        """The name in presence and as MQTT client: two sites' collectors on one machine must differ."""
        return (
            self.common.instance
            if self.common.site == "main"
            else f"{self.common.instance}-{self.common.site}"
        )


@dataclass(frozen=True)
class Station:
    """What is open: asking on one side, publishing on the other."""

    settings: CollectorSettings
    inventory: InventoryFile
    memory: Memory
    numbering: Numbering
    link: MqttLink
    publisher: Publisher
    publishing: asyncio.Task[None]
    reader: Reader
    driver: Router


@asynccontextmanager
async def open_station(settings: CollectorSettings) -> AsyncIterator[Station]:
    """Open everything but the connection, which its user starts; raises FleetError.

    The publisher works while the station is open, and has saved everything when it is closed.
    """
    folder, site = settings.common.data_dir / "collector", settings.common.site
    spool = Spool(
        folder / f"spool-{site}.sqlite3",
        max_readings=settings.spool.spool_max_readings,
        max_age_hours=settings.spool.spool_max_age_hours,
    )
    numbering = Numbering(spool.open(datetime.now(UTC)))
    memory = Memory(folder / f"memory-{site}.json")
    memory.load()
    driver = make_driver(settings.snmp)
    try:
        link = MqttLink(settings.mqtt, "collector", settings.instance, site)
        await driver.start()
        publisher = Publisher(spool, link, site)
        publishing = asyncio.create_task(publisher.run())
        reader = Reader(site, Asker(settings.snmp, driver, memory), numbering, _deliver(publisher))
        inventory = InventoryFile(settings.common.data_dir, site)
        try:
            yield Station(settings, inventory, memory, numbering, link, publisher, publishing, reader, driver)
        finally:
            publisher.stop()
            await publishing
            memory.save(memory.snapshot())
    finally:
        await driver.close()
        spool.close()


def _deliver(publisher: Publisher) -> Deliver:
    async def deliver(reading: Reading) -> None:
        await publisher.submit(spooled(reading), urgent=reading.refresh_id is not None)

    return deliver

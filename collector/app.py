"""The parts every way of running the collector needs, opened and closed together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from collector.drivers.router import Router, make_driver
from collector.inventory import StoredInventory
from collector.printer_client import CapabilityCache, PrinterClient
from collector.printer_poller import Deliver, PrinterPoller
from collector.publisher import Publisher
from collector.readings import SequenceNumbers
from collector.settings import CollectorSettings
from collector.spool import Spool
from collector.spool_file import Spooled
from core.contract.messages import Reading
from core.runtime.mqtt_link import MqttLink
from core.runtime.wall_clock import utc_now


@dataclass(frozen=True)
class CollectorApp:
    """Open parts of a running collector: polling on one side, publishing on the other."""

    settings: CollectorSettings
    inventory: StoredInventory
    memory: CapabilityCache
    link: MqttLink
    publisher: Publisher
    publishing: asyncio.Task[None]
    client: PrinterClient
    poller: PrinterPoller
    driver: Router


@asynccontextmanager
async def open_app(settings: CollectorSettings) -> AsyncIterator[CollectorApp]:
    """Open everything but the connection, which its user starts; raises UserError.

    The publisher works while the app context is open, and has saved everything when it is closed.
    """
    folder, site = settings.common.data_dir / "collector", settings.common.site
    spool = Spool(folder / f"spool-{site}.sqlite3")
    numbering = SequenceNumbers(spool.open(utc_now()))
    memory = CapabilityCache(folder / f"memory-{site}.json")
    memory.load()
    driver = make_driver(settings.snmp)
    try:
        link = MqttLink(settings.mqtt, "collector", settings.instance, site)
        await driver.start()
        publisher = Publisher(spool, link, site)
        publishing = asyncio.create_task(publisher.run())
        client = PrinterClient(settings.snmp, driver, memory)
        poller = PrinterPoller(site, client, numbering, _deliver(publisher))
        inventory = StoredInventory(settings.common.data_dir, site)
        try:
            yield CollectorApp(
                settings, inventory, memory, link, publisher, publishing, client, poller, driver
            )
        finally:
            publisher.stop()
            await publishing
            memory.save(memory.snapshot())
    finally:
        await driver.close()
        spool.close()


def _deliver(publisher: Publisher) -> Deliver:
    async def deliver(reading: Reading) -> None:
        await publisher.submit(_spooled(reading), urgent=reading.refresh_id is not None)

    return deliver


def _spooled(reading: Reading) -> Spooled:
    """Return the reading as the spool keeps it."""
    taken_at = reading.taken_at.timestamp()
    payload = reading.model_dump_json().encode()
    return Spooled(reading.seq, reading.id, reading.printer_id, taken_at, payload)

"""Readings of some printers here and now: without inventory, broker or spool."""

import asyncio
from collections.abc import Sequence

from collector.drivers.router import make_driver
from collector.event_loop import run
from collector.printer_client import CapabilityCache, PrinterClient
from collector.printer_poller import PrinterPoller
from collector.readings import SequenceNumbers
from core.contract.messages import PolledPrinter, Reading
from core.runtime.settings import SnmpSettings
from core.runtime.wall_clock import utc_now


def poll_once(printers: Sequence[PolledPrinter], settings: SnmpSettings, site: str) -> list[Reading]:
    """Ask all of them at the same time; return a reading of each, answered or not, in any order."""
    return run(_poll(printers, settings, site))


async def _poll(printers: Sequence[PolledPrinter], settings: SnmpSettings, site: str) -> list[Reading]:
    readings: list[Reading] = []

    async def keep(reading: Reading) -> None:
        readings.append(reading)

    async def ask(printer: PolledPrinter) -> None:
        await poller.poll(printer, lambda _: settings.poll_interval(printer.profile))

    driver = make_driver(settings)
    await driver.start()
    try:
        numbering = SequenceNumbers(int(utc_now().timestamp() * 1000))
        client = PrinterClient(settings, driver, CapabilityCache(None))
        poller = PrinterPoller(site, client, numbering, keep)
        async with asyncio.TaskGroup() as tasks:
            for printer in printers:
                tasks.create_task(ask(printer))
    finally:
        await driver.close()
    return readings

"""`--once`: every printer read once, and every receipt waited for."""

import asyncio
import logging
import time
from typing import Final

from collector.correspondent import Correspondent
from collector.inventory import Printers
from collector.mailbox import listen
from collector.reader import read_all
from collector.station import Station
from fleet.errors import EXIT_FAILED, EXIT_OK, FleetError

log = logging.getLogger(__name__)

INVENTORY_SECONDS: Final = 15.0
_PATIENCE_SECONDS: Final = 30.0  # without any news of a receipt
_LOOK_SECONDS: Final = 0.1


async def run_once(station: Station) -> int:
    """The exit code: 0, or 1 with the count of readings that were not stored said."""
    settings, loop = station.settings, asyncio.get_running_loop()
    received: asyncio.Future[Printers] = loop.create_future()
    correspondent = Correspondent(
        station.publisher,
        settings.common.site,
        lambda printers: None if received.done() else received.set_result(printers),
        lambda _printer_id, _refresh_id: None,
    )
    listen(station.link, settings.common.site, loop, correspondent)
    station.link.start()
    try:
        printers = await _inventory(station, received)
        interval = settings.snmp.snmp_poll_interval_seconds
        await read_all(station.reader, printers, settings.snmp.snmp_concurrency, lambda _reachable: interval)
        missing = await _wait_for_receipts(station)
    finally:
        await asyncio.to_thread(station.link.stop)
    silent = len(station.reader.silent)
    log.info("%d printers read: %d answered, %d did not", len(printers), len(printers) - silent, silent)
    if missing or correspondent.refused:
        text = "%d readings are not stored yet and wait in the spool, %d were refused"
        log.error(text, missing, correspondent.refused)
        return EXIT_FAILED
    return EXIT_OK


async def _inventory(station: Station, received: "asyncio.Future[Printers]") -> Printers:
    try:
        async with asyncio.timeout(INVENTORY_SECONDS):
            printers = await received
    except TimeoutError:
        known = await station.publisher.on_disk(station.inventory.read)
        if known is None:
            mqtt = station.settings.mqtt
            raise FleetError(
                f"no inventory of site {station.settings.common.site} came from the broker at "
                f"{mqtt.mqtt_host or '127.0.0.1'}:{mqtt.mqtt_port} within {INVENTORY_SECONDS:.0f} s: "
                "are broker and processor running, and is SITE right?"
            ) from None
        log.warning("no inventory came within %.0f s: using the one from last time", INVENTORY_SECONDS)
        return known
    await station.publisher.on_disk(station.inventory.write, printers)
    return printers


async def _wait_for_receipts(station: Station) -> int:
    """Wait while receipts come; returns how many readings of this run have none."""
    publisher, first = station.publisher, station.numbering.first
    patient_until, before = time.monotonic() + _PATIENCE_SECONDS, -1
    while missing := await publisher.unfinished(first):
        if missing != before:
            patient_until, before = time.monotonic() + _PATIENCE_SECONDS, missing
        if time.monotonic() > patient_until:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return missing

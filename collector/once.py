"""`--once`: every printer read once, and every receipt waited for."""

import asyncio
import logging
import time
from typing import Final

from collector.app_context import CollectorApp
from collector.inventory import Printers
from collector.message_handler import MessageHandler
from collector.printer_poller import read_all
from collector.subscriber import listen
from core.contract.errors import EXIT_FAILED, EXIT_OK, UserError

log = logging.getLogger(__name__)

INVENTORY_SECONDS: Final = 15.0
_PATIENCE_SECONDS: Final = 30.0  # without any news of a receipt
_LOOK_SECONDS: Final = 0.1


async def run_once(app: CollectorApp) -> int:
    """The exit code: 0, or 1 with the count of readings that were not stored said."""
    settings, loop = app.settings, asyncio.get_running_loop()
    received: asyncio.Future[Printers] = loop.create_future()
    correspondent = MessageHandler(
        app.publisher,
        settings.common.site,
        lambda printers: None if received.done() else received.set_result(printers),
        lambda _printer_id, _refresh_id: None,
    )
    listen(app.link, settings.common.site, loop, correspondent)
    app.link.start()
    try:
        printers = await _inventory(app, received)
        interval = settings.snmp.snmp_poll_interval_seconds
        await read_all(app.reader, printers, settings.snmp.snmp_concurrency, lambda _reachable: interval)
        missing = await _wait_for_receipts(app)
    finally:
        await asyncio.to_thread(app.link.stop)
    silent = len(app.reader.silent)
    log.info("%d printers read: %d answered, %d did not", len(printers), len(printers) - silent, silent)
    if missing or correspondent.refused:
        text = "%d readings are not stored yet and wait in the spool, %d were refused"
        log.error(text, missing, correspondent.refused)
        return EXIT_FAILED
    return EXIT_OK


async def _inventory(app: CollectorApp, received: "asyncio.Future[Printers]") -> Printers:
    try:
        async with asyncio.timeout(INVENTORY_SECONDS):
            printers = await received
    except TimeoutError:
        known = await app.publisher.on_disk(app.inventory.read)
        if known is None:
            mqtt = app.settings.mqtt
            raise UserError(
                f"no inventory of site {app.settings.common.site} came from the broker at "
                f"{mqtt.mqtt_host or '127.0.0.1'}:{mqtt.mqtt_port} within {INVENTORY_SECONDS:.0f} s: "
                "are broker and processor running, and is SITE right?"
            ) from None
        log.warning("no inventory came within %.0f s: using the one from last time", INVENTORY_SECONDS)
        return known
    await app.publisher.on_disk(app.inventory.write, printers)
    return printers


async def _wait_for_receipts(app: CollectorApp) -> int:
    """Wait while receipts come; returns how many readings of this run have none."""
    publisher, first = app.publisher, app.numbering.first
    patient_until, before = time.monotonic() + _PATIENCE_SECONDS, -1
    while missing := await publisher.unfinished(first):
        if missing != before:
            patient_until, before = time.monotonic() + _PATIENCE_SECONDS, missing
        if time.monotonic() > patient_until:
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return missing

"""`--print`: readings as JSON lines on standard output, without broker or spool."""

import sys
from datetime import UTC, datetime

from collector.drivers.router import make_driver
from collector.inventory import Printers
from collector.printer_client import CapabilityCache, PrinterClient
from collector.printer_poller import PrinterPoller, read_all
from collector.readings import SequenceNumbers
from collector.settings import CollectorSettings
from core.contract.errors import EXIT_OK
from core.contract.messages import Reading


async def print_readings(settings: CollectorSettings, printers: Printers) -> int:
    """Read each of them once, and print each reading as soon as it is there."""
    snmp = settings.snmp
    driver = make_driver(snmp)
    await driver.start()
    try:
        numbering = SequenceNumbers(int(datetime.now(UTC).timestamp() * 1000))
        reader = PrinterPoller(
            settings.common.site, PrinterClient(snmp, driver, CapabilityCache(None)), numbering, _print
        )
        await read_all(reader, printers, snmp.snmp_concurrency, lambda _: snmp.snmp_poll_interval_seconds)
    finally:
        await driver.close()
    return EXIT_OK


async def _print(reading: Reading) -> None:
    sys.stdout.buffer.write(reading.model_dump_json().encode() + b"\n")
    sys.stdout.buffer.flush()

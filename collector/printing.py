"""`--print`: readings as JSON lines on standard output, without broker or spool."""

import sys
from datetime import UTC, datetime

from collector.asker import Asker, Memory
from collector.drivers.router import make_driver
from collector.inventory import Printers
from collector.reader import Reader, read_all
from collector.readings import Numbering
from collector.station import CollectorSettings
from fleet.errors import EXIT_OK
from fleet.messages import Reading


async def print_readings(settings: CollectorSettings, printers: Printers) -> int:
    """Read each of them once, and print each reading as soon as it is there."""
    snmp = settings.snmp
    driver = make_driver(snmp)
    await driver.start()
    try:
        numbering = Numbering(int(datetime.now(UTC).timestamp() * 1000))
        reader = Reader(settings.common.site, Asker(snmp, driver, Memory(None)), numbering, _print)
        await read_all(reader, printers, snmp.snmp_concurrency, lambda _: snmp.snmp_poll_interval_seconds)
    finally:
        await driver.close()
    return EXIT_OK


async def _print(reading: Reading) -> None:
    sys.stdout.buffer.write(reading.model_dump_json().encode() + b"\n")
    sys.stdout.buffer.flush()

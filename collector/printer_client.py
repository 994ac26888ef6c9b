"""Ask a printer of the inventory with its SNMP profile, and remember what its agent can do."""

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path

from collector.drivers.protocol import Agent, SnmpDriver
from collector.poll import Capabilities, PollResult, VendorPolicy, poll
from collector.poll.result import unanswered
from collector.poll.status_check import Status, read_status
from core.contract.messages import PolledPrinter
from core.runtime.failures import failure_text
from core.runtime.json_files import read_json, write_json_object
from core.runtime.settings import CredentialProfile, SnmpSettings

log = logging.getLogger(__name__)

_LONGEST_POLL_SECONDS = 300


class CapabilityCache:
    """What is known about each printer's agent; kept in a file, whose loss costs a few requests."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: dict[str, Capabilities] = {}
        self._changed = False

    def load(self) -> None:
        """Read the file."""
        stored = read_json(self._path) if self._path else None
        if isinstance(stored, dict):
            self._known = {key: Capabilities.from_json(value) for key, value in stored.items()}

    def snapshot(self) -> dict[str, Capabilities] | None:
        """Return what save() should write; None where nothing has changed."""
        if self._path is None or not self._changed:
            return None
        self._changed = False
        return dict(self._known)

    def save(self, snapshot: dict[str, Capabilities] | None) -> None:
        """Write the file; may wait for the disk."""
        if self._path is not None and snapshot is not None:
            write_json_object(self._path, ((key, known.to_json()) for key, known in snapshot.items()))

    def keep_only(self, printers: Iterable[PolledPrinter]) -> None:
        """Forget all other printers."""
        keys = {_key(printer) for printer in printers}
        self._known = {key: known for key, known in self._known.items() if key in keys}

    def of(self, printer: PolledPrinter) -> Capabilities:
        """Return what is known of a printer."""
        return self._known.get(_key(printer), Capabilities())

    def learn(self, printer: PolledPrinter, capabilities: Capabilities) -> None:
        """Remember what a poll has shown of a printer."""
        if capabilities != self.of(printer):
            self._known[_key(printer)] = capabilities
            self._changed = True


class PrinterClient:
    """Asks printers, whatever may be wrong with them: the result says it."""

    def __init__(self, settings: SnmpSettings, driver: SnmpDriver, memory: CapabilityCache) -> None:
        self.settings = settings
        self.driver = driver
        self.memory = memory
        self._policy = VendorPolicy(settings.snmp_vendor_objects, settings.snmp_unverified_counters)

    async def __call__(self, printer: PolledPrinter) -> PollResult:
        """Ask one printer for everything."""
        known = self.memory.of(printer)
        profile = self.settings.profile(printer.profile)
        if profile is None:
            return unanswered(self.settings.no_profile(printer.profile), known)
        agent = self._agent(printer, profile)
        try:
            async with asyncio.timeout(_LONGEST_POLL_SECONDS):
                result = await poll(self.driver, agent, known, policy=self._policy)
        except TimeoutError:
            return unanswered(f"{agent.address} answers too slowly to be read.", known)
        except Exception as error:
            log.exception("%s: asking it failed in an unforeseen way", printer.printer_id)
            self.memory.learn(printer, Capabilities())  # what is known of it may be the cause
            return unanswered(f"{agent.address} could not be asked: {failure_text(error)}.", Capabilities())
        self.memory.learn(printer, result.capabilities)
        return result

    async def read_status(self, printer: PolledPrinter) -> Status | None:
        """Ask one printer for its status alone, as a poll has shown that it can be asked.

        None where it can only be asked in a lesser way; raises SnmpError.
        """
        profile = self.settings.profile(printer.profile)
        if profile is None:
            return None
        return await read_status(self.driver, self._agent(printer, profile), self.memory.of(printer))

    def _agent(self, printer: PolledPrinter, profile: CredentialProfile) -> Agent:
        settings = self.settings
        return Agent(printer.host, printer.port, profile, settings.snmp_timeout, settings.snmp_retries)


def _key(printer: PolledPrinter) -> str:
    return f"{printer.printer_id} {printer.host} {printer.port} {printer.profile}"

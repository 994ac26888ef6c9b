"""Sweeping: so many addresses per second, each asked once, what is found told while it goes on."""

import asyncio
from collections.abc import Iterable
from typing import Final

from collector.discovery.identity import identify
from collector.drivers.protocol import Agent, SnmpDriver
from core.contract.discovery_messages import FoundPrinter
from core.domain.networks import Sweep
from core.runtime.settings import CredentialProfile, SnmpSettings

_MOST_AT_ONCE: Final = 2000
_V3_PER_SECOND: Final = 10.0  # its cryptography costs fifty times as much, at either end


class SweepRun:
    """One sweep under way, and how far it has come."""

    def __init__(
        self, driver: SnmpDriver, settings: SnmpSettings, profile: CredentialProfile, per_second: float
    ) -> None:
        self.asked = 0
        self.answering = 0
        self.refused = 0
        """SNMPv3 agents that did not take the user or a password."""
        self.computers = 0
        """Computers that list their print queues: left out."""
        self.failure = ""
        """Why it failed, in one sentence; "" where it did not."""
        self._driver = driver
        self._settings = settings
        self._profile = profile
        self._per_second = min(per_second, _V3_PER_SECOND) if profile.version == "3" else per_second
        self._found: list[FoundPrinter] = []

    def found(self, most: int) -> tuple[FoundPrinter, ...]:
        """Return printers that were found and not yet told of; told() says that they have been."""
        return tuple(self._found[:most])

    def told(self, printers: Iterable[FoundPrinter]) -> None:
        """Tell of these no more."""
        del self._found[: len(tuple(printers))]

    async def run(self, sweep: Sweep) -> None:
        """Ask every address."""
        loop = asyncio.get_running_loop()
        places, due = asyncio.Semaphore(_MOST_AT_ONCE), loop.time()
        async with asyncio.TaskGroup() as tasks:
            for host, port in sweep:
                await places.acquire()
                task = tasks.create_task(self._ask(host, port))
                task.add_done_callback(lambda _: places.release())
                due = max(due + 1 / self._per_second, loop.time() - 1)
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())

    async def _ask(self, host: str, port: int) -> None:
        settings = self._settings
        agent = Agent(host, port, self._profile, settings.snmp_timeout, settings.snmp_retries)
        answer = await identify(self._driver, agent)
        self.asked += 1
        self.answering += answer.answered
        self.refused += answer.refused
        self.computers += answer.computer
        if answer.printer is not None:
            self._found.append(answer.printer)

"""A sweep from its request to its last message, told step by step to whoever asked."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from collector.discovery.sweep import SweepRun
from collector.drivers.router import make_driver
from core.contract.discovery_messages import Discovered, DiscoverRequest
from core.contract.errors import UserError
from core.domain.networks import Sweep, sweep_of
from core.runtime.settings import CredentialProfile, SnmpSettings
from core.runtime.wall_clock import utc_now

Tell = Callable[[Discovered], bool]
"""False where the message could not be sent: what it tells is told again with the next one."""

ADDRESSES_PER_SECOND: Final = 100.0
"""How many addresses are asked per second."""
_MOST_IN_ONE: Final = 100
_LAST_WORD_SECONDS: Final = 60.0


class DiscoveryProgress:
    """Carries out one request."""

    def __init__(
        self,
        snmp: SnmpSettings,
        site: str,
        tell: Tell,
        every_seconds: float,
        per_second: float = ADDRESSES_PER_SECOND,
    ) -> None:
        self._snmp = snmp
        self._site = site
        self._tell = tell
        self._every = every_seconds
        self._per_second = per_second

    def refuse(self, request: DiscoverRequest, reason: str) -> None:
        """Say why nothing is swept."""
        self._tell(self._message(request, status="refused", error=reason))

    def check(self, request: DiscoverRequest) -> tuple[Sweep, CredentialProfile]:
        """Return the sweep that a request asks for; raises UserError for what is refused."""
        sweep = sweep_of(request.networks, request.ports, confirmed=request.confirmed)
        profile = self._snmp.profile(request.profile)
        if profile is None:
            raise UserError(self._snmp.no_profile(request.profile))
        return sweep, profile

    async def sweep(self, request: DiscoverRequest, sweep: Sweep, profile: CredentialProfile) -> None:
        """Sweep to the end; cancelled or failed, it says that it was stopped, and why it failed."""
        driver = make_driver(self._snmp)  # of its own: polling must not wait for room in one socket
        sweeping = SweepRun(driver, self._snmp, profile, self._per_second)

        async def ask_all() -> None:
            await driver.start()
            await sweeping.run(sweep)

        task = asyncio.create_task(ask_all())
        status = "stopped"  # until all of it is known to be done: the last message is sent in any case
        try:
            while not task.done():
                await asyncio.wait([task], timeout=self._every)
                if not task.done():
                    self._tell_of(request, sweep, sweeping, "running")
            task.result()
            status = "done"
        except Exception as error:
            sweeping.failure = _failure(error)
            raise
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await driver.close()
            await self._tell_the_rest(request, sweep, sweeping, status)

    async def _tell_the_rest(
        self, request: DiscoverRequest, sweep: Sweep, sweeping: SweepRun, status: str
    ) -> None:
        until = asyncio.get_running_loop().time() + _LAST_WORD_SECONDS
        while True:
            last = len(sweeping.found(_MOST_IN_ONE + 1)) <= _MOST_IN_ONE
            told = self._tell_of(request, sweep, sweeping, status if last else "running")
            if (told and last) or asyncio.get_running_loop().time() > until:
                return
            if not told:
                await asyncio.sleep(self._every)

    def _tell_of(self, request: DiscoverRequest, sweep: Sweep, sweeping: SweepRun, status: str) -> bool:
        printers = sweeping.found(_MOST_IN_ONE)
        message = self._message(
            request,
            status=status,
            addresses=len(sweep),
            asked=sweeping.asked,
            answering=sweeping.answering,
            printers=printers,
            error=_note(sweeping),
        )
        if not self._tell(message):
            return False
        sweeping.told(printers)
        return True

    def _message(self, request: DiscoverRequest, **values: Any) -> Discovered:
        return Discovered(request_id=request.id, site=self._site, at=utc_now(), **values)


def _failure(error: Exception) -> str:
    """Return the sentence on why a sweep failed; of errors that were raised together, the first."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return f"The sweep failed: {str(error).rstrip('.') or type(error).__name__}."


def _note(sweeping: SweepRun) -> str | None:
    notes = [sweeping.failure] if sweeping.failure else []
    if sweeping.refused:
        notes.append(f"{sweeping.refused} devices refuse the SNMPv3 user or a password of this profile.")
    if sweeping.computers:
        counted = "1 computer" if sweeping.computers == 1 else f"{sweeping.computers} computers"
        notes.append(f"{counted} with print queues left out: they are no printers.")
    return " ".join(notes) or None

"""Turn trap datagrams into readings: rate limit, decoding, and a poll of the printers that sent them."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from collector.inventory import Printers
from collector.traps.rate_limiter import TrapRateLimiter
from collector.traps.senders import all_senders, literal_senders, plain_address
from collector.traps.trap import Trap
from collector.traps.trap_socket import TrapSocket
from core.contract.messages import PolledPrinter
from core.runtime.collector_settings import TrapSettings
from core.runtime.periodic import repeat
from core.runtime.settings import CredentialProfile, SnmpSettings

if TYPE_CHECKING:  # loaded where traps are wanted: it takes a second and many megabytes
    from collector.pysnmp_adapter.trap_receiver import TrapReceiver

log = logging.getLogger(__name__)

_RESOLVE_SECONDS: Final = 600.0


class TrapHandler:
    """Listens at TRAP_PORT; `poll_soon` is called with the id of a printer that has something to say."""

    def __init__(
        self, traps: TrapSettings, snmp: SnmpSettings, name: str, poll_soon: Callable[[str], object]
    ) -> None:
        self.heard = 0
        self.refused = 0
        """Datagrams of printers that are no trap, or with a community or user we do not know."""
        self.limiter = TrapRateLimiter()
        self._snmp = snmp
        self._settings = traps
        self._name = name
        self._poll_soon = poll_soon
        self._printers: Mapping[str, PolledPrinter] = {}
        self._socket = TrapSocket(traps.trap_listen, traps.trap_port or 0, self._receive)
        self._receiver: TrapReceiver | None = None
        self._resolving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen; where the port cannot be opened, as soon as it can be."""
        from collector.pysnmp_adapter.trap_receiver import TrapReceiver

        self._receiver = TrapReceiver(self._name, self._communities(), self._socket.send)
        await self._socket.open()

    @property
    def port(self) -> int:
        """The UDP port of the traps."""
        return self._socket.port

    def close(self) -> None:
        """Listen no more."""
        if self._resolving is not None:
            self._resolving.cancel()
        self._socket.close()
        if self._receiver is not None:
            self._receiver.close()

    def replace(self, printers: Printers) -> None:
        """Know these printers from now on; their names are looked up in the background, again and again."""
        if self._receiver is None:
            return
        self._printers = {printer.printer_id: printer for printer in printers}
        self.limiter.replace(literal_senders(printers))
        if self._resolving is not None:
            self._resolving.cancel()
        if any(not plain_address(printer.host) for printer in printers):
            resolving = repeat("names of printers", lambda: self._resolve(printers), _RESOLVE_SECONDS)
            self._resolving = asyncio.get_running_loop().create_task(resolving)

    def counters(self) -> dict[str, float]:
        """Return the counters for the heartbeat."""
        return {
            "traps": self.heard,
            "traps_unknown": self.limiter.unknown,
            "traps_dropped": self.limiter.dropped,
            "traps_refused": self.refused,
            "trap_pauses": self._socket.pauses,
            "trap_port_missing": float(self._socket.is_missing),
        }

    def _receive(self, data: bytes, address: tuple[Any, ...]) -> None:
        sender = plain_address(str(address[0]))
        printer_ids = self.limiter.admit(sender, asyncio.get_running_loop().time())
        if not printer_ids or self._receiver is None:
            return
        heard = self._receiver.hear(data, address, self._profiles(printer_ids))
        self.refused += heard is Trap.NOTHING
        if heard is Trap.TRAP:
            self.heard += 1
            for printer_id in printer_ids:
                log.debug("%s: a trap", printer_id)
                self._poll_soon(printer_id)

    def _profiles(self, printer_ids: tuple[str, ...]) -> Iterator[CredentialProfile]:
        """Yield those of these printers first, then all others."""
        for printer_id in printer_ids:
            profile = self._snmp.profile(self._printers[printer_id].profile)
            if profile is not None:
                yield profile
        yield from self._snmp.snmp_profiles.values()

    def _communities(self) -> Iterator[str]:
        yield self._settings.trap_community.get_secret_value()
        yield self._snmp.snmp_community.get_secret_value()
        for profile in self._snmp.snmp_profiles.values():
            if profile.version != "3":
                yield profile.community.get_secret_value()

    async def _resolve(self, printers: Printers) -> None:
        self.limiter.replace(await all_senders(printers))

"""The driver a collector uses: the one its settings name, and pysnmp for whatever only that can speak."""

from collections.abc import Mapping, Sequence

from collector.drivers.protocol import Agent, Response, SnmpDriver
from collector.drivers.wire import WireDriver
from core.runtime.settings import SnmpSettings


class Router:
    """Hands each agent to the driver that speaks its version."""

    def __init__(self, *, wire: bool) -> None:
        self._wire = WireDriver() if wire else None
        self._pysnmp: SnmpDriver | None = None

    @property
    def elsewhere(self) -> Mapping[str, str]:
        """Return the hosts whose answers come from another host, and which one that is."""
        return self._wire.elsewhere if self._wire is not None else {}

    async def start(self) -> None:
        """Make ready to ask."""
        if self._wire is not None:
            await self._wire.start()

    async def close(self) -> None:
        """Close every socket."""
        for driver in (self._wire, self._pysnmp):
            if driver is not None:
                await driver.close()

    async def get(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """Send a GET for exactly these objects."""
        return await self._driver(agent).get(agent, oids)

    async def get_next(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """Send a GETNEXT for the object after each of these."""
        return await self._driver(agent).get_next(agent, oids)

    async def get_bulk(
        self, agent: Agent, oids: Sequence[bytes], non_repeaters: int, max_repetitions: int
    ) -> Response:
        """Send a GETBULK for many rows at once."""
        return await self._driver(agent).get_bulk(agent, oids, non_repeaters, max_repetitions)

    def _driver(self, agent: Agent) -> SnmpDriver:
        if self._wire is not None and agent.spoken != "3":
            return self._wire
        if self._pysnmp is None:
            # Loaded for those who need it: it takes a second and many megabytes.
            from collector.pysnmp_adapter.driver import PysnmpDriver

            self._pysnmp = PysnmpDriver()
        return self._pysnmp


def make_driver(settings: SnmpSettings) -> Router:
    """Return the driver of a collector by its settings (SNMP_DRIVER)."""
    return Router(wire=settings.snmp_driver == "wire")

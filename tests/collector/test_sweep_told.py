"""The last message of a sweep: only one that has asked every address is done."""

import asyncio

import pytest

from collector.discovery import progress
from collector.discovery.progress import DiscoveryProgress
from collector.discovery.sweep import SweepRun
from collector.drivers.router import Router
from core.contract.discovery_messages import Discovered, DiscoverRequest
from core.domain.networks import Sweep
from core.runtime.settings import SnmpSettings
from tests.builders import NOW


class NoSockets(Router):
    """A driver on a machine that has no socket left."""

    async def start(self) -> None:
        raise OSError("too many open files")


class FailingSweep(SweepRun):
    """A sweep that fails after its first address."""

    async def run(self, sweep: Sweep) -> None:
        self.asked += 1
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fail())

    async def _fail(self) -> None:
        raise RuntimeError("nobody thought of this")


def last_message_of_a_failing_sweep() -> Discovered:
    told: list[Discovered] = []

    def tell(message: Discovered) -> bool:
        told.append(message)
        return True

    async def sweep() -> None:
        request = DiscoverRequest(id="s-1", requested_at=NOW, networks=("127.0.0.0/30",))
        sweeping = DiscoveryProgress(SnmpSettings(), "main", tell, every_seconds=0.01)
        await sweeping.sweep(request, *sweeping.check(request))

    with pytest.raises((OSError, ExceptionGroup)):
        asyncio.run(sweep())
    return told[-1]


def test_a_sweep_that_fails_on_its_way_is_stopped_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "SweepRun", FailingSweep)
    last = last_message_of_a_failing_sweep()
    assert (last.status, last.asked, last.addresses) == ("stopped", 1, 2)
    assert last.error == "The sweep failed: nobody thought of this."


def test_a_sweep_that_cannot_begin_is_stopped_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "make_driver", lambda _settings: NoSockets(wire=True))
    last = last_message_of_a_failing_sweep()
    assert (last.status, last.asked) == ("stopped", 0)
    assert last.error == "The sweep failed: too many open files."

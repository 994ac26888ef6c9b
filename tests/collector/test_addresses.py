"""Names of printers and their addresses: who is looked up, and how often."""

import asyncio
from dataclasses import replace
from typing import Any

from collector.drivers.addresses import Addresses
from tests.collector.in_memory import AGENT

CHECKS_SECONDS = 60.0


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock a test moves, and that counts what it looks up."""

    ahead = 0.0
    looked_up = 0

    def time(self) -> float:
        return super().time() + self.ahead

    async def getaddrinfo(self, *given: Any, **named: Any) -> Any:
        self.looked_up += 1
        return await super().getaddrinfo(*given, **named)


def test_a_name_is_looked_up_for_a_poll_and_not_for_each_status_check() -> None:
    async def checked() -> int:
        loop, addresses, agent = asyncio.get_running_loop(), Addresses(), replace(AGENT, host="localhost")
        assert isinstance(loop, Loop)
        for _ in range(5):
            await addresses.of(agent)
            loop.ahead += CHECKS_SECONDS
        looked_up = loop.looked_up
        addresses.forget(agent)  # nobody answered there
        await addresses.of(agent)
        assert loop.looked_up == looked_up + 1
        return looked_up

    with asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(checked()) == 1

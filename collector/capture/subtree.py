"""A bounded walk below an object: GETBULK where it is answered well, GETNEXT where not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from collector.drivers.protocol import Agent, NoAnswer, SnmpDriver, Varbind
from collector.poll.walk import first_answer
from core.contract.ber import EXCEPTION_TAGS, BerError, decode_arcs

_REPETITIONS: Final = 20


class SubtreeWalk:
    """Walks one agent, below one object after the other."""

    def __init__(self, driver: SnmpDriver, agent: Agent, most_objects: int) -> None:
        self.left = most_objects
        """How many more objects are read, all walks together."""
        self._driver = driver
        self._agent = agent
        self._bulk = True

    async def greet(self, below: bytes) -> None:
        """Find out which version the agent speaks; raises SnmpError where it does not answer."""
        version = (await first_answer(self._driver, self._agent, [below])).version
        self._agent = replace(self._agent, version=version)
        self._bulk = version != "1"

    async def below(self, root: bytes) -> list[Varbind]:
        """Return all below an object, in order; what an agent repeats or disorders ends the walk."""
        found: list[Varbind] = []
        last = root
        while self.left > 0:
            answer = await self._after(last)
            for varbind in answer:
                if not _is_next(varbind, root, last):
                    return found
                found.append(varbind)
                last = varbind.oid
                self.left -= 1
            if not answer:
                return found
        return found

    async def _after(self, last: bytes) -> Sequence[Varbind]:
        if self._bulk:
            try:
                response = await self._driver.get_bulk(self._agent, [last], 0, _REPETITIONS)
            except NoAnswer:
                response = None
            if response is not None and not response.error_status and response.varbinds:
                return response.varbinds[: self.left]
            self._bulk = False
        response = await self._driver.get_next(self._agent, [last])
        return () if response.error_status else response.varbinds[:1]


def _is_next(varbind: Varbind, root: bytes, last: bytes) -> bool:
    if varbind.tag in EXCEPTION_TAGS or not varbind.oid.startswith(root):
        return False
    try:
        return decode_arcs(varbind.oid) > decode_arcs(last)
    except BerError:
        return False

"""A driver without a network: its agent is an object of this process."""

from collections.abc import Sequence

from collector.drivers.protocol import Agent, NoAnswer, Response, Varbind
from core.contract import ber
from core.runtime.settings import CredentialProfile
from tests.collector.agents import GET, GET_BULK, GET_NEXT, FakeAgent, Request, Value

AGENT = Agent("192.0.2.1", 161, CredentialProfile(version="2c"), 1.0, 0)


class InMemory:
    """Asks a fake agent, and counts the questions."""

    def __init__(self, fake: FakeAgent) -> None:
        self.fake = fake
        self.questions = 0

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def get(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        return self._ask(GET, oids, 0, 0)

    async def get_next(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        return self._ask(GET_NEXT, oids, 0, 0)

    async def get_bulk(
        self, agent: Agent, oids: Sequence[bytes], non_repeaters: int, max_repetitions: int
    ) -> Response:
        return self._ask(GET_BULK, oids, non_repeaters, max_repetitions)

    def _ask(self, pdu: int, oids: Sequence[bytes], first: int, second: int) -> Response:
        self.questions += 1
        request = Request(1, b"", pdu, b"", first, second, [ber.decode_arcs(name) for name in oids])
        self.fake.requests = [request]
        reply = self.fake.reply(request)
        if reply is None:
            raise NoAnswer("silence")
        end: Value = (ber.END_OF_MIB_VIEW, b"")
        cells = [Varbind(ber.encode_arcs(name), *(value or end)) for name, value in reply.objects]
        return Response(reply.status, reply.at, cells)

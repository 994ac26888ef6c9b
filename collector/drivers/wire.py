"""Our own SNMP v1 and v2c driver: one asyncio UDP socket, requests patched into templates."""

import asyncio
import random
import socket
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from collector.drivers.addresses import Addresses
from collector.drivers.endpoint import Endpoint
from collector.drivers.message import (
    FIRST_ID,
    GET,
    GET_BULK,
    GET_NEXT,
    LAST_ID,
    Question,
    parse,
    template,
    version_number,
)
from collector.drivers.protocol import Agent, NoAnswer, Response, SnmpError, no_answer_sentence
from fleet.ber import BerError

# An answer that has not come by now no longer comes together with those asked for at the same time:
# its room in the receive buffer is free for others, so that silent printers hold nobody up.
_ROOM_SECONDS: Final = 0.25
_STOPPING: Final = "The collector is stopping: no more printers are asked."


class _Exchange:
    """A question under way: sent again until it is answered or out of attempts."""

    __slots__ = (
        "address",
        "answer",
        "endpoint",
        "holds_room",
        "packet",
        "question",
        "sends_left",
        "timer",
        "wait",
    )

    def __init__(
        self, question: Question, packet: bytes, endpoint: Endpoint, address: tuple[Any, ...]
    ) -> None:
        self.question = question
        self.packet = packet
        self.endpoint = endpoint
        self.address = address
        self.answer: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()
        self.timer: asyncio.TimerHandle | None = None
        self.sends_left = 0
        self.wait = 0.0
        self.holds_room = True


class WireDriver:
    """Asks v1 and v2c agents. The answer to a request id is taken from any address, but only once,
    only while it is waited for, and only with the version and community of the question."""

    def __init__(self) -> None:
        self._addresses = Addresses()
        self._endpoints: dict[socket.AddressFamily, Endpoint] = {}
        self._opening = asyncio.Lock()
        self._exchanges: dict[int, _Exchange] = {}
        self._queue: deque[asyncio.Future[None]] = deque()
        self._under_way = 0
        self._room = 0
        self._next_id = random.SystemRandom().randint(FIRST_ID, LAST_ID)
        self._closed = False

    async def start(self) -> None:
        """Open the IPv4 socket; that of IPv6 follows with the first such printer."""
        await self._endpoint(socket.AF_INET)

    async def close(self) -> None:
        """Close the sockets; whoever waits gets NoAnswer."""
        self._closed = True
        for endpoint in self._endpoints.values():
            endpoint.close()
        for exchange in list(self._exchanges.values()):
            _settle(exchange, None)
        for waiting in self._queue:
            if not waiting.done():
                waiting.set_exception(NoAnswer(_STOPPING))

    async def get(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """GET: exactly these objects."""
        return await self._ask(agent, GET, oids, (0, 0))

    async def get_next(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """GETNEXT: the object after each of these."""
        return await self._ask(agent, GET_NEXT, oids, (0, 0))

    async def get_bulk(
        self, agent: Agent, oids: Sequence[bytes], non_repeaters: int, max_repetitions: int
    ) -> Response:
        """GETBULK; version 1 does not have it."""
        return await self._ask(agent, GET_BULK, oids, (non_repeaters, max_repetitions))

    async def _ask(self, agent: Agent, pdu: int, oids: Sequence[bytes], numbers: tuple[int, int]) -> Response:
        version = agent.spoken
        if version == "3":
            raise SnmpError(f"{agent.address}: this driver speaks SNMP v1 and v2c; v3 needs the other one.")
        community = agent.profile.community.get_secret_value().encode()
        question = Question(version, community, pdu, *numbers, tuple(oids))
        family, address = await self._addresses.of(agent)
        endpoint = await self._endpoint(family)
        await self._take_room()
        response = await self._exchange(question, agent, endpoint, address)
        if response is None:
            self._addresses.forget(agent)
            raise NoAnswer(no_answer_sentence(agent))
        return response

    async def _exchange(
        self, question: Question, agent: Agent, endpoint: Endpoint, address: tuple[Any, ...]
    ) -> Response | None:
        request_id = self._free_id()
        before, after = template(question)
        packet = before + request_id.to_bytes(4, "big") + after
        exchange = _Exchange(question, packet, endpoint, address)
        exchange.sends_left, exchange.wait = agent.retries, agent.timeout_seconds
        self._exchanges[request_id] = exchange
        try:
            endpoint.send(packet, address)
            loop = asyncio.get_running_loop()
            deadline = loop.time() + exchange.wait
            room_until = min(deadline, loop.time() + _ROOM_SECONDS)
            exchange.timer = loop.call_at(room_until, partial(self._no_answer_yet, exchange, deadline))
            return await exchange.answer
        finally:
            del self._exchanges[request_id]
            if exchange.timer is not None:
                exchange.timer.cancel()
            self._give_room(exchange)

    def _no_answer_yet(self, exchange: _Exchange, deadline: float) -> None:
        """Time has passed: give the room back, then send again at each deadline while attempts are left."""
        self._give_room(exchange)
        loop = asyncio.get_running_loop()
        if loop.time() >= deadline - 1e-3:
            if not exchange.sends_left:
                _settle(exchange, None)
                return
            exchange.sends_left -= 1
            exchange.endpoint.send(exchange.packet, exchange.address)
            deadline = loop.time() + exchange.wait
        exchange.timer = loop.call_at(deadline, partial(self._no_answer_yet, exchange, deadline))

    def _received(self, data: bytes) -> None:
        try:
            request_id, version, community, response = parse(data)
        except BerError:
            return
        exchange = self._exchanges.get(request_id)
        if exchange is None:
            return
        question = exchange.question
        if community == question.community and version == version_number(question.version):
            _settle(exchange, response)

    def _free_id(self) -> int:
        while True:
            self._next_id = FIRST_ID if self._next_id >= LAST_ID else self._next_id + 1
            if self._next_id not in self._exchanges:
                return self._next_id

    async def _endpoint(self, family: socket.AddressFamily) -> Endpoint:
        endpoint = self._endpoints.get(family)
        if endpoint is not None:
            return endpoint
        async with self._opening:
            if family not in self._endpoints:
                endpoint = Endpoint(family, self._received)
                try:
                    await endpoint.open()
                except OSError as error:
                    raise SnmpError(
                        f"This machine opens no {family.name} socket to ask with: {error}."
                    ) from error
                self._endpoints[family] = endpoint
                self._room = min(known.answers_at_once for known in self._endpoints.values())
            return self._endpoints[family]

    async def _take_room(self) -> None:
        """Wait until one more answer fits into the receive buffer."""
        if self._closed:
            raise NoAnswer(_STOPPING)
        if self._under_way < self._room:
            self._under_way += 1
            return
        waiting = asyncio.get_running_loop().create_future()
        self._queue.append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled() and waiting.exception() is None:
                self._pass_room_on()
            raise

    def _give_room(self, exchange: _Exchange) -> None:
        if exchange.holds_room:
            exchange.holds_room = False
            self._pass_room_on()

    def _pass_room_on(self) -> None:
        while self._queue:
            waiting = self._queue.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self._under_way -= 1


def _settle(exchange: _Exchange, response: Response | None) -> None:
    if not exchange.answer.done():
        exchange.answer.set_result(response)

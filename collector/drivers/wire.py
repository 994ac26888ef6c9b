"""Our own SNMP v1 and v2c driver: one asyncio UDP socket, requests patched into templates."""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from collector.drivers.addresses import Addresses
from collector.drivers.endpoint import Endpoint
from collector.drivers.message import (
    GET,
    GET_BULK,
    GET_NEXT,
    SnmpQuestion,
    parse,
    template,
    version_number,
)
from collector.drivers.protocol import Agent, NoAnswer, Response, SnmpError, no_answer_sentence
from collector.drivers.request_ids import RequestIds
from core.contract.ber import BerError

# An answer that has not come by now no longer comes together with those asked for at the same time:
# its room in the receive buffer is free for others, so that silent printers hold nobody up.
_ROOM_SECONDS: Final = 0.25
_STOPPING: Final = "The collector is stopping: no more printers are asked."
_MOST_ELSEWHERE: Final = 10_000

log = logging.getLogger(__name__)


class _Exchange:
    """A question under way: sent again until it is answered or out of attempts."""

    __slots__ = (
        "address",
        "answer",
        "endpoint",
        "holds_room",
        "packet",
        "question",
        "request_id",
        "sends_left",
        "suspect",
        "timer",
        "wait",
    )

    def __init__(
        self, question: SnmpQuestion, request_id: int, endpoint: Endpoint, address: tuple[Any, ...]
    ) -> None:
        self.question = question
        self.number(request_id)
        self.suspect = ""
        """The host that answered although another was asked; it has to do so once more."""
        self.endpoint = endpoint
        self.address = address
        self.answer: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()
        self.timer: asyncio.TimerHandle | None = None
        self.sends_left = 0
        self.wait = 0.0
        self.holds_room = True

    def number(self, request_id: int) -> None:
        """Ask by this id from now on."""
        before, after = template(self.question)
        self.request_id = request_id
        self.packet = before + request_id.to_bytes(4, "big") + after


class WireDriver:
    """Asks v1 and v2c agents.

    An answer is taken once, while it is waited for, with the id, version and community of the question,
    and from the address that was asked. v1 and v2c have no other protection against forgery.

    Some printers answer from another of their addresses. Such an answer is not taken: the question is
    asked again by a fresh id, and who answers that one, too, has seen both questions. From then on
    answers of that host are taken for the address that was asked.
    """

    def __init__(self) -> None:
        self.elsewhere: dict[str, str] = {}
        """Hosts whose answers come from another host: which one."""
        self._addresses = Addresses()
        self._endpoints: dict[socket.AddressFamily, Endpoint] = {}
        self._opening = asyncio.Lock()
        self._exchanges: dict[int, _Exchange] = {}
        self._queue: deque[asyncio.Future[None]] = deque()
        self._under_way = 0
        self._room = 0
        self._draw_id = RequestIds()
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
        """Send a GET for exactly these objects."""
        return await self._ask(agent, GET, oids, (0, 0))

    async def get_next(self, agent: Agent, oids: Sequence[bytes]) -> Response:
        """Send a GETNEXT for the object after each of these."""
        return await self._ask(agent, GET_NEXT, oids, (0, 0))

    async def get_bulk(
        self, agent: Agent, oids: Sequence[bytes], non_repeaters: int, max_repetitions: int
    ) -> Response:
        """Send a GETBULK; version 1 does not have it."""
        return await self._ask(agent, GET_BULK, oids, (non_repeaters, max_repetitions))

    async def _ask(self, agent: Agent, pdu: int, oids: Sequence[bytes], numbers: tuple[int, int]) -> Response:
        version = agent.spoken
        if version == "3":
            raise SnmpError(f"{agent.address}: this driver speaks SNMP v1 and v2c; v3 needs the other one.")
        community = agent.profile.community.get_secret_value().encode()
        question = SnmpQuestion(version, community, pdu, *numbers, tuple(oids))
        family, address = await self._addresses.of(agent)
        endpoint = await self._endpoint(family)
        await self._take_room()
        response = await self._exchange(question, agent, endpoint, address)
        if response is None:
            self._addresses.forget(agent)
            raise NoAnswer(no_answer_sentence(agent))
        return response

    async def _exchange(
        self, question: SnmpQuestion, agent: Agent, endpoint: Endpoint, address: tuple[Any, ...]
    ) -> Response | None:
        exchange = _Exchange(question, self._free_id(), endpoint, address)
        exchange.sends_left, exchange.wait = agent.retries, agent.timeout_seconds
        self._exchanges[exchange.request_id] = exchange
        try:
            endpoint.send(exchange.packet, address)
            loop = asyncio.get_running_loop()
            deadline = loop.time() + exchange.wait
            room_until = min(deadline, loop.time() + _ROOM_SECONDS)
            exchange.timer = loop.call_at(room_until, partial(self._no_answer_yet, exchange, deadline))
            return await exchange.answer
        finally:
            del self._exchanges[exchange.request_id]
            if exchange.timer is not None:
                exchange.timer.cancel()
            self._give_room(exchange)

    def _no_answer_yet(self, exchange: _Exchange, deadline: float) -> None:
        """Free the slot of a silent exchange, then send again at each deadline while attempts are left."""
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

    def _received(self, data: bytes, source: tuple[Any, ...]) -> None:
        try:
            request_id, version, community, response = parse(data)
        except BerError:
            return
        exchange = self._exchanges.get(request_id)
        if exchange is None:
            return
        question = exchange.question
        if community != question.community or version != version_number(question.version):
            return
        # Flow label and scope of IPv6 may differ between question and answer.
        is_asked = source == exchange.address or source[:2] == exchange.address[:2]
        if is_asked or self._may_answer(exchange, str(source[0])):
            _settle(exchange, response)

    def _may_answer(self, exchange: _Exchange, host: str) -> bool:
        """Return whether an answer with the right id is taken from a host that was not asked."""
        asked = str(exchange.address[0])
        if self.elsewhere.get(asked) == host:
            return True
        if exchange.suspect == host:
            if len(self.elsewhere) >= _MOST_ELSEWHERE:
                self.elsewhere.clear()
            self.elsewhere[asked] = host
            log.warning("%s answers from %s: its answers are taken from there, too", asked, host)
            return True
        if not exchange.suspect:
            exchange.suspect = host
            del self._exchanges[exchange.request_id]
            exchange.number(self._free_id())
            self._exchanges[exchange.request_id] = exchange
            exchange.endpoint.send(exchange.packet, exchange.address)
        return False

    def _free_id(self) -> int:
        while (drawn := self._draw_id()) in self._exchanges:
            pass
        return drawn

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

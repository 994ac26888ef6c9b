"""The wire driver over real sockets, with agents that do everything they should not."""

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from collector.drivers.endpoint import Endpoint
from collector.drivers.protocol import Agent, NoAnswer, Response, SnmpError
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, poll
from core.contract.ber import encode_oid
from core.runtime.settings import CredentialProfile
from tests.brokers import free_port
from tests.collector.agents import (
    FakeAgent,
    Reply,
    Request,
    number,
    read_request,
    small_printer,
    text,
    write_reply,
)
from tests.collector.polling import run

SYS_DESCR = encode_oid("1.3.6.1.2.1.1.1.0")
UPTIME = encode_oid("1.3.6.1.2.1.1.3.0")


def asked_of(fake: FakeAgent, *, timeout: float = 0.3, retries: int = 0) -> Response:
    """The answer to one GET."""
    answers: list[Response] = []

    async def work(driver: WireDriver) -> None:
        async with fake:
            answers.append(await driver.get(fake.agent(timeout=timeout, retries=retries), [SYS_DESCR]))

    run(work)
    return answers[0]


def assert_right(response: Response) -> None:
    assert [varbind.value for varbind in response.varbinds] == [b"Laser 1"]


class Disturbing(FakeAgent):
    """Sends what it should not before, and nothing but, the right answer."""

    def __init__(self, disturbance: Callable[[Request, Reply], list[bytes]]) -> None:
        super().__init__(small_printer())
        self.disturbance = disturbance

    def datagrams(self, request: Request) -> list[bytes]:
        reply = self.reply(request)
        assert reply is not None
        lie = Reply(0, 0, [(name, number(666)) for name, _ in reply.objects])
        return [*self.disturbance(request, lie), write_reply(request, reply)]


def other_id(request: Request, lie: Reply) -> list[bytes]:
    number_of = int.from_bytes(request.request_id, "big")
    return [write_reply(request, lie, request_id=(number_of + step).to_bytes(4, "big")) for step in (-1, 1)]


def other_community(request: Request, lie: Reply) -> list[bytes]:
    return [write_reply(request._replace(community=b"private"), lie)]


def other_version(request: Request, lie: Reply) -> list[bytes]:
    return [write_reply(request._replace(version=0), lie)]


def garbage(request: Request, lie: Reply) -> list[bytes]:
    source = random.Random(int.from_bytes(request.request_id, "big"))
    right = write_reply(request, lie)
    cut = [right[:size] for size in range(0, len(right), 3)]
    return [b"", b"\0" * 1400, *(source.randbytes(source.randint(1, 1400)) for _ in range(30)), *cut]


@pytest.mark.parametrize("disturbance", [other_id, other_community, other_version, garbage])
def test_what_is_not_the_answer_is_ignored(disturbance: Callable[[Request, Reply], list[bytes]]) -> None:
    assert_right(asked_of(Disturbing(disturbance)))


def test_nothing_but_garbage_is_no_answer() -> None:
    class Noise(Disturbing):
        def datagrams(self, request: Request) -> list[bytes]:
            return super().datagrams(request)[:-1]

    with pytest.raises(NoAnswer):
        asked_of(Noise(garbage), timeout=0.05)


def test_an_answer_said_twice_is_taken_once() -> None:
    class Twice(FakeAgent):
        def datagrams(self, request: Request) -> list[bytes]:
            return super().datagrams(request) * 3

    assert_right(asked_of(Twice(small_printer())))


def test_a_lost_question_is_sent_again_with_the_same_id() -> None:
    class Lossy(FakeAgent):
        def datagrams(self, request: Request) -> list[bytes]:
            return super().datagrams(request) if len(self.requests) == 3 else []

    fake = Lossy(small_printer())
    assert_right(asked_of(fake, timeout=0.5, retries=2))
    assert len({request.request_id for request in fake.requests}) == 1


def test_an_answer_after_the_deadline_is_ignored_and_harms_nobody() -> None:
    class Late(FakeAgent):
        """Answers each question when the next one comes."""

        held: bytes = b""

        def datagrams(self, request: Request) -> list[bytes]:
            before, self.held = self.held, super().datagrams(request)[0]
            return [before] if before else []

    async def work(driver: WireDriver) -> None:
        async with Late(small_printer()) as fake:
            for _ in range(3):
                with pytest.raises(NoAnswer):
                    await driver.get(fake.agent(timeout=0.05), [SYS_DESCR])

    run(work)


class Detour(FakeAgent):
    """Answers from another address of this machine than it is asked at."""

    host = "127.0.0.2"

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        request = read_request(data)
        self.requests.append(request)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind((self.host, 0))
            for datagram in self.datagrams(request):
                other.sendto(datagram, addr)


def test_a_printer_that_answers_from_another_address_is_believed_once_it_has_answered_two_ids(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def work(driver: WireDriver) -> None:
        async with Detour(small_printer()) as fake:
            assert_right(await driver.get(fake.agent(timeout=5), [SYS_DESCR]))
            assert len({request.request_id for request in fake.requests}) == 2
            assert_right(await driver.get(fake.agent(timeout=5), [SYS_DESCR]))
            assert len(fake.requests) == 3
        assert driver.elsewhere == {"127.0.0.1": "127.0.0.2"}

    run(work)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == [
        "127.0.0.1 answers from 127.0.0.2: its answers are taken from there, too"
    ]


def test_one_answer_of_a_stranger_that_has_the_right_id_is_not_taken() -> None:
    class Guessed(Detour):
        """A stranger who guesses the first id; the printer itself answers every question late."""

        def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
            request = read_request(data)
            lie = Reply(0, 0, [(request.oids[0], text("a lie"))])
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.bind((self.host, 0))
                if not self.requests:
                    other.sendto(write_reply(request, lie), addr)
            FakeAgent.datagram_received(self, data, addr) if self.requests else self.requests.append(request)

    async def work(driver: WireDriver) -> None:
        async with Guessed(small_printer()) as fake:
            assert_right(await driver.get(fake.agent(timeout=5), [SYS_DESCR]))
        assert driver.elsewhere == {}

    run(work)


def test_a_closed_port_is_no_answer_and_leaves_the_socket_alive() -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer()) as fake:
            closed = free_port(socket.SOCK_DGRAM)
            for _ in range(3):
                with pytest.raises(NoAnswer):
                    await driver.get(replace(fake.agent(timeout=0.02), port=closed), [SYS_DESCR])
                assert_right(await driver.get(fake.agent(), [SYS_DESCR]))

    run(work)


def test_hundreds_of_questions_at_once_are_all_answered() -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer()) as fake:
            agent = fake.agent(timeout=5, retries=5)
            answers = await asyncio.gather(*(driver.get(agent, [SYS_DESCR, UPTIME]) for _ in range(700)))
            assert all(len(answer.varbinds) == 2 for answer in answers)
            assert len({request.request_id for request in fake.requests}) == 700

    run(work)


def test_no_more_is_asked_than_the_receive_buffer_holds() -> None:
    asking: list[asyncio.Task[Response]] = []
    under_way: list[int] = []

    class Counting(FakeAgent):
        def datagrams(self, request: Request) -> list[bytes]:
            under_way.append(len(self.requests) - sum(task.done() for task in asking))
            return []

    async def work(driver: WireDriver) -> None:
        driver._room = 5
        async with Counting(small_printer()) as fake:
            agent = fake.agent(timeout=0.1)
            asking.extend(asyncio.create_task(driver.get(agent, [SYS_DESCR])) for _ in range(20))
            done = await asyncio.gather(*asking, return_exceptions=True)
            assert all(isinstance(answer, NoAnswer) for answer in done)
            assert (driver._under_way, driver._exchanges) == (0, {})

    run(work)
    assert (max(under_way), len(under_way)) == (5, 20)


def test_silent_printers_do_not_hold_up_the_others() -> None:
    async def work(driver: WireDriver) -> None:
        driver._room = 4
        async with FakeAgent(small_printer()) as fake, FakeAgent({}, versions=[]) as silent:
            waiting = [
                asyncio.create_task(driver.get(silent.agent(timeout=30), [SYS_DESCR])) for _ in range(8)
            ]
            answer = await asyncio.wait_for(driver.get(fake.agent(timeout=5), [SYS_DESCR]), 25)
            assert_right(answer)
            assert not any(task.done() for task in waiting)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            assert driver._under_way == 0

    run(work)


def test_who_waits_when_the_driver_is_closed_gets_no_answer() -> None:
    async def work(driver: WireDriver) -> None:
        driver._room = 1
        async with FakeAgent({}, versions=[]) as silent:
            asking = [
                asyncio.create_task(driver.get(silent.agent(timeout=30), [SYS_DESCR])) for _ in range(3)
            ]
            await asyncio.sleep(0.01)
            await driver.close()
            done = await asyncio.gather(*asking, return_exceptions=True)
            assert all(isinstance(answer, NoAnswer) for answer in done)

    run(work)


def test_a_cancelled_question_leaves_nothing_behind() -> None:
    async def work(driver: WireDriver) -> None:
        driver._room = 1
        async with FakeAgent({}, versions=[]) as silent:
            asking = [
                asyncio.create_task(driver.get(silent.agent(timeout=30), [SYS_DESCR])) for _ in range(3)
            ]
            await asyncio.sleep(0.01)
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
            assert (driver._under_way, driver._exchanges) == (0, {})

    run(work)


def test_a_socket_that_is_replaced_goes_on_answering() -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer()) as fake:
            driver._endpoints[socket.AF_INET].reopen()
            assert_right(await driver.get(fake.agent(timeout=0.2, retries=5), [SYS_DESCR]))

    run(work)


def test_a_printer_of_ipv6_is_asked_too() -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")

    async def work(driver: WireDriver) -> None:
        fake = FakeAgent(small_printer())
        loop = asyncio.get_running_loop()
        fake.transport, _ = await loop.create_datagram_endpoint(lambda: fake, local_addr=("::1", 0))
        agent = replace(fake.agent(timeout=5), host="::1")
        assert_right(await driver.get(agent, [SYS_DESCR]))
        assert agent.address == f"[::1]:{agent.port}"
        fake.transport.close()

    run(work)


def test_a_host_name_is_looked_up() -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer()) as fake:
            assert_right(await driver.get(replace(fake.agent(timeout=5), host="127.0.0.1"), [SYS_DESCR]))
            result = await poll(driver, replace(fake.agent(timeout=0.2), host="localhost"), Capabilities())
            assert result.error is None or "localhost" in result.error

    run(work)


def test_version_3_is_left_to_the_other_driver() -> None:
    async def work(driver: WireDriver) -> None:
        agent = Agent("127.0.0.1", 161, CredentialProfile(version="3", user="someone"))
        with pytest.raises(SnmpError, match="v3"):
            await driver.get(agent, [SYS_DESCR])

    run(work)


def test_the_receive_buffer_that_was_granted_bounds_what_is_in_flight() -> None:
    async def main() -> int:
        endpoint = Endpoint(socket.AF_INET, lambda data, source: None)
        await endpoint.open()
        endpoint.close()
        return endpoint.answers_at_once

    assert 8 <= asyncio.run(main()) <= 1000


def test_polls_of_a_hostile_agent_always_end_with_a_result() -> None:
    class Hostile(FakeAgent):
        source = random.Random(7)

        def datagrams(self, request: Request) -> list[bytes]:
            good = bytearray(b"".join(super().datagrams(request)))
            for _ in range(self.source.choice([0, 0, 1, 2])):
                good[self.source.randrange(len(good))] = self.source.randrange(256)
            cut = len(good) if self.source.random() < 0.9 else self.source.randrange(len(good))
            return [bytes(good[:cut])]

    async def work(driver: WireDriver) -> None:
        async with Hostile(small_printer()) as fake:
            capabilities = Capabilities()
            for _ in range(40):
                result = await poll(driver, fake.agent(timeout=0.01), capabilities)
                capabilities = Capabilities.from_json(result.capabilities.to_json())
                assert result.reachable or result.error

    run(work)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True

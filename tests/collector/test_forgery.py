"""A printer that is asked itself forges the answers of others: no driver believes it."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from collector.drivers.protocol import Agent, NoAnswer, SnmpDriver
from collector.drivers.request_ids import FIRST_ID, LAST_ID, RequestIds
from collector.drivers.wire import WireDriver
from collector.pysnmp_adapter.driver import PysnmpDriver
from core.contract.ber import encode_oid
from core.runtime.settings import CredentialProfile
from tests.collector.agents import FakeAgent, Reply, small_printer, text, write_reply

SYS_DESCR = encode_oid("1.3.6.1.2.1.1.1.0")
ROUNDS = 10
GUESSES = 200


class Forger(FakeAgent):
    """Knows the last id it was asked by, and answers those that come after it."""

    asker: tuple[Any, ...] = ()

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self.asker = addr
        super().datagram_received(data, addr)

    def forge(self) -> None:
        """Answer every question that may have been asked since."""
        last = self.requests[-1]
        seen = int.from_bytes(last.request_id, "big")
        lie = Reply(0, 0, [(last.oids[0], text("a lie"))])
        assert self.transport is not None
        for step in range(1, GUESSES):
            following = (seen + step) % (LAST_ID + 1)
            octets = following.to_bytes(max(1, (following.bit_length() + 8) // 8), "big")
            self.transport.sendto(write_reply(last, lie, request_id=octets), self.asker)


@pytest.mark.parametrize("make_driver", [WireDriver, PysnmpDriver])
@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_printer_cannot_answer_what_another_one_is_asked(
    make_driver: Callable[[], SnmpDriver], version: str
) -> None:
    async def main() -> list[object]:
        driver = make_driver()
        await driver.start()
        outcomes: list[object] = []
        forger = Forger(small_printer())
        async with forger, FakeAgent({}, versions=[]) as silent:
            for _ in range(ROUNDS):
                await driver.get(forger.agent(timeout=5, version=version), [SYS_DESCR])
                question = asyncio.create_task(
                    driver.get(silent.agent(timeout=0.1, version=version), [SYS_DESCR])
                )
                while not question.done():
                    forger.forge()
                    await asyncio.sleep(0.02)
                outcomes += await asyncio.gather(question, return_exceptions=True)
        await driver.close()
        return outcomes

    outcomes = asyncio.run(main())
    assert [type(outcome) for outcome in outcomes] == [NoAnswer] * ROUNDS


def test_the_right_id_from_an_address_that_is_not_asked_is_no_answer_to_pysnmp() -> None:
    class Elsewhere(FakeAgent):
        """Answers from another port."""

        def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
            self.transport, own = self.other, self.transport
            super().datagram_received(data, addr)
            self.transport = own

        other: Any = None

    async def main() -> None:
        driver = PysnmpDriver()
        fake = Elsewhere(small_printer())
        async with fake, FakeAgent({}) as other:
            fake.other = other.transport
            with pytest.raises(NoAnswer):
                await driver.get(fake.agent(timeout=0.2), [SYS_DESCR])
            assert fake.requests
        await driver.close()

    asyncio.run(main())


def test_without_authentication_v3_ids_are_random_and_addresses_are_checked_too() -> None:
    async def main() -> None:
        driver = PysnmpDriver()
        agent = Agent("127.0.0.1", 9, CredentialProfile(version="3", user="someone"), 0.1, 0)
        with pytest.raises(NoAnswer):
            await driver.get(agent, [SYS_DESCR])
        [session] = driver._sessions.values()
        assert session.asked == {}
        models = session.engine.message_processing_subsystems.values()
        drawn = [model._cache.new_message_id() for model in models for _ in range(3)]
        assert len(set(drawn)) == len(drawn)
        assert max(abs(one - other) for one in drawn for other in drawn) > GUESSES * len(drawn)
        await driver.close()

    asyncio.run(main())


def test_request_ids_have_four_octets_and_do_not_follow_each_other() -> None:
    draw = RequestIds()
    drawn = [draw() for _ in range(5000)]
    assert FIRST_ID <= min(drawn) < max(drawn) <= LAST_ID
    steps = [after - before for before, after in pairwise(drawn)]
    assert len(set(steps)) > len(steps) * 0.99
    assert sum(abs(step) < GUESSES for step in steps) < len(steps) * 0.01

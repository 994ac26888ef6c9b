"""The pysnmp driver: SNMPv3 with every protocol, and a clear sentence for what is refused."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.drivers.protocol import Agent, NoAnswer
from collector.drivers.router import make_driver
from collector.poll import Capabilities, PollResult, poll
from collector.pysnmp_adapter.driver import PysnmpDriver
from core.contract.ber import encode_oid
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import CredentialProfile, SnmpSettings
from tests.brokers import free_port
from tests.collector.agents import FakeAgent, Request, small_printer
from tests.collector.servers import AUTH_PASSWORD, PRIV_PASSWORD, USERS, snmpd

SYS_DESCR = encode_oid("1.3.6.1.2.1.1.1.0")


@pytest.fixture(scope="module")
def net_snmp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with snmpd(tmp_path_factory.mktemp("snmpd")) as port:
        yield port


def profile_of(name: str, **changes: Any) -> CredentialProfile:
    auth, privacy = (protocol and protocol.replace("-", "") for protocol in USERS[name])
    values: dict[str, Any] = {
        "version": "3",
        "user": name,
        "auth_protocol": auth,
        "auth_password": AUTH_PASSWORD,
        "priv_protocol": privacy,
        "priv_password": PRIV_PASSWORD if privacy else None,
    }
    return CredentialProfile.model_validate(values | changes)


def asked(port: int, *profiles: CredentialProfile) -> list[PollResult]:
    """What a collector finds with each of these profiles, one after the other, at the same agent."""

    async def main() -> list[PollResult]:
        driver = make_driver(SnmpSettings())
        await driver.start()
        found = []
        for profile in profiles:
            found.append(await poll(driver, Agent("127.0.0.1", port, profile, 0.7, 0), Capabilities()))
        await driver.close()
        return found

    return asyncio.run(main())


@pytest.mark.parametrize("name", USERS)
def test_every_protocol_of_version_3_reads_the_printer(net_snmp: int, name: str) -> None:
    [result] = asked(net_snmp, profile_of(name))
    assert (result.reachable, result.error) == (True, None)
    assert result.capabilities.version == "3"
    assert result.varbinds[f"{COLUMN_OID['prtMarkerSuppliesLevel']}.7.1"] == -3
    assert result.tables["alerts"] == "complete"


@pytest.mark.parametrize(
    ("profile", "sentence"),
    [
        (profile_of("md5", user="nobody"), "does not know the SNMPv3 user 'nobody'"),
        (profile_of("md5", auth_password="wrongwrong"), "refused the authentication password"),
        (profile_of("md5", auth_protocol="SHA"), "refused the authentication password"),
        (profile_of("shades", priv_password="wrongwrong"), "answers SNMPv3, but nothing that user 'shades'"),
        (profile_of("sha512aes", priv_protocol=None, priv_password=None), "may not read anything"),
        (profile_of("md5", auth_protocol=None, auth_password=None), "may not read anything"),
        (profile_of("md5", context="elsewhere"), "or the context, is another one"),
    ],
)
def test_wrong_credentials_are_told_in_a_sentence(
    net_snmp: int, profile: CredentialProfile, sentence: str
) -> None:
    [result] = asked(net_snmp, profile)
    assert not result.reachable
    assert result.error is not None
    assert sentence in result.error
    assert AUTH_PASSWORD not in result.error


def test_an_agent_that_has_answered_and_is_off_now_is_not_said_to_refuse(tmp_path: Path) -> None:
    profile, driver = profile_of("sha256aes"), make_driver(SnmpSettings())
    port = free_port(socket.SOCK_DGRAM)
    agent = Agent("127.0.0.1", port, profile, 0.5, 0)

    async def main() -> None:
        with snmpd(tmp_path, port):
            assert (await poll(driver, replace(agent, timeout_seconds=2.0), Capabilities())).reachable
        result = await poll(driver, agent, Capabilities())
        assert result.error is not None
        assert "it is off or out of reach" in result.error
        await driver.close()

    asyncio.run(main())


def test_an_agent_that_was_started_anew_is_read_whatever_it_remembers(tmp_path: Path) -> None:
    """Its engine time begins anew; its count of starts has risen, or, where it forgets it, fallen."""
    profile, driver = profile_of("sha256aes"), make_driver(SnmpSettings())
    port = free_port(socket.SOCK_DGRAM)

    async def main() -> None:
        for memory in ("kept", "kept", "kept", "lost"):
            with snmpd(tmp_path, port, memory):
                result = await poll(driver, Agent("127.0.0.1", port, profile, 2.0, 1), Capabilities())
                assert (result.reachable, result.error) == (True, None), memory
        await driver.close()

    asyncio.run(main())


def test_two_profiles_with_the_same_user_name_do_not_disturb_each_other(net_snmp: int) -> None:
    right, wrong = profile_of("md5"), profile_of("md5", auth_password="wrongwrong")
    results = asked(net_snmp, right, wrong, right)
    assert [result.reachable for result in results] == [True, False, True]


def test_a_dead_agent_is_no_answer_and_the_next_question_works(net_snmp: int) -> None:
    async def main() -> None:
        driver = PysnmpDriver()
        profile = profile_of("md5")
        with pytest.raises(NoAnswer):
            await driver.get(Agent("127.0.0.1", free_port(socket.SOCK_DGRAM), profile, 0.2, 0), [SYS_DESCR])
        answer = await driver.get(Agent("127.0.0.1", net_snmp, profile, 2.0, 1), [SYS_DESCR])
        assert answer.varbinds[0].value == b"Laser 1"
        await driver.close()

    asyncio.run(main())


def test_an_engine_that_hears_nothing_for_long_is_replaced() -> None:
    async def main() -> None:
        driver = PysnmpDriver()
        async with FakeAgent(small_printer()) as fake, FakeAgent({}, versions=[]) as silent:
            engines = set()
            for _ in range(2):
                agent = silent.agent(timeout=0.05)
                questions = [driver.get(agent, [SYS_DESCR]) for _ in range(20)]
                done = await asyncio.gather(*questions, return_exceptions=True)
                assert all(isinstance(answer, NoAnswer) for answer in done)
                answer = await driver.get(fake.agent(timeout=2), [SYS_DESCR])
                assert answer.varbinds[0].value == b"Laser 1"
                engines |= {id(session.engine) for session in driver._sessions.values()}
            assert len(engines) == 2
        await driver.close()

    asyncio.run(main())


def test_garbage_is_ignored_by_this_driver_too() -> None:
    class Noisy(FakeAgent):
        def datagrams(self, request: Request) -> list[bytes]:
            return [b"", b"\x30\x80", bytes(600), b"\xff" * 100, *super().datagrams(request)]

    troubles: list[object] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: troubles.append(context))
        driver = make_driver(SnmpSettings(snmp_driver="pysnmp"))
        await driver.start()
        async with Noisy(small_printer()) as fake:
            answer = await driver.get(fake.agent(timeout=2), [SYS_DESCR])
            assert answer.varbinds[0].value == b"Laser 1"
        await driver.close()

    asyncio.run(main())
    assert troubles == []

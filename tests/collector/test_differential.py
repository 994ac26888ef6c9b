"""Both drivers ask the same agents and find the same: recordings of real printers, Net-SNMP's snmpd."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.drivers.protocol import Agent, SnmpDriver
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult, poll
from collector.poll.vendor import HOUR_SECONDS
from collector.pysnmp_adapter.driver import PysnmpDriver
from core.contract.messages import VarbindValue
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import CredentialProfile
from tests.collector.agents import FakeAgent, small_printer
from tests.collector.servers import RECORDINGS, fleet_of_recordings, snmpd

VERSIONS = [CredentialProfile(version="1"), CredentialProfile(version="2c"), CredentialProfile()]
UPTIME = f"{COLUMN_OID['sysUpTime']}.0"


@pytest.fixture(scope="module")
def recordings() -> Iterator[int]:
    with fleet_of_recordings() as port:
        yield port


@pytest.fixture(scope="module")
def net_snmp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with snmpd(tmp_path_factory.mktemp("snmpd")) as port:
        yield port


async def asked_twice(driver: SnmpDriver, agent: Agent) -> tuple[PollResult, PollResult]:
    """A first poll, and one an hour later that knows what the first has learnt."""
    first = await poll(driver, agent, Capabilities(), now=HOUR_SECONDS)
    return first, await poll(driver, agent, first.capabilities, now=2 * HOUR_SECONDS)


def asked_by_both(agents: list[Agent]) -> list[list[PollResult]]:
    """Two polls of each driver for each agent."""

    async def main() -> list[list[PollResult]]:
        drivers: list[SnmpDriver] = [WireDriver(), PysnmpDriver()]
        results = []
        for driver in drivers:
            await driver.start()
        for agent in agents:
            results.append([found for driver in drivers for found in await asked_twice(driver, agent)])
        for driver in drivers:
            await driver.close()
        return results

    return asyncio.run(main())


def timeless(result: PollResult) -> dict[str, VarbindValue]:
    """All varbinds but the one that never stands still."""
    return {name: value for name, value in result.varbinds.items() if name != UPTIME}


@pytest.mark.parametrize("profile", VERSIONS, ids=lambda profile: str(profile.version))
def test_both_drivers_read_the_recordings_alike(recordings: int, profile: CredentialProfile) -> None:
    hosts = [f"127.0.0.{number}" for number in range(1, len(RECORDINGS) + 1)]
    agents = [Agent(host, recordings, profile, 2.0, 1) for host in hosts]
    for results, recording in zip(asked_by_both(agents), RECORDINGS, strict=True):
        assert len(results[0].varbinds) > 15, recording.name
        for result in results:
            assert result.error is None
            assert result.varbinds == results[0].varbinds
            assert result.tables == results[0].tables


def test_what_is_read_of_a_recording_is_what_stands_in_it(recordings: int) -> None:
    profile = CredentialProfile()
    agents = [Agent(f"127.0.0.{n}", recordings, profile, 2.0, 1) for n in range(1, len(RECORDINGS) + 1)]
    for results, recording in zip(asked_by_both(agents), RECORDINGS, strict=True):
        for name, value in _supplies(recording).items():
            assert results[0].varbinds[name] == value


def _supplies(recording: Path) -> dict[str, int]:
    lines = [line.split("|") for line in recording.read_text(encoding="latin-1").splitlines()]
    level = COLUMN_OID["prtMarkerSuppliesLevel"] + "."
    return {line[0]: int(line[2]) for line in lines if line[0].startswith(level)}


@pytest.mark.parametrize("profile", VERSIONS, ids=lambda profile: str(profile.version))
def test_both_drivers_read_snmpd_alike(net_snmp: int, profile: CredentialProfile) -> None:
    [results] = asked_by_both([Agent("127.0.0.1", net_snmp, profile, 2.0, 1)])
    for result in results:
        assert result.error is None
        assert timeless(result) == timeless(results[0])
        assert result.tables == results[0].tables
    found = results[0].varbinds
    assert found[f"{COLUMN_OID['prtMarkerSuppliesLevel']}.7.300"] == -129
    assert found[f"{COLUMN_OID['prtMarkerLifeCount']}.7.1"] == 4294967295
    assert found[f"{COLUMN_OID['hrPrinterDetectedErrorState']}.7"] == "20"
    assert found[f"{COLUMN_OID['prtAlertDescription']}.7.16400"] == b"Paper jam".hex()
    assert found[f"{COLUMN_OID['hrDeviceType']}.7"] == ".1.3.6.1.2.1.25.3.1.5"


def test_both_drivers_read_a_v1_agent_alike() -> None:
    async def main() -> None:
        wire, reference = WireDriver(), PysnmpDriver()
        async with FakeAgent(small_printer(), versions=[0]) as fake:
            agent = fake.agent(timeout=2)
            first, second = (
                await poll(wire, agent, Capabilities()),
                await poll(reference, agent, Capabilities()),
            )
            assert first.varbinds == second.varbinds
            assert len(first.varbinds) == len(small_printer())
        await wire.close()
        await reference.close()

    asyncio.run(main())

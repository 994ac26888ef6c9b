"""Asking a printer of the inventory, and remembering its ways."""

import asyncio
import json
from pathlib import Path

import pytest

from collector import printer_client as asker_module
from collector.drivers.protocol import Agent, SnmpDriver
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult
from collector.printer_client import CapabilityCache, PrinterClient
from core.contract.messages import PolledPrinter
from core.runtime.settings import CredentialProfile, SnmpSettings
from tests.collector.agents import FakeAgent, small_printer

PRINTER = PolledPrinter(printer_id="p1", host="192.0.2.1")
LESSER = Capabilities(version="1", bulk=False)


def ask(settings: SnmpSettings, memory: CapabilityCache, printer: PolledPrinter = PRINTER) -> PollResult:
    async def work() -> PollResult:
        driver = WireDriver()
        await driver.start()
        try:
            return await PrinterClient(settings, driver, memory)(printer)
        finally:
            await driver.close()

    return asyncio.run(work())


def test_what_is_learnt_about_a_printer_is_used_and_kept_on_disk(tmp_path: Path) -> None:
    async def work() -> None:
        driver = WireDriver()
        await driver.start()
        memory = CapabilityCache(tmp_path / "memory.json")
        async with FakeAgent(small_printer(), versions=[0]) as fake:
            printer = PRINTER.model_copy(update={"host": "127.0.0.1", "port": fake.agent().port})
            asker = PrinterClient(SnmpSettings(snmp_timeout=0.5, snmp_retries=0), driver, memory)
            assert (await asker(printer)).reachable
            memory.save(memory.snapshot())
            assert memory.snapshot() is None, "nothing new to save"
            again = CapabilityCache(tmp_path / "memory.json")
            again.load()
            assert again.of(printer) == memory.of(printer)
            assert again.of(printer).version == "1"
            assert again.of(printer.model_copy(update={"host": "192.0.2.9"})) == Capabilities()
        await driver.close()

    asyncio.run(work())


def test_a_profile_that_is_not_known_here_is_a_failed_reading() -> None:
    result = ask(SnmpSettings(), CapabilityCache(None), PRINTER.model_copy(update={"profile": "vault"}))
    assert not result.reachable
    assert "'vault'" in str(result.error)
    assert set(result.tables.values()) == {"failed"}


def test_the_profile_of_a_printer_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Agent] = []

    async def poll(_driver: SnmpDriver, agent: Agent, known: Capabilities, **_: bool) -> PollResult:
        asked.append(agent)
        return PollResult(True, capabilities=known)

    monkeypatch.setattr(asker_module, "poll", poll)
    secure = CredentialProfile(version="3", user="me")
    settings = SnmpSettings(snmp_profiles={"secure": secure}, snmp_timeout=7, snmp_retries=4)
    ask(settings, CapabilityCache(None), PRINTER.model_copy(update={"profile": "secure", "port": 1161}))
    assert asked == [Agent("192.0.2.1", 1161, secure, 7, 4)]


@pytest.mark.parametrize(
    ("fault", "known"), [(RuntimeError("boom"), Capabilities()), (TimeoutError(), LESSER)]
)
def test_a_poll_that_fails_in_an_unforeseen_way_is_a_failed_reading_and_the_next_one_begins_anew(
    fault: Exception, known: Capabilities, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def poll(*_: object, **__: object) -> PollResult:
        raise fault

    monkeypatch.setattr(asker_module, "poll", poll)
    memory = CapabilityCache(None)
    memory.learn(PRINTER, LESSER)
    result = ask(SnmpSettings(), memory)
    assert not result.reachable
    assert "192.0.2.1:161" in str(result.error)
    assert memory.of(PRINTER) == known


def test_printers_that_have_gone_are_forgotten(tmp_path: Path) -> None:
    memory = CapabilityCache(tmp_path / "memory.json")
    other = PolledPrinter(printer_id="p2", host="192.0.2.2")
    memory.learn(PRINTER, LESSER)
    memory.learn(other, LESSER)
    memory.keep_only([other])
    memory.save(memory.snapshot())
    assert list(json.loads((tmp_path / "memory.json").read_text())) == ["p2 192.0.2.2 161 default"]


@pytest.mark.parametrize("content", ["", "[]", '{"p2 192.0.2.2 161 default": 7}', '{"a": {"version": []}}'])
def test_a_file_beyond_use_costs_what_was_learnt(tmp_path: Path, content: str) -> None:
    (tmp_path / "memory.json").write_text(content)
    memory = CapabilityCache(tmp_path / "memory.json")
    memory.load()
    assert memory.of(PRINTER) == Capabilities()

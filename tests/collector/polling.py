"""Polls of fake agents, and what a poll of the small printer brings."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult, poll
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from tests.collector.agents import FakeAgent, small_printer

EXPECTED_TABLES = dict.fromkeys(POLL_TABLES, "absent") | dict.fromkeys(
    ("system", "device", "input_trays", "markers", "supplies", "alerts"), "complete"
)


def run(work: Callable[[WireDriver], Awaitable[None]]) -> None:
    async def main() -> None:
        driver = WireDriver()
        await driver.start()
        try:
            await work(driver)
        finally:
            await driver.close()

    asyncio.run(main())


def polls(
    fake: FakeAgent, times: int = 1, *, version: str = "auto", timeout: float = 0.5
) -> list[PollResult]:
    """Poll an agent some times, each time knowing what the last has learnt."""
    results: list[PollResult] = []

    async def work(driver: WireDriver) -> None:
        capabilities = Capabilities()
        async with fake:
            for _ in range(times):
                fake.requests.clear()
                result = await poll(driver, fake.agent(version=version, timeout=timeout), capabilities)
                stored = json.loads(json.dumps(result.capabilities.to_json()))
                capabilities = Capabilities.from_json(stored)
                assert capabilities == result.capabilities
                results.append(result)

    run(work)
    return results


def assert_all_read(result: PollResult) -> None:
    assert (result.reachable, result.error) == (True, None)
    assert result.tables == EXPECTED_TABLES
    assert len(result.varbinds) == len(small_printer())


def name(column_name: str, index: str) -> str:
    return f"{COLUMN_OID[column_name]}.{index}"

"""Polling agents that behave, and agents that do not, over real sockets."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from collector.drivers.protocol import Agent
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult, poll
from fleet.printer_mib import COLUMN_OID, POLL_TABLES
from fleet.settings import SnmpProfile
from tests.collector.agents import (
    GEN_ERR,
    GET_BULK,
    GET_NEXT,
    TOO_BIG,
    FakeAgent,
    Oid,
    Reply,
    Request,
    column,
    number,
    oid,
    small_printer,
    text,
)

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
    fake: FakeAgent, times: int = 1, *, version: str = "auto", timeout: float = 0.1
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


def many_rows(count: int) -> dict[Oid, tuple[int, bytes]]:
    rows = {f"1.{n}": number(n) for n in range(1, count + 1)}
    return small_printer() | column("prtMarkerSuppliesLevel", rows)


def test_everything_is_read_as_messages_carry_it() -> None:
    [result] = polls(FakeAgent(small_printer()))
    assert_all_read(result)
    assert result.varbinds[name("sysUpTime", "0")] == 4711
    assert result.varbinds[name("hrPrinterDetectedErrorState", "1")] == "20"
    assert result.varbinds[name("hrDeviceType", "1")] == ".1.3.6.1.2.1.25.3.1.5"
    assert result.varbinds[name("prtMarkerSuppliesDescription", "1.1")] == b"Black".hex()
    assert result.varbinds[name("prtMarkerSuppliesLevel", "1.2")] == -2
    assert result.varbinds[name("prtMarkerLifeCount", "1.1")] == 4294967295


def test_a_known_printer_takes_a_handful_of_requests() -> None:
    fake = FakeAgent(small_printer())
    results = polls(fake, 2)
    assert results[1].varbinds == results[0].varbinds
    assert len(fake.requests) <= 3
    assert fake.sent(GET_BULK) == len(fake.requests)


def test_new_rows_are_found_by_a_poll_that_expected_fewer() -> None:
    class Growing(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            self.objects |= column("prtCoverStatus", {"1.1": number(3), "1.2": number(4), "1.3": number(4)})
            return super().reply(request)

    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer()) as fake, Growing(small_printer()) as grown:
            first = await poll(driver, fake.agent(), Capabilities())
            second = await poll(driver, grown.agent(), first.capabilities)
            assert first.tables["covers"] == "absent"
            assert second.tables["covers"] == "complete"
            assert len(second.varbinds) == len(first.varbinds) + 3

    run(work)


def test_a_printer_that_speaks_v1_only_is_found_and_remembered() -> None:
    first, second = polls(FakeAgent(small_printer(), versions=[0]), 2)
    assert_all_read(first)
    assert_all_read(second)
    assert first.capabilities.version == "1"


def test_v2c_is_preferred_where_both_are_spoken() -> None:
    [result] = polls(FakeAgent(small_printer()))
    assert result.capabilities.version == "2c"


def test_a_v2c_printer_that_has_answered_is_not_asked_by_v1() -> None:
    fake = FakeAgent(small_printer())
    [result] = polls(fake)
    silent = FakeAgent(small_printer(), versions=[0])

    async def work(driver: WireDriver) -> None:
        async with silent:
            answer = await poll(driver, silent.agent(), result.capabilities)
            assert not answer.reachable
            assert silent.requests == []

    run(work)


@pytest.mark.parametrize("version", ["auto", "1", "2c"])
def test_a_dead_printer_costs_the_time_of_one_question(version: str) -> None:
    class Silent(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return None

    async def work(driver: WireDriver) -> None:
        async with Silent({}) as fake:
            agent = replace(fake.agent(version=version, timeout=0.1), retries=1)
            started = time.monotonic()
            result = await poll(driver, agent, Capabilities())
            assert time.monotonic() - started < 10 * 0.2
            assert 2 <= len(fake.requests) <= 3
            assert not result.reachable
            assert set(result.tables.values()) == {"failed"}
            assert result.error is not None
            assert "did not answer" in result.error

    run(work)


def test_what_was_learnt_outlives_a_night_and_is_forgotten_after_ten_silent_polls() -> None:
    learnt = Capabilities(version="1", cells=7)
    for _ in range(9):
        learnt = learnt.after_silence()
    assert (learnt.version, learnt.cells) == ("1", 7)
    assert learnt.after_silence() == Capabilities()


def test_getnext_is_used_and_remembered_where_getbulk_is_an_error() -> None:
    class NoBulk(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return Reply(GEN_ERR, 0, []) if request.pdu == GET_BULK else super().reply(request)

    fake = NoBulk(small_printer())
    first, second = polls(fake, 2)
    assert_all_read(first)
    assert_all_read(second)
    assert not second.capabilities.bulk
    assert fake.sent(GET_BULK) == 0


def test_getnext_is_used_where_getbulk_is_never_answered() -> None:
    class Deaf(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return None if request.pdu == GET_BULK else super().reply(request)

    fake = Deaf(small_printer())
    first, second = polls(fake, 2, timeout=0.05)
    assert_all_read(first)
    assert_all_read(second)
    assert fake.sent(GET_BULK) == 0


class ColumnAfterColumn(FakeAgent):
    """Answers a GETBULK column by column instead of row by row."""

    def answer(self, request: Request) -> list[tuple[Oid, tuple[int, bytes] | None]]:
        found = super().answer(request)
        if request.pdu != GET_BULK:
            return found
        width = len(request.oids) - request.first
        body = found[request.first :]
        return found[: request.first] + [cell for n in range(width) for cell in body[n::width]]


class SameAgain(FakeAgent):
    """Answers a GETBULK with the row that was named in the request."""

    def following(self, name: Oid) -> tuple[Oid, tuple[int, bytes] | None]:
        if self.requests[-1].pdu == GET_BULK and name in self.objects:
            return name, self.objects[name]
        return super().following(name)


@pytest.mark.parametrize("kind", [ColumnAfterColumn, SameAgain])
def test_a_getbulk_answered_in_disorder_gives_way_to_getnext(kind: type[FakeAgent]) -> None:
    fake = kind(small_printer())
    first, second = polls(fake, 2)
    assert_all_read(first)
    assert_all_read(second)
    assert not second.capabilities.bulk
    assert fake.sent(GET_BULK) == 0


def test_fewer_objects_are_asked_for_after_too_big_and_that_is_remembered() -> None:
    class Narrow(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            if len(self.answer(request)) > 10:
                return Reply(TOO_BIG, 0, [])
            return super().reply(request)

    first, second = polls(Narrow(small_printer()), 2)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.bulk
    assert 1 < second.capabilities.cells <= 10


def test_fewer_objects_are_asked_for_after_a_timeout_and_that_is_remembered() -> None:
    class Choking(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return None if len(self.answer(request)) > 12 else super().reply(request)

    fake = Choking(small_printer())
    first, second = polls(fake, 2, timeout=0.05)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.bulk
    assert 1 < second.capabilities.cells < 20


def test_single_objects_are_asked_for_after_gen_err_and_that_is_remembered() -> None:
    class OneAtATime(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return Reply(GEN_ERR, 0, []) if len(request.oids) > 1 else super().reply(request)

    fake = OneAtATime(small_printer())
    first, second = polls(fake, 2)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.cells == 1
    assert {len(request.oids) for request in fake.requests} == {1}


def test_a_column_that_is_always_an_error_leaves_the_others_whole() -> None:
    class Broken(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            bad = oid(COLUMN_OID["prtMarkerSuppliesColorantIndex"])
            if any(asked[: len(bad)] == bad for asked in request.oids):
                return Reply(GEN_ERR, 0, [])
            return super().reply(request)

    fake = Broken(small_printer())
    first, second = polls(fake, 2)
    assert first.tables["supplies"] == "partial"
    assert first.capabilities.refused == ("prtMarkerSuppliesColorantIndex",)
    assert (first.capabilities.bulk, first.capabilities.cells) == (True, Capabilities().cells)
    assert_all_read(second)
    assert len(fake.requests) <= 6


def test_a_table_of_nothing_but_errors_is_failed_not_absent() -> None:
    class Broken(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            bad = oid("1.3.6.1.2.1.43.11.1.1")
            if any(asked[: len(bad)] == bad for asked in request.oids):
                return Reply(GEN_ERR, 0, [])
            return super().reply(request)

    for result in polls(Broken(small_printer()), 3):
        assert result.tables == EXPECTED_TABLES | {"supplies": "failed"}
        assert result.error is not None
        assert "supplies" in result.error


def test_a_single_gen_err_is_asked_again() -> None:
    class Stumbling(FakeAgent):
        stumbled = False

        def reply(self, request: Request) -> Reply | None:
            if len(request.oids) > 1:
                return Reply(GEN_ERR, 0, [])
            self.stumbled = not self.stumbled
            return Reply(GEN_ERR, 1, []) if self.stumbled else super().reply(request)

    [result] = polls(Stumbling(small_printer()))
    assert_all_read(result)


def test_an_empty_getbulk_answer_is_asked_by_getnext_and_getbulk_stays() -> None:
    class Overflowing(FakeAgent):
        """A long object behind the last table: one row of it does not fit."""

        max_octets = 700

    far = {oid("1.3.6.1.2.1.43.99.1"): text("x" * 250)}
    first, second = polls(Overflowing(small_printer() | far), 2)
    assert_all_read(first)
    assert_all_read(second)
    assert second.capabilities.bulk


@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_endless_column_is_cut_off_and_partial(version: str) -> None:
    [result] = polls(FakeAgent(many_rows(400)), version=version, timeout=1)
    assert result.tables == EXPECTED_TABLES | {"supplies": "partial"}
    assert name("prtMarkerSuppliesLevel", "1.256") in result.varbinds
    assert name("prtMarkerSuppliesLevel", "1.257") not in result.varbinds


def test_rows_up_to_the_bound_with_indexes_of_two_octets_are_all_read() -> None:
    [result] = polls(FakeAgent(many_rows(255)), timeout=1)
    assert result.tables == EXPECTED_TABLES


def test_a_walk_in_circles_ends_and_is_partial() -> None:
    class Circling(FakeAgent):
        def following(self, name: Oid) -> tuple[Oid, tuple[int, bytes] | None]:
            level = oid(COLUMN_OID["prtMarkerSuppliesLevel"])
            last = (*level, 1, 2)
            return ((*level, 1, 1), number(1)) if name == last else super().following(name)

    [result] = polls(Circling(small_printer()))
    assert result.tables == EXPECTED_TABLES | {"supplies": "partial"}


def test_a_printer_that_dies_while_it_is_read_loses_only_what_was_not_read() -> None:
    class Dying(FakeAgent):
        lives = 3

        def reply(self, request: Request) -> Reply | None:
            self.lives -= 1
            return super().reply(request) if self.lives >= 0 else None

    fake = Dying(small_printer())
    [result] = polls(fake, timeout=0.05)
    assert result.reachable
    assert result.error is not None
    assert "stopped answering" in result.error
    assert result.tables["system"] == "complete"
    assert "failed" in result.tables.values()
    assert "absent" not in {result.tables["device"], result.tables["alerts"]}
    assert len(fake.requests) == 5


def test_only_the_printers_row_of_a_long_device_table_is_read() -> None:
    devices = {str(n): number(2) for n in range(1, 41)}
    objects = small_printer() | column("hrDeviceStatus", devices)
    objects |= column("hrPrinterStatus", {"33": number(3)})
    del objects[oid(name("hrPrinterStatus", "1"))], objects[oid(name("hrPrinterDetectedErrorState", "1"))]
    fake = FakeAgent(objects)
    _, result = polls(fake, 2)
    assert result.tables["device"] == "complete"
    assert result.capabilities.device_indexes == (33,)
    found = [key for key in result.varbinds if key.startswith(COLUMN_OID["hrDeviceStatus"])]
    assert found == [name("hrDeviceStatus", "33")]
    assert len(fake.requests) <= 3


def test_the_device_table_is_read_whole_where_no_row_is_known_to_be_a_printer() -> None:
    objects = small_printer()
    del objects[oid(name("hrPrinterStatus", "1"))], objects[oid(name("hrPrinterDetectedErrorState", "1"))]
    for result in polls(FakeAgent(objects), 2):
        assert result.tables["device"] == "complete"
        assert result.varbinds[name("hrDeviceStatus", "1")] == 2


def test_what_may_not_be_read_is_told_as_such() -> None:
    class Forbidding(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return Reply(16, 1, [])

    [result] = polls(Forbidding({}))
    assert not result.reachable
    assert result.error is not None
    assert "access rights" in result.error


def test_a_name_without_address_is_told_as_such() -> None:
    async def work(driver: WireDriver) -> None:
        agent = Agent("printer.invalid", 161, SnmpProfile(), 2.0, 0)
        result = await poll(driver, agent, Capabilities())
        assert not result.reachable
        assert result.error is not None
        assert "printer.invalid" in result.error

    run(work)


def test_huge_strings_do_not_make_a_reading_that_nobody_can_carry() -> None:
    rows = {f"1.{n}": text("x" * 1200) for n in range(1, 251)}
    [result] = polls(FakeAgent(small_printer() | column("prtCoverDescription", rows)), timeout=1)
    assert result.tables["covers"] == "partial"
    assert sum(len(key) + len(str(value)) for key, value in result.varbinds.items()) < 200_000


def test_capabilities_that_make_no_sense_are_as_by_default() -> None:
    nonsense = {
        "version": 7,
        "bulk": "no",
        "cells": "x",
        "refused": ["nope"],
        "rows": [1],
        "silent_polls": -1,
    }
    assert Capabilities.from_json(nonsense) == Capabilities()
    assert Capabilities.from_json(None) == Capabilities()
    assert Capabilities.from_json({"cells": 10**9}) == Capabilities()


def test_a_lesser_way_gives_way_to_the_best_one_after_a_hundred_polls() -> None:
    learnt = Capabilities(version="2c", bulk=False)
    for _ in range(99):
        learnt = learnt.after_answer()
    assert not learnt.bulk
    assert learnt.after_answer() == Capabilities()


def test_requests_of_getnext_are_as_many_as_rows_not_as_objects() -> None:
    fake = FakeAgent(small_printer())
    [result] = polls(fake, version="1")
    assert_all_read(result)
    assert fake.sent(GET_NEXT) == len(fake.requests)
    assert len(fake.requests) < len(small_printer())

"""Polling agents that behave, and agents that do not, over real sockets."""

from dataclasses import replace

import pytest

from collector.drivers.protocol import Agent
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, poll
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import CredentialProfile
from tests.collector.agents import (
    GET_BULK,
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
from tests.collector.polling import EXPECTED_TABLES, assert_all_read, name, polls, run


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
            result = await poll(driver, agent, Capabilities())
            assert 2 <= len(fake.requests) <= 3
            assert not result.reachable
            assert set(result.tables.values()) == {"failed"}
            assert result.error is not None
            assert "did not answer" in result.error

    run(work)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_endless_column_is_cut_off_and_partial(version: str) -> None:
    [result] = polls(FakeAgent(many_rows(400)), version=version, timeout=5)
    assert result.tables == EXPECTED_TABLES | {"supplies": "partial"}
    assert name("prtMarkerSuppliesLevel", "1.256") in result.varbinds
    assert name("prtMarkerSuppliesLevel", "1.257") not in result.varbinds


def test_rows_up_to_the_bound_with_indexes_of_two_octets_are_all_read() -> None:
    [result] = polls(FakeAgent(many_rows(255)), timeout=5)
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
    [result] = polls(fake)
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
        agent = Agent("printer.invalid", 161, CredentialProfile(), 2.0, 0)
        result = await poll(driver, agent, Capabilities())
        assert not result.reachable
        assert result.error is not None
        assert "printer.invalid" in result.error

    run(work)


def test_huge_strings_do_not_make_a_reading_that_nobody_can_carry() -> None:
    rows = {f"1.{n}": text("x" * 1200) for n in range(1, 251)}
    [result] = polls(FakeAgent(small_printer() | column("prtCoverDescription", rows)), timeout=5)
    assert result.tables["covers"] == "partial"
    assert sum(len(key) + len(str(value)) for key, value in result.varbinds.items()) < 200_000

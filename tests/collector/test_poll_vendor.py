"""A vendor's own objects are asked of its printers alone, and never to the harm of the rest."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult, VendorPolicy, poll
from core.contract import ber
from core.contract.printer_mib import POLL_TABLES
from core.contract.vendor_objects import VENDOR_COLUMN_OID, VENDOR_TABLES
from tests.collector.agents import (
    GEN_ERR,
    FakeAgent,
    Oid,
    Reply,
    Request,
    Value,
    column,
    number,
    oid,
    small_printer,
)
from tests.collector.polling import polls, run

BROTHER = "1.3.6.1.4.1.2435.2.3.9.1"
HP = "1.3.6.1.4.1.11.2.3.9.1"
ENTERPRISE = oid("1.3.6.1.4.1.2435")
BLOCK = bytes.fromhex("6f010400001d4cff")


def printer(object_id: str, more: Mapping[Oid, Value] | None = None) -> dict[Oid, Value]:
    identity = {"0": (ber.OBJECT_IDENTIFIER, ber.encode_oid(object_id))}
    return {**small_printer(), **column("sysObjectID", identity), **(more or {})}


def brother(more: Mapping[Oid, Value] | None = None) -> dict[Oid, Value]:
    flags = {oid(f"{VENDOR_COLUMN_OID['brTonerLow']}.{n}"): number(n - 1) for n in (1, 2, 3, 4)}
    block = {oid(f"{VENDOR_COLUMN_OID['brInfoMaintenance']}.0"): (ber.OCTET_STRING, BLOCK)}
    return printer(BROTHER, {**flags, **block, **(more or {})})


def is_about_the_vendor(request: Request) -> bool:
    return any(name[: len(ENTERPRISE)] == ENTERPRISE for name in request.oids)


def vendor_varbinds(result: PollResult) -> set[str]:
    return {name for name in result.varbinds if name.startswith("1.3.6.1.4.1.")}


def test_a_brother_printer_is_asked_in_one_request_more() -> None:
    plain, own = FakeAgent(printer(HP)), FakeAgent(brother())
    polls(plain, 2)
    result = polls(own, 2)[1]
    assert len(own.requests) == len(plain.requests) + 1
    assert [is_about_the_vendor(request) for request in own.requests].count(True) == 1
    assert result.varbinds[f"{VENDOR_COLUMN_OID['brTonerLow']}.4"] == 3
    assert result.varbinds[f"{VENDOR_COLUMN_OID['brInfoMaintenance']}.0"] == BLOCK.hex()
    assert {table: status for table, status in result.tables.items() if table in VENDOR_TABLES} == {
        "brother_toner_low": "complete",
        "brother_maintenance": "complete",
    }


def test_no_other_printer_is_asked_for_them() -> None:
    for object_id in ("1.3.6.1.4.1.674.10898", "1.3.6.1.4.1.24351.1", "1.3.6.1.4.1.8072.3.2.10"):
        fake = FakeAgent(printer(object_id))
        for result in polls(fake, 2):
            assert set(result.tables) == set(POLL_TABLES)
        assert not any(map(is_about_the_vendor, fake.requests))


def test_objects_of_other_vendors_behind_the_column_are_its_end() -> None:
    # 3128 and 20000 need more octets than one: as octets they come before and after 2435 in another order.
    for other in (9, 3128, 20000):
        more = {oid(f"1.3.6.1.4.1.{other}.1.0"): number(1)}
        [result] = polls(FakeAgent(printer(BROTHER, more)))
        assert (result.error, vendor_varbinds(result)) == (None, set())
        assert result.tables["brother_maintenance"] == "absent"


def test_who_turns_them_off_does_not_ask() -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(brother()) as fake:
            result = await poll(driver, fake.agent(), Capabilities(), policy=VendorPolicy(objects=False))
            assert not any(map(is_about_the_vendor, fake.requests))
            assert set(result.tables) == set(POLL_TABLES)

    run(work)


class Silent(FakeAgent):
    def reply(self, request: Request) -> Reply | None:
        return None if is_about_the_vendor(request) else super().reply(request)


class Offended(FakeAgent):
    def reply(self, request: Request) -> Reply | None:
        if is_about_the_vendor(request):
            return Reply(GEN_ERR, 1, [(name, None) for name in request.oids])
        return super().reply(request)


@pytest.mark.parametrize("kind", [Silent, Offended])
def test_an_agent_that_takes_offence_is_left_alone_and_read_as_before(kind: type[FakeAgent]) -> None:
    fake = kind(brother())
    results = polls(fake, 5)
    for result in results:
        assert (result.reachable, result.error) == (True, None)
        assert all(result.tables[table] != "failed" for table in POLL_TABLES)
    ways = {replace(result.capabilities, vendor_failures=0, lesser_polls=0) for result in results[1:]}
    assert len(ways) == 1
    assert results[-1].capabilities.bulk
    assert not any(map(is_about_the_vendor, fake.requests)), "asked in vain three times, then no more"
    assert results[2].tables["brother_maintenance"] == "failed"
    assert "brother_maintenance" not in results[-1].tables


def test_a_v1_brother_is_asked_in_its_version() -> None:
    fake = FakeAgent(brother(), versions=(0,))
    result = polls(fake, 2)[1]
    assert len(vendor_varbinds(result)) == 5
    assert result.error is None


@pytest.mark.parametrize(
    ("versions", "lesser"),
    [((0,), Capabilities(version="1")), ((1,), Capabilities(version="2c", bulk=False))],
)
def test_polls_before_and_after_a_lesser_way_is_forgotten_read_all_of_it(
    versions: tuple[int, ...], lesser: Capabilities
) -> None:
    fake = FakeAgent(brother(), versions=versions)
    results: list[PollResult] = []

    async def work(driver: WireDriver) -> None:
        async with fake:
            known = replace((await poll(driver, fake.agent(), lesser)).capabilities, lesser_polls=97)
            for _ in range(6):
                results.append(await poll(driver, fake.agent(), known))
                known = results[-1].capabilities

    run(work)
    assert [result.capabilities.version for result in results].count("") == 1, "it is forgotten once"
    assert {(result.reachable, result.error) for result in results} == {(True, None)}
    assert {len(vendor_varbinds(result)) for result in results} == {5}

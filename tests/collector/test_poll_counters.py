"""Page counters are read once an hour and when the status changes; device ids where no model is named."""

from collections.abc import Mapping, Sequence

from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult, VendorPolicy, poll
from collector.poll.vendor import HOUR_SECONDS
from core.contract import ber
from core.contract.vendor_objects import DEVICE_IDS, FIRMWARE, VENDOR_COLUMN_OID
from tests.collector.agents import FakeAgent, Oid, Value, column, number, oid, small_printer, text
from tests.collector.polling import run

HP, XEROX = "1.3.6.1.4.1.11.2.3.9.1", "1.3.6.1.4.1.253.8.62.1"
MONO = f"{VENDOR_COLUMN_OID['hpTotalMonoPageCount']}.0"


def printer(object_id: str, more: Mapping[Oid, Value] | None = None) -> dict[Oid, Value]:
    identity = {"0": (ber.OBJECT_IDENTIFIER, ber.encode_oid(object_id))}
    return {**small_printer(), **column("sysObjectID", identity), **(more or {})}


def hp() -> dict[Oid, Value]:
    names = ("hpTotalMonoPageCount", "hpTotalColorPageCount", "hpDuplexPageCount")
    own = {oid(f"{VENDOR_COLUMN_OID[name]}.0"): number(100 + n) for n, name in enumerate(names)}
    return printer(HP, own)


def polled_at(
    fake: FakeAgent,
    times: Sequence[float],
    policy: VendorPolicy = VendorPolicy(),  # noqa: B008 (frozen)
) -> list[PollResult]:
    """Polls at these times, in seconds since 1970."""
    results: list[PollResult] = []

    async def work(driver: WireDriver) -> None:
        known = Capabilities()
        async with fake:
            for at in times:
                result = await poll(driver, fake.agent(timeout=0.5), known, policy=policy, now=at)
                known = Capabilities.from_json(result.capabilities.to_json())
                results.append(result)

    run(work)
    return results


def test_counters_are_read_at_once_and_then_once_an_hour_in_one_request() -> None:
    fake = FakeAgent(hp())
    times = [10_000, 10_300, 10_000 + HOUR_SECONDS - 1, 10_000 + HOUR_SECONDS, 10_300 + HOUR_SECONDS]
    results = polled_at(fake, times)
    assert [MONO in result.varbinds for result in results] == [True, False, False, True, False]
    assert [result.tables.get("hp_counters") for result in results][:2] == ["complete", None]
    own = [
        request
        for request in fake.requests
        if any(name[:7] == oid("1.3.6.1.4.1.11") for name in request.oids)
    ]
    assert len(own) == 2


def test_a_clock_that_was_set_back_does_not_stop_them() -> None:
    results = polled_at(FakeAgent(hp()), [500_000, 400_000, 400_300])
    assert [MONO in result.varbinds for result in results] == [True, True, False]


class Changing(FakeAgent):
    """Prints during its second poll and after."""

    polls = 0

    def answer(self, request):  # type: ignore[no-untyped-def]
        asked = oid(f"{column_of('sysDescr')}")
        self.polls += any(name[: len(asked)] == asked for name in request.oids)
        if self.polls > 1:
            self.objects |= column("hrPrinterStatus", {"1": number(4)})
        return super().answer(request)


def column_of(name: str) -> str:
    [found] = {".".join(map(str, key[:-1])) for key in column(name, {"0": number(0)})}
    return found


def test_a_change_of_status_has_them_read_at_once() -> None:
    results = polled_at(Changing(hp()), [10_000, 10_300, 10_600])
    assert [MONO in result.varbinds for result in results] == [True, True, False]


def test_unverified_counters_are_asked_for_only_where_they_are_wanted() -> None:
    own = {oid(f"{VENDOR_COLUMN_OID['xcmImpressions']}.{row}"): number(row) for row in (1, 33, 34, 35)}
    [plain] = polled_at(FakeAgent(printer(XEROX, own)), [10_000])
    assert "xerox_counters" not in plain.tables
    [wanted] = polled_at(FakeAgent(printer(XEROX, own)), [10_000], VendorPolicy(unverified_counters=True))
    found = {name: value for name, value in wanted.varbinds.items() if ".253.8.53." in name}
    assert sorted(found.values()) == [33, 34]
    assert wanted.tables["xerox_counters"] == "complete"


def test_a_device_id_is_asked_for_where_nothing_else_names_the_model() -> None:
    identity = {oid(f"{VENDOR_COLUMN_OID['gdStatusId']}.0"): text("MFG:HP;MDL:LaserJet 1200;")}
    named = FakeAgent(printer(HP, identity))
    [result] = polled_at(named, [10_000])
    assert DEVICE_IDS not in result.tables
    server = printer(HP, identity) | column("hrDeviceDescr", {"1": text("HP JetDirect 300X")})
    first, second = polled_at(FakeAgent(server), [10_000, 10_300])
    assert (first.tables[DEVICE_IDS], DEVICE_IDS in second.tables) == ("complete", False)


def test_the_firmware_is_read_once_an_hour_in_the_request_of_the_counters() -> None:
    revision = f"{VENDOR_COLUMN_OID['fw-rom-revision']}.0"
    fake, without = FakeAgent(hp() | {oid(revision): text("2506116_038417")}), FakeAgent(hp())
    times = [10_000, 10_300, 10_000 + HOUR_SECONDS]
    results = polled_at(fake, times)
    polled_at(without, times)
    assert [revision in result.varbinds for result in results] == [True, False, True]
    assert [result.tables.get(FIRMWARE) for result in results] == ["complete", None, "complete"]
    assert len(fake.requests) == len(without.requests)


def test_a_printer_that_does_not_tell_its_firmware_is_asked_for_the_rest_as_before() -> None:
    lexmark = FakeAgent(printer("1.3.6.1.4.1.641.1"))
    results = polled_at(lexmark, [10_000 + at * HOUR_SECONDS for at in range(5)])
    assert [result.tables[FIRMWARE] for result in results] == ["absent"] * 5
    assert all(result.error is None for result in results)


def test_who_turns_vendor_objects_off_reads_no_counters() -> None:
    [result] = polled_at(FakeAgent(hp()), [10_000], VendorPolicy(objects=False))
    assert "hp_counters" not in result.tables

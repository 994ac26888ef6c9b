"""Status checks: one small request between polls, and a poll where its answer has changed."""

import asyncio
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.drivers.protocol import Agent, NoAnswer, SnmpDriver
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, poll
from collector.poll.status_check import Status, read_status
from collector.pysnmp_adapter.driver import PysnmpDriver
from collector.status_checks import StatusChecks
from core.contract import ber
from core.contract.messages import PolledPrinter, Reading
from core.runtime.settings import CredentialProfile, SnmpSettings
from tests.brokers import mosquitto
from tests.collector.agents import GET_NEXT, FakeAgent, column, number, small_printer
from tests.collector.at_work import FakePrinters, printers, service, settings_for
from tests.collector.polling import run
from tests.collector.processor_double import processor
from tests.collector.servers import RECORDINGS, fleet_of_recordings
from tests.patience import until

CALM: Status = ((b"\x01", b"\x00"),)
JAMMED: Status = ((b"\x01", b"\x04"),)
JAM = column("hrPrinterDetectedErrorState", {"1": (ber.OCTET_STRING, b"\x24")})
STOPPED = column("hrDeviceStatus", {"1": number(5)})
ONE_ALERT_LESS = {
    name: value
    for name, value in small_printer().items()
    if name[-2:] != (1, 7) or name[:10] != (1, 3, 6, 1, 2, 1, 43, 18, 1, 1)
}


async def learnt(driver: SnmpDriver, agent: Agent) -> Capabilities:
    return (await poll(driver, agent, Capabilities())).capabilities


@pytest.mark.parametrize("versions", [(0,), (1,)], ids=["v1", "v2c"])
def test_the_status_of_a_printer_is_one_request_and_stays_while_nothing_happens(
    versions: tuple[int, ...],
) -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer(), versions=versions) as fake:
            known = await learnt(driver, fake.agent(timeout=0.5))
            fake.requests.clear()
            first = await read_status(driver, fake.agent(timeout=0.5), known)
            assert [request.pdu for request in fake.requests] == [GET_NEXT]
            assert first is not None
            assert first == await read_status(driver, fake.agent(timeout=0.5), known)
            assert sum(part is not None for part in first) == 4, "this agent counts no alerts"

    run(work)


@pytest.mark.parametrize(
    "later",
    [small_printer() | JAM, small_printer() | STOPPED, ONE_ALERT_LESS],
    ids=["an error bit", "the device's status", "the first alert"],
)
def test_what_goes_wrong_or_is_mended_changes_the_status(
    later: dict[tuple[int, ...], tuple[int, bytes]],
) -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer()) as fake:
            known = await learnt(driver, fake.agent())
            before = await read_status(driver, fake.agent(), known)
            fake.objects = later
            assert await read_status(driver, fake.agent(), known) != before

    run(work)


@pytest.mark.parametrize(
    "known",
    [Capabilities(), Capabilities(version="2c", rows=(1,), cells=1)],
    ids=["never polled", "delicate"],
)
def test_a_printer_that_can_only_be_asked_in_a_lesser_way_is_left_in_peace(known: Capabilities) -> None:
    async def work(driver: WireDriver) -> None:
        async with FakeAgent(small_printer()) as fake:
            assert await read_status(driver, fake.agent(), known) is None
            assert fake.requests == []

    run(work)


@pytest.mark.skipif(not RECORDINGS, reason="../shared (public recordings) is absent")
def test_recorded_printers_have_a_status_and_both_drivers_read_the_same() -> None:
    async def main() -> None:
        wire, pysnmp = WireDriver(), PysnmpDriver()
        await wire.start()
        await pysnmp.start()
        with fleet_of_recordings() as port:
            for place, recording in enumerate(RECORDINGS, start=1):
                agent = Agent(f"127.0.0.{place}", port, CredentialProfile(version="2c"))
                known = await learnt(wire, agent)
                status = await read_status(wire, agent, known)
                assert status is not None, recording.name
                assert any(status), recording.name
                assert await read_status(pysnmp, agent, known) == status, recording.name
        await wire.close()
        await pysnmp.close()

    asyncio.run(main())


class Asked:
    """Printers with a status each, and how often one was polled for it."""

    def __init__(self, *answers: Status | None) -> None:
        self.answers = list(answers)
        self.polls: list[int] = []
        self.asked = 0

    async def read_status(self, _printer: PolledPrinter) -> Status | None:
        answer = self.answers[self.asked]
        self.asked += 1
        if answer == ():
            raise NoAnswer("silence")
        return answer

    def poll_soon(self, _printer_id: str) -> None:
        self.polls.append(self.asked)


SILENCE: Status = ()


@pytest.mark.parametrize(
    ("answers", "polls_after"),
    [
        ((CALM, CALM, CALM), []),
        ((CALM, JAMMED, JAMMED, JAMMED), [2, 3]),
        ((CALM, JAMMED, CALM, CALM, CALM), [2, 3, 4]),
        ((CALM, SILENCE, SILENCE, CALM), [2, 3]),
        ((SILENCE, SILENCE, CALM), []),
        ((None, None, CALM, JAMMED), [4]),
    ],
    ids=["calm", "a jam, confirmed", "mended at once", "fell silent", "was silent", "could not be asked"],
)
def test_a_change_is_a_poll_at_once_and_one_more_at_the_next_check(
    answers: tuple[Status | None, ...], polls_after: list[int]
) -> None:
    async def main() -> list[int]:
        asked = Asked(*answers)
        checks = StatusChecks(0.01, asked.read_status, asked.poll_soon)
        checks.replace(printers(1))
        await checks.step(lambda _: False)
        while asked.asked < len(answers):
            await asyncio.sleep(0.01)
            await checks.step(lambda _: False)
        await asyncio.sleep(0.01)
        await checks.close()
        return asked.polls

    assert asyncio.run(main()) == polls_after


def test_each_printer_is_checked_once_in_an_interval_but_for_those_that_rest() -> None:
    times: Counter[str] = Counter()

    async def read_status(printer: PolledPrinter) -> Status | None:
        times[printer.printer_id] += 1
        return CALM

    async def main() -> None:
        loop = asyncio.get_running_loop()
        checks = StatusChecks(1.0, read_status, lambda _: None)
        checks.replace(printers(*range(50)))
        begun = loop.time()
        await checks.step(lambda _: False)
        while loop.time() < begun + 2.5:
            await asyncio.sleep(0.02)
            await checks.step(lambda printer_id: printer_id == "p7")
        await checks.close()

    asyncio.run(main())
    assert times["p7"] == 0
    assert set(times) == {f"p{n}" for n in range(50) if n != 7}
    assert set(times.values()) <= {2, 3}


@pytest.mark.parametrize("is_asked_meanwhile", [False, True], ids=["before", "during a check"])
def test_what_another_address_answered_is_nothing_to_compare_with(is_asked_meanwhile: bool) -> None:
    async def main() -> list[int]:
        asked, here = Asked(CALM, JAMMED, JAMMED), printers(1)
        there = [one.model_copy(update={"host": "192.0.2.9"}) for one in here]

        async def read_status(printer: PolledPrinter) -> Status | None:
            if asked.asked == 1 and is_asked_meanwhile:
                checks.replace(there)
            return await asked.read_status(printer)

        checks = StatusChecks(0.01, read_status, asked.poll_soon)
        checks.replace(here)
        await checks.step(lambda _: False)
        while asked.asked < 3:
            await asyncio.sleep(0.01)
            if asked.asked == 1 and not is_asked_meanwhile:
                checks.replace(there)
            await checks.step(lambda _: False)
        await asyncio.sleep(0.01)
        await checks.close()
        return asked.polls

    assert asyncio.run(main()) == []


@pytest.mark.parametrize(
    ("every", "check", "profile", "is_checked"),
    [
        (300, 60, {}, True),
        (300, 0, {}, False),
        (300, 300, {}, False),
        (300, 60, {"status_checks": False}, False),
        (300, 60, {"poll_interval_seconds": 30}, False),
        (60, 60, {"poll_interval_seconds": 3600}, True),
    ],
)
def test_printers_are_checked_where_their_profile_leaves_time_for_it(
    every: float, check: float, profile: dict[str, object], is_checked: bool
) -> None:
    settings = SnmpSettings.model_validate(
        {
            "snmp_poll_interval_seconds": every,
            "snmp_check_interval_seconds": check,
            "snmp_profiles": {"one": profile},
        }
    )
    assert settings.checks_status("one") == is_checked
    assert not settings.checks_status("unknown")


def test_polls_of_silent_printers_that_are_late_hold_up_no_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakePrinters()
    fake.status = {"p0": CALM}
    fake.dead, fake.patience = {f"p{number}" for number in range(1, 9)}, 0.01
    monkeypatch.setattr("collector.service._LATE_SECONDS", 1.0)
    with mosquitto() as broker, processor(broker.port) as double:
        settings = settings_for(broker.port, tmp_path, interval=2, check=1, concurrency=4)
        with service(settings, fake, monkeypatch) as collector:
            double.publish_inventory(printers(*range(9)))
            double.wait_until(lambda readings: len(readings) >= 9)
            fake.patience = 60.0  # two of them hold all the places that there are for such
            until(lambda: fake.running >= 2, "polls that take long")
            before = collector.status_checks.answers  # the others are due in 2 s, and late after another
            until(lambda: collector.status_checks.answers >= before + 10, "checks")


def test_in_quiet_hours_printers_are_read_rarely_and_not_checked_but_a_person_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakePrinters()
    fake.status = {"p0": CALM}
    now, hour = datetime.now(UTC), timedelta(hours=1)
    quiet = f"{now - hour:%H:%M}-{now + 2 * hour:%H:%M} UTC"
    with mosquitto() as broker, processor(broker.port) as double:
        settings = settings_for(broker.port, tmp_path, interval=300, check=1)
        settings = replace(settings, snmp=settings.snmp.model_copy(update={"snmp_quiet_hours": quiet}))
        with service(settings, fake, monkeypatch) as collector:
            double.publish_inventory(printers(0))
            double.wait_until(lambda readings: len(readings) == 1)
            assert double.readings[0].interval_seconds >= 1800
            time.sleep(2.5)  # its turn has come twice
            assert collector.status_checks.answers == 0
            double.ask_for("p0", "now")
            double.wait_until(lambda readings: any(one.refresh_id == "now" for one in readings))


def test_a_printer_that_jams_is_read_long_before_its_next_poll(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakePrinters()
    fake.status = {"p0": CALM, "p1": CALM}

    def of_first(readings: list[Reading]) -> int:
        return sum(reading.printer_id == "p0" for reading in readings)

    with mosquitto() as broker, processor(broker.port) as double:
        settings = settings_for(broker.port, tmp_path, check=1)
        with service(settings, fake, monkeypatch) as collector:
            double.publish_inventory(printers(0, 1))
            double.wait_until(lambda readings: len(readings) == 2)
            until(lambda: collector.status_checks.answers >= 4, "checks")
            fake.status["p0"] = JAMMED
            double.wait_until(lambda readings: of_first(readings) == 2)
            assert len(double.readings) == 3


def test_without_a_time_between_polls_there_are_no_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakePrinters()
    fake.status = {"p0": CALM}
    with (
        mosquitto() as broker,
        processor(broker.port) as double,
        service(settings_for(broker.port, tmp_path, interval=1, check=1), fake, monkeypatch) as collector,
    ):
        double.publish_inventory(printers(0))
        double.wait_until(lambda readings: len(readings) >= 3)
        assert collector.status_checks.answers == 0

"""Alert tables that are too long to be read whole: what matters is found wherever in them it stands."""

import asyncio
import bisect
from collections.abc import Mapping, Sequence
from typing import Literal

import pytest

from collector.drivers.protocol import Agent, Response
from collector.poll import Capabilities, PollResult, poll
from collector.poll.long_alerts import MOST_ROWS, NEWEST
from core.contract import ber
from core.contract.messages import AlertRun
from core.contract.printer_mib import COLUMN_OID, MAX_TABLE_ROWS
from core.runtime.settings import CredentialProfile
from tests.collector.agents import (
    FakeAgent,
    Oid,
    Reply,
    Request,
    Value,
    column,
    number,
    oid,
    small_printer,
    text,
)
from tests.collector.in_memory import AGENT, InMemory

OTHER, CRITICAL, WARNING = 1, 3, 4
JAM, EMPTY, REMOVED = 8, 808, 1801
LAST_INDEX = 2**31 - 1
UPTIME = 8_640_000


class LongTable(FakeAgent):
    """A printer with so many rows of bookkeeping, and others among them: index -> (severity, code, time)."""

    def __init__(self, rows: Mapping[int, tuple[int, int, int]]) -> None:
        super().__init__({})
        self.show(rows)

    def show(self, rows: Mapping[int, tuple[int, int, int]]) -> None:
        alerts = COLUMN_OID["prtAlertCode"].rpartition(".")[0]
        head = tuple(map(int, alerts.split(".")))
        self.objects = {name: value for name, value in small_printer().items() if name[: len(head)] != head}
        self.objects |= {
            **column("sysUpTime", {"0": number(UPTIME, ber.TIME_TICKS)}),
            **column("prtAlertSeverityLevel", {f"1.{n}": number(row[0]) for n, row in rows.items()}),
            **column("prtAlertGroup", {f"1.{n}": number(13) for n in rows}),
            **column("prtAlertCode", {f"1.{n}": number(row[1]) for n, row in rows.items()}),
            **column("prtAlertDescription", {f"1.{n}": text(f"alert {n}") for n in rows}),
            **column("prtAlertTime", {f"1.{n}": number(row[2], ber.TIME_TICKS) for n, row in rows.items()}),
        }
        self.known = sorted(self.objects)

    def following(self, name: Oid) -> tuple[Oid, Value | None]:
        place = bisect.bisect_right(self.known, name)
        return (
            (self.known[place], self.objects[self.known[place]]) if place < len(self.known) else (name, None)
        )


class Timed(InMemory):
    """Each answer takes so many seconds of a clock that stands still otherwise."""

    def __init__(self, fake: FakeAgent, seconds: float = 0.0) -> None:
        super().__init__(fake)
        self.seconds = seconds
        self.now = 1000.0

    def _ask(self, pdu: int, oids: Sequence[bytes], first: int, second: int) -> Response:
        self.now += self.seconds
        return super()._ask(pdu, oids, first, second)


def polled(driver: Timed, known: Capabilities | None = None, agent: Agent = AGENT) -> PollResult:
    async def main() -> PollResult:
        asyncio.get_running_loop().time = lambda: driver.now  # type: ignore[method-assign]
        return await poll(driver, agent, known or Capabilities())

    driver.questions = 0
    return asyncio.run(main())


def bookkeeping(count: int) -> dict[int, tuple[int, int, int]]:
    return {n: (OTHER, REMOVED, 100 * n) for n in range(1, count + 1)}


def rows_of(result: PollResult) -> set[int]:
    """The indexes of the alerts that were read whole."""
    prefix = COLUMN_OID["prtAlertCode"] + ".1."
    rows = {int(name.removeprefix(prefix)) for name in result.varbinds if name.startswith(prefix)}
    described = COLUMN_OID["prtAlertDescription"]
    assert all(result.varbinds[f"{described}.1.{row}"] == f"alert {row}".encode().hex() for row in rows)
    return rows


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_jam_behind_hundreds_of_rows_is_read_whole(version: Literal["1", "2c"]) -> None:
    driver = Timed(LongTable(bookkeeping(399) | {400: (CRITICAL, JAM, 40_000)}))
    agent = Agent("192.0.2.1", 161, CredentialProfile(version=version), 1.0, 0)
    first = polled(driver, agent=agent)
    again = polled(driver, first.capabilities, agent)
    for result in (first, again):
        assert rows_of(result) == set(range(401 - NEWEST, 401))
        assert result.tables["alerts"] == "partial"
        assert result.alert_rows is not None
        assert (result.alert_rows.count, result.alert_rows.through) == (400, None)
        run = AlertRun(device=1, first=1, last=336, severity=OTHER, code=REMOVED)
        assert result.alert_rows.not_read == (run,)
    assert again.capabilities.rows == polled(driver, again.capabilities, agent).capabilities.rows


def test_a_long_table_costs_a_known_printer_no_more_than_a_short_one_read_whole() -> None:
    driver = Timed(LongTable(bookkeeping(400)))
    polled(driver, polled(driver).capabilities)
    assert driver.questions <= 45


def test_critical_rows_and_warnings_are_read_whole_wherever_they_stand() -> None:
    rows = bookkeeping(1000) | {10: (CRITICAL, JAM, 1000), 20: (WARNING, EMPTY, 2000)}
    result = polled(Timed(LongTable(rows)))
    assert rows_of(result) == {10, 20, *range(1001 - NEWEST, 1001)}
    assert result.alert_rows is not None
    assert [(run.first, run.last) for run in result.alert_rows.not_read] == [(1, 9), (11, 19), (21, 936)]


@pytest.mark.parametrize("count", [63, 64, 65, 200, MAX_TABLE_ROWS])
def test_a_table_that_is_not_too_long_is_whole(count: int) -> None:
    driver = Timed(LongTable(bookkeeping(count)))
    first = polled(driver)
    for result in (first, polled(driver, first.capabilities)):
        assert rows_of(result) == set(range(1, count + 1))
        assert (result.tables["alerts"], result.alert_rows) == ("complete", None)


def test_a_table_that_was_too_long_is_read_whole_when_it_has_become_shorter() -> None:
    fake = LongTable(bookkeeping(600))
    driver = Timed(fake)
    long = polled(driver)
    fake.show({7: (CRITICAL, JAM, 5)})
    for _ in range(2):
        long = polled(driver, long.capabilities)
        assert (rows_of(long), long.tables["alerts"], long.alert_rows) == ({7}, "complete", None)
    fake.show({})
    assert polled(driver, long.capabilities).tables["alerts"] == "absent"


@pytest.mark.parametrize("timed", [True, False])
def test_after_the_largest_index_the_lowest_ones_are_the_newest(timed: bool) -> None:
    old = {LAST_INDEX - 400 + n: (OTHER, REMOVED, 10 * n * timed) for n in range(401)}
    new = {n: (OTHER, REMOVED, (5000 + n) * timed) for n in range(1, 11)}
    assert rows_of(polled(Timed(LongTable(old | new)))) >= set(new)


def test_of_a_table_whose_old_rows_are_given_anew_the_newest_are_those_of_the_latest_time() -> None:
    turn = {n: (OTHER, REMOVED, 50_000 + n if n <= 100 else n) for n in range(1, 501)}
    assert rows_of(polled(Timed(LongTable(turn)))) == set(range(101 - NEWEST, 101))


def test_rows_from_before_sysuptime_began_anew_are_old() -> None:
    rows = {n: (OTHER, REMOVED, 2**32 - 1000 + n if n <= 300 else n) for n in range(1, 401)}
    assert rows_of(polled(Timed(LongTable(rows)))) == set(range(401 - NEWEST, 401))


@pytest.mark.parametrize("seconds", [0.001, 0.01, 0.04])
def test_an_endless_table_costs_two_seconds_at_most_and_is_not_said_to_be_whole(seconds: float) -> None:
    class Endless(LongTable):
        def following(self, name: Oid) -> tuple[Oid, Value | None]:
            head = tuple(map(int, COLUMN_OID["prtAlertSeverityLevel"].split(".")))[:-1]
            if name[: len(head)] == head and name[len(head)] in (2, 4, 7, 8, 9):
                column_of, index = name[: len(head) + 1], name[len(head) + 1 :]
                following = index[-1] + 1 if len(index) == 2 else 1
                value = number(CRITICAL) if name[len(head)] == 2 else number(JAM)
                return (*column_of, 1, following), value
            return super().following(name)

    driver = Timed(Endless(bookkeeping(3)), seconds)
    without = Timed(LongTable({}), seconds)
    polled(without)
    result = polled(driver)
    assert driver.now - without.now <= 2.0 + 2 * seconds
    assert result.tables["alerts"] == "partial"
    assert result.alert_rows is not None
    assert result.alert_rows.through is not None
    assert result.alert_rows.count <= MOST_ROWS
    known = driver.now
    assert polled(driver, result.capabilities).tables["supplies"] == "complete"
    assert driver.now - known <= 2.0 + 12 * seconds


def test_a_row_that_becomes_another_while_it_is_read_is_left_out() -> None:
    class Changing(LongTable):
        asked = 0

        def following(self, name: Oid) -> tuple[Oid, Value | None]:
            found, value = super().following(name)
            place = tuple(map(int, COLUMN_OID["prtAlertCode"].split(".")))
            if found == (*place, 1, 300) and value is not None:
                self.asked += 1
                return found, number(JAM if self.asked == 1 else EMPTY)
            return found, value

    result = polled(Timed(Changing(bookkeeping(300))))
    assert 300 not in rows_of(result)
    assert result.tables["alerts"] == "partial"


@pytest.mark.parametrize("seconds", [0.06, 0.1])
@pytest.mark.parametrize("count", [400, 3000, 70_001])
def test_the_newest_row_is_found_also_where_there_is_no_time_to_walk_to_it(
    count: int, seconds: float
) -> None:
    rows = {n: (OTHER, REMOVED, 100 * n) for n in range(max(1, count - 5000), count)}
    driver = Timed(LongTable(rows | {count: (CRITICAL, JAM, 100 * count)}), seconds)
    result = polled(driver)
    assert count in rows_of(result)
    assert result.alert_rows is not None
    assert result.alert_rows.through is not None


def test_a_printer_that_stops_answering_is_not_said_to_have_no_alerts() -> None:
    class Dying(LongTable):
        alive = True

        def reply(self, request: Request) -> Reply | None:
            alerts = oid(COLUMN_OID["prtAlertSeverityLevel"])[:-1]
            self.alive &= all(name[: len(alerts)] != alerts for name in request.oids)
            return super().reply(request) if self.alive else None

    known = polled(Timed(LongTable(bookkeeping(400)))).capabilities
    result = polled(Timed(Dying(bookkeeping(400))), known)
    assert (result.reachable, result.tables["alerts"]) == (True, "failed")

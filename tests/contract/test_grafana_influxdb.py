"""What the panels of docs/grafana/influxdb.json show of known points is what the embedded time series has.

Their queries are answered by flux_subset.py, and by the server that TEST_INFLUXDB_URL names.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient

from core.contract.messages import HistoryPoint, State
from core.runtime.settings import HistorySettings
from core.timeseries.embedded.reader import EmbeddedReader
from core.timeseries.influx.lines import lines_of
from core.timeseries.influx.writer import InfluxSeries
from core.timeseries.pages import DayCount, believed_by_device
from core.timeseries.points import DAY_MS, milliseconds
from core.timeseries.reader import SeriesReader
from core.timeseries.stores import open_store
from tests.contract.flux_subset import Row, answer
from tests.paths import ROOT
from tests.processor.history_points import NOON, point
from tests.processor.influx import influx

MINUTES: Final = timedelta(minutes=1)
HOURS: Final = timedelta(hours=1)
DAYS: Final = timedelta(days=1)
BOARD: Final[dict[str, Any]] = json.loads((ROOT / "docs/grafana/influxdb.json").read_text(encoding="utf-8"))
QUERIES: Final[dict[str, str]] = {panel["title"]: panel["targets"][0]["query"] for panel in BOARD["panels"]}
FLEET: Final = ("lib-1", "lib-2", "lib-3", "lib-4", "lib-5")
STATES: Final[tuple[State, ...]] = ("idle", "printing", "asleep")
RESET: Final = 4 * DAYS + 12 * HOURS
Ask = Callable[[str], list[Row]]


@dataclass(frozen=True)
class Known:
    """Points of five days in both time series, and who answers a query.

    `now` is when somebody looks: yesterday at 15:07 UTC, since no time series takes what is yet to come.
    """

    now: datetime
    embedded: SeriesReader
    bucket: str
    ask: Ask

    def shown(
        self,
        title: str,
        since: datetime,
        *,
        period: timedelta = HOURS,
        zone: str = "utc",
        printer: str = "lib-1",
    ) -> list[Row]:
        """Return what a panel shows from `since` to now, its query put together as Grafana does it."""
        query = QUERIES[title]
        for name, value in {
            "${bucket}": self.bucket,
            "${printer}": printer,
            "${__timezone}": zone,
            "v.timeRangeStart": f"{since:%Y-%m-%dT%H:%M:%SZ}",
            "v.timeRangeStop": f"{self.now:%Y-%m-%dT%H:%M:%SZ}",
            "v.windowPeriod": f"{period // timedelta(seconds=1)}s",
        }.items():
            query = query.replace(name, value)
        return self.ask(query)

    def points(self, printer_id: str) -> list[HistoryPoint]:
        """Return all points of a printer as the embedded time series has them."""
        return self.embedded.points(printer_id, self.now - 10 * DAYS, self.now)


@pytest.fixture(scope="module", params=["subset", "influxdb"])
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    clock = datetime.now(UTC)
    now = datetime.combine(clock.date() - DAYS, time(15, 7), UTC)
    points = list(known_points(now))
    with ExitStack() as stack:
        if request.param == "subset":
            bucket, buckets = "printers", {"printers": rows_of(points)}
            ask: Ask = lambda script: answer(script, buckets, clock)  # noqa: E731 (beside its kin)
        else:
            bucket, ask = stack.enter_context(server_with(points))
        yield Known(now, embedded_with(points, tmp_path_factory.mktemp("known"), clock), bucket, ask)


def known_points(now: datetime) -> Iterator[HistoryPoint]:
    """Yield readings of five printers, one each ten minutes, of now and the five days before it.

    lib-1 prints evenly and is now and then not reached. lib-2 is not reached for a day, glitches up and down,
    and often counts 0. lib-3 is another device from the fourth day on, lib-4 is new on the fifth. The counter
    of lib-5 begins anew on the fifth, at noon.
    """
    first = datetime.combine(now.date() - 5 * DAYS, time(0, 3), UTC)
    for n in range((now - first) // (10 * MINUTES) + 1):
        after = n * 10 * MINUTES
        day, at = after // DAYS, first - NOON + after
        state: State = STATES[n // 7 % len(STATES)]
        yield point(
            at, "lib-1", level=90 - n // 20, reachable=n % 13 != 5, state=state, count=10_000 + 3 * n // 2
        )
        glitch = {2 * DAYS + 11 * HOURS: 999_999, 4 * DAYS + 10 * HOURS: 3}.get(after)
        count = glitch or (0 if n % 9 == 8 else 20_000 + n)
        yield point(at, "lib-2", level=40, reachable=day != 3, count=count)
        if after < 3 * DAYS + 13 * HOURS:
            yield point(at, "lib-3", level=-1, count=500_000 + 5 * n)
        else:
            yield point(at, "lib-3", level=-1, count=40 + 2 * n, device=1)
        if after >= 4 * DAYS + 9 * HOURS:
            yield point(at, "lib-4", level=7, count=77 + n)
        yield point(at, "lib-5", level=3, count=2 * n + (80_000 if after < RESET else 0))


def embedded_with(points: list[HistoryPoint], folder: Path, clock: datetime) -> SeriesReader:
    """Return the embedded time series with these points, its days summed."""
    settings = HistorySettings(data_dir=folder)
    series = open_store(settings).open_writer()
    assert not series.write(points).refused
    while series.tidy(clock):
        pass
    series.close()
    return EmbeddedReader(settings)


def rows_of(points: Iterable[HistoryPoint]) -> list[Row]:
    """Return the rows that InfluxDB makes of the lines that the processor writes."""
    rows = []
    for line in (line for one in points for line in lines_of(one)):
        head, fields, at = line.split(" ")
        measurement, *tags = head.split(",")
        taken_at = datetime.fromtimestamp(int(at) / 1000, UTC)
        for name, text in (field.split("=") for field in fields.split(",")):
            value: int | str | bool = (
                text[1:-1] if text[0] == '"' else int(text[:-1]) if text[-1] == "i" else text == "true"
            )
            row = {"_measurement": measurement, "_field": name, "_time": taken_at, "_value": value}
            rows.append(row | dict(tag.split("=") for tag in tags))
    return rows


@contextmanager
def server_with(points: list[HistoryPoint]) -> Iterator[tuple[str, Ask]]:
    """Yield a bucket of a real server with these points, and how it is asked."""
    with influx() as settings:
        series = InfluxSeries(settings)
        series.write(points)
        series.close()
        token = settings.influxdb_token.get_secret_value() if settings.influxdb_token else ""
        url, org = settings.influxdb_url or "", settings.influxdb_org
        with InfluxDBClient(url=url, token=token, org=org) as client:

            def ask(script: str) -> list[Row]:
                tables = client.query_api().query(script)
                return [dict(record.values) for table in tables for record in table.records]

            yield settings.influxdb_bucket, ask


def printed(known: Known, zone: ZoneInfo) -> Iterator[tuple[str, date, int]]:
    """Yield printer, day and pages: the day sums, or for another time zone's days the points added up."""
    if zone.key == "UTC":
        for day in known.embedded.days(known.now.date() - 5 * DAYS, known.now.date() + DAYS):
            yield day.printer_id, day.day, day.pages or 0
        return
    for printer_id in FLEET:
        points = known.points(printer_id)
        counts = believed_by_device(
            [
                (one.device, DayCount(milliseconds(one.taken_at) // DAY_MS, one.marker_life_count))
                for one in points
            ],
            {},
        )
        for one, counted in zip(points, counts, strict=True):
            yield printer_id, one.taken_at.astimezone(zone).date(), counted.pages or 0


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


PAGES: Final = "Pages a day, all printers"


@pytest.mark.parametrize("zone", ["utc", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
def test_pages_stand_at_their_day_in_the_viewers_time_zone_and_today_counts_so_far(
    known: Known, zone: str
) -> None:
    since = known.now - 3 * DAYS  # in the middle of a day, which is shown as a whole
    there = ZoneInfo(zone.replace("utc", "UTC"))  # Grafana's name, and everybody's
    first, today = (at.astimezone(there).date() for at in (since, known.now))
    # The panel compares the last counts of days, so that no glitch becomes a million pages: of a day on which
    # a counter begins anew it has none.
    began_anew = "lib-5", (known.now.replace(hour=0, minute=3) - 5 * DAYS + RESET).astimezone(there).date()
    pages: dict[datetime, int] = defaultdict(int)
    for printer_id, day, count in printed(known, there):
        if day >= first:
            pages[midnight(day, there)] += 0 if (printer_id, day) == began_anew else count
    found = {row["_time"]: row["_value"] for row in known.shown(PAGES, since, zone=zone)}
    assert found == pages
    assert (min(found), max(found)) == (midnight(first, there), midnight(today, there))
    assert found[midnight(today, there)] > 0


def test_a_supply_stands_where_it_was_read_last_in_each_piece_of_time(known: Known) -> None:
    since = known.now - DAYS
    found = {
        (row["supply"], row["_time"]): row["_value"]
        for row in known.shown("Supply levels of ${printer}", since)
    }
    points = known.embedded.points("lib-1", since, known.now, HOURS)
    assert found == {
        (index, one.taken_at): supply.percent
        for one in points
        for index, supply in one.supplies.items()
        if supply.percent is not None
    }
    assert len(found) == 25


def test_the_counter_stands_where_it_was_read_last_in_each_piece_of_time(known: Known) -> None:
    since = known.now - DAYS
    found = {row["_time"]: row["_value"] for row in known.shown("Counter of ${printer}", since)}
    points = known.embedded.points("lib-1", since, known.now, HOURS)
    assert found == {one.taken_at: one.marker_life_count for one in points}


def test_the_counters_of_two_devices_are_two_lines(known: Known) -> None:
    found = known.shown("Counter of ${printer}", known.now - 4 * DAYS, printer="lib-3")
    assert {row.get("device") for row in found} == {None, "1"}


def test_a_state_begins_where_it_was_read(known: Known) -> None:
    since = known.now - DAYS
    found = {
        row["_time"]: row["_value"] for row in known.shown("State of ${printer}", since, period=30 * MINUTES)
    }
    points = known.embedded.points("lib-1", since, known.now)
    last = {(one.taken_at - NOON) // (30 * MINUTES): one for one in points}
    assert found == {one.taken_at: one.state for one in last.values()}
    assert "unreachable" in found.values()


def test_the_lowest_supplies_come_first(known: Known) -> None:
    found = known.shown("Lowest supplies of the fleet", known.now)
    newest = {
        (printer_id, index): (supply.percent, one.taken_at)
        for printer_id in FLEET
        for one in known.points(printer_id)
        for index, supply in one.supplies.items()
        if supply.percent is not None
    }
    seen = {(row["printer_id"], row["supply"]): (row["_value"], row["_time"]) for row in found}
    assert seen == newest
    assert [row["_value"] for row in found] == sorted(percent for percent, _ in newest.values())


def test_the_share_without_an_answer_is_that_of_the_day_sums(known: Known) -> None:
    since = known.now.replace(hour=0, minute=0) - 3 * DAYS
    found = known.shown("Share of readings without an answer", since, period=DAYS)
    readings: dict[datetime, int] = defaultdict(int)
    answered: dict[datetime, int] = defaultdict(int)
    for day in known.embedded.days(since.date(), known.now.date() + DAYS):
        readings[midnight(day.day, ZoneInfo("UTC"))] += day.readings
        answered[midnight(day.day, ZoneInfo("UTC"))] += day.answered
    expected = {day: 1 - answered[day] / count for day, count in readings.items()}
    assert {row["_time"]: row["_value"] for row in found} == pytest.approx(expected)


def test_the_printers_to_choose_from_are_those_with_points() -> None:
    (query,) = (one["query"] for one in BOARD["templating"]["list"] if one["name"] == "printer")
    points = list(known_points(datetime.now(UTC) - DAYS))
    with server_with(points) as (bucket, ask):
        assert {row["_value"] for row in ask(query.replace("${bucket}", bucket))} == set(FLEET)


def test_every_panel_is_compared() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [title for title in QUERIES if f'"{title}"' not in text] == []


def test_the_queries_ask_for_what_is_written() -> None:
    written: dict[str, set[str]] = defaultdict(set)
    for row in rows_of([point(timedelta(), level=80)]):
        written[row["_measurement"]].add(row["_field"])
    for title, query in QUERIES.items():
        measurement, field = re.findall(r'r\._(?:measurement|field) == "(\w+)"', query)
        assert field in written[measurement], title

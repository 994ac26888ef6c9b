"""What every time series must do, whichever it is: written by the processor, read by all."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.counters import CounterPages, counter_pages, device_of
from core.timeseries.reader import PrinterDay, SeriesReader, whole_days
from core.timeseries.stores import open_store
from core.timeseries.writer import SeriesWriter, Written
from tests.processor.history_points import NOON, point
from tests.processor.influx import influx, server_settings
from tests.processor.victoria import Victoria, victoria

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)
# Servers take no points that are older than their retention.
TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - 2 * DAYS
SHIFT = TODAY - NOON


@dataclass
class Store:
    """A time series with both its ends."""

    settings: HistorySettings
    settle: Callable[[], object]
    """Makes what was written readable at once."""

    def __post_init__(self) -> None:
        self.writer: SeriesWriter = open_store(self.settings).open_writer()
        self.reader: SeriesReader = open_store(self.settings).open_reader()

    def write(self, points: Sequence[HistoryPoint]) -> Written:
        """Write, and let the writer finish whatever it does in the background."""
        written = self.writer.write(points)
        while self.writer.tidy(datetime.now(UTC)):
            pass
        self.settle()
        return written


@pytest.fixture(scope="module")
def one_victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victoria]:
    """A server for all tests here, each of which finds it empty."""
    with victoria(tmp_path_factory.mktemp("series")) as server:
        yield server


@pytest.fixture(params=["embedded", "victoria", "influx"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with ExitStack() as stack:
        if request.param == "embedded":
            made = Store(HistorySettings(data_dir=tmp_path), lambda: None)
        elif request.param == "victoria":
            server = request.getfixturevalue("one_victoria")
            stack.callback(server.forget)
            made = Store(server_settings(server.url), server.flush)
        else:
            made = Store(stack.enter_context(influx()), lambda: None)
        stack.callback(made.reader.close)
        stack.callback(made.writer.close)
        yield made


def today(after: timedelta, printer_id: str = "lib-1", **values: Any) -> HistoryPoint:
    return point(SHIFT + after, printer_id, **values)


def days_of(store: Store, printer_id: str = "lib-1") -> list[PrinterDay]:
    found = store.reader.days(TODAY.date() - 20 * DAYS, TODAY.date() + 5 * DAYS)
    return [day for day in found if day.printer_id == printer_id]


def test_points_come_back_as_they_were_written(store: Store) -> None:
    points = [
        today(timedelta()),
        today(5 * MINUTES, reachable=False),
        today(10 * MINUTES, level=-1),
        today(15 * MINUTES, state="asleep", count=None),
    ]
    store.write([*points, today(MINUTES, "lib-2")])
    assert store.reader.points("lib-1", TODAY, TODAY + HOURS) == points
    assert len(store.reader.points("lib-2", TODAY, TODAY + HOURS)) == 1
    assert store.reader.points("lib-3", TODAY, TODAY + HOURS) == []


def test_a_range_has_its_beginning_and_not_its_end(store: Store) -> None:
    points = [today(n * MINUTES) for n in range(5)]
    store.write(points)
    assert store.reader.points("lib-1", TODAY + MINUTES, TODAY + 3 * MINUTES) == points[1:3]


def test_of_each_piece_of_time_there_is_one_point_an_answered_one_where_there_is_any(store: Store) -> None:
    first = [today(n * 10 * MINUTES, level=80 - n, reachable=n < 4) for n in range(6)]
    second = [today(HOURS + n * 10 * MINUTES, reachable=False) for n in range(3)]
    store.write([*first, *second])
    found = store.reader.points("lib-1", TODAY, TODAY + DAYS, every=HOURS)
    # A server tells the last state of the hour, which is not that of the answer.
    assert found[0].state in ("idle", "unknown")
    assert [found[0].model_copy(update={"state": "idle"}), *found[1:]] == [first[3], second[2]]


def test_there_is_nothing_in_no_time(store: Store) -> None:
    store.write([today(timedelta())])
    assert store.reader.points("lib-1", TODAY, TODAY) == []
    assert store.reader.points("lib-1", TODAY, TODAY, every=HOURS) == []
    assert list(store.reader.days(TODAY.date(), TODAY.date())) == []
    assert list(store.reader.months(TODAY.date(), TODAY.date())) == []


@pytest.mark.parametrize("printer_id", ["a.b_c-1", "0", "x" * 64])
def test_any_id_of_a_printer_finds_its_points(store: Store, printer_id: str) -> None:
    store.write([today(timedelta(), printer_id)])
    assert len(store.reader.points(printer_id, TODAY, TODAY + HOURS)) == 1


def test_a_day_adds_up_its_readings_and_answers(store: Store) -> None:
    store.write([today(n * HOURS, reachable=n != 3) for n in range(6)])
    (day,) = days_of(store)
    assert (day.day, day.readings, day.answered) == (TODAY.date(), 6, 5)
    assert (day.first_count, day.last_count, day.pages) == (1000, 1000, 0)


def test_a_day_without_readings_is_left_out_and_its_pages_are_the_next_day_s(store: Store) -> None:
    store.write([today(-3 * DAYS, count=100), today(timedelta(), count=150)])
    assert [(day.day, day.pages) for day in days_of(store)] == [
        (TODAY.date() - 3 * DAYS, None),
        (TODAY.date(), 50),
    ]


def test_a_day_that_was_never_answered_has_no_count(store: Store) -> None:
    store.write([today(-DAYS, count=100), today(timedelta(), reachable=False)])
    assert days_of(store)[-1] == PrinterDay("lib-1", TODAY.date(), 1, 0, None, None, None)


def test_pages_are_counted_over_glitches_and_resets(store: Store) -> None:
    counts = {-9: 5000, -8: 5100, -7: 0, -6: 5200, -5: 40, -4: 5300, -3: 60, -2: 80, -1: 100, 0: 101}
    store.write([today(after * DAYS, count=count) for after, count in counts.items()])
    assert [day.pages for day in days_of(store)] == [
        None,  # nothing to subtract yet
        100,
        None,  # not read
        100,
        None,  # a glitch
        100,
        None,  # begun anew
        20,
        20,
        1,
    ]


def test_the_first_day_of_a_printer_or_a_device_has_no_pages_and_not_none_printed(store: Store) -> None:
    store.write(
        [today(-3 * DAYS, count=500), today(-2 * DAYS, count=500), today(-DAYS, count=9000, device=1)]
    )
    assert [(day.device, day.pages) for day in days_of(store)] == [(0, None), (0, 0), (1, None)]
    months = list(store.reader.months(TODAY.date() - 3 * DAYS, TODAY.date() - 2 * DAYS))
    assert [month.pages for month in months] == [None]


def test_a_counter_that_jumps_further_than_anybody_can_print_has_printed_nothing(store: Store) -> None:
    counts = {-4: 5000, -3: 5100, -2: 4_000_000, -1: 4_000_070, 0: 4_000_080}
    store.write([today(after * DAYS, count=count) for after, count in counts.items()])
    assert [day.pages for day in days_of(store)] == [None, 100, None, 70, 10]


def test_the_days_of_some_printers_are_those_that_all_have(store: Store) -> None:
    names = [f"lib-{number}" for number in range(1, 25)]
    store.write([today(n * DAYS, name, count=100 + n) for n in (-2, -1, 0) for name in names])
    asked = TODAY.date() - DAYS, TODAY.date() + DAYS
    everybody = list(store.reader.days(*asked))
    for some in (["lib-2"], ["lib-3", "lib-2"], [*names[1:], 'no"body']):  # one by one, or the fleet at once
        found = list(store.reader.days(*asked, some))
        assert found == [day for day in everybody if day.printer_id in some]
        assert len(found) == 2 * len({*some} & {*names})
    assert list(store.reader.days(*asked, ['no"body'])) == []
    assert list(store.reader.days(*asked, [])) == []


def test_days_come_by_printer_and_day_and_only_those_asked_for(store: Store) -> None:
    store.write([today(n * DAYS, printer) for n in (-2, -1, 0) for printer in ("b", "a")])
    found = store.reader.days(TODAY.date() - DAYS, TODAY.date())
    assert [(day.printer_id, day.day) for day in found] == [
        ("a", TODAY.date() - DAYS),
        ("b", TODAY.date() - DAYS),
    ]


def test_months_add_up_days(store: Store) -> None:
    store.write([today(n * DAYS, count=1000 + n) for n in (-2, -1, 0)])
    months = list(store.reader.months(date(2020, 1, 1), TODAY.date() + DAYS))
    assert sum(month.pages or 0 for month in months) == 2
    assert sum(month.days for month in months) == 3
    assert months[-1].last_count == 1000


def test_pages_between_two_days_belong_to_a_day(store: Store) -> None:
    begin = timedelta(hours=-36)  # midnight, a day and a half before noon
    store.write([today(begin + n * 10 * MINUTES, count=5000 + n) for n in range(3 * 144)])
    assert [day.pages for day in days_of(store)] == [143, 144, 144]


def test_counts_of_two_devices_are_not_subtracted_from_each_other(store: Store) -> None:
    old = [today(-DAYS + n * HOURS, count=500_000 + n) for n in range(26)]
    new = [today(3 * HOURS + n * HOURS, count=900_000 + n, device=1) for n in range(5)]
    store.write([*old, *new])
    found = [(day.day, day.device, day.readings, day.pages) for day in days_of(store)]
    assert found == [
        (TODAY.date() - DAYS, 0, 12, 11),
        (TODAY.date(), 0, 14, 14),
        (TODAY.date(), 1, 5, 4),
    ]
    (whole, both) = whole_days(days_of(store))
    assert (whole.readings, both.readings, both.pages, both.last_count) == (12, 19, 18, 900_004)
    months = list(store.reader.months(date(2020, 1, 1), TODAY.date() + DAYS))
    assert sum(month.pages or 0 for month in months) == 29
    assert sum(month.days for month in months) == 2
    assert months[-1].last_count == 900_004
    points = store.reader.points("lib-1", TODAY, TODAY + DAYS)
    assert [point.device for point in points] == [0, 0] + [1] * 5


def counted(
    after: timedelta, serial: str = "SN-1", printer_id: str = "lib-1", **counters: int
) -> HistoryPoint:
    told = {"counters": counters, "serial_number": serial}
    return today(after, printer_id).model_copy(update=told)


def counted_pages(store: Store, since: date | None = None) -> list[CounterPages]:
    first = since or TODAY.date() - 20 * DAYS
    return list(counter_pages(store.reader.counter_days, first, TODAY.date() + 3 * DAYS))


def test_the_last_count_of_each_day_is_kept_whatever_order_points_come_in(store: Store) -> None:
    store.write([counted(HOURS, mono=120, color=7), counted(timedelta(), mono=100, color=5)])
    store.write([counted(-DAYS, mono=90, color=5), counted(2 * HOURS, printer_id="lib-2", mono=1)])
    found = {
        (day.printer_id, day.counter, day.day): (day.value, day.device)
        for day in store.reader.counter_days(TODAY.date() - DAYS, TODAY.date() + DAYS)
    }
    device, yesterday = device_of("SN-1"), TODAY.date() - DAYS
    assert found == {
        ("lib-1", "mono", yesterday): (90, device),
        ("lib-1", "color", yesterday): (5, device),
        ("lib-1", "mono", TODAY.date()): (120, device),
        ("lib-1", "color", TODAY.date()): (7, device),
        ("lib-2", "mono", TODAY.date()): (1, device),
    }


def test_pages_of_a_counter_are_those_since_its_count_before_on_whatever_day_that_was(store: Store) -> None:
    store.write([counted(-9 * DAYS, mono=50), counted(-DAYS, mono=90), counted(timedelta(), mono=120)])
    pages = {found.day: found.pages for found in counted_pages(store)}
    assert pages == {TODAY.date() - 9 * DAYS: None, TODAY.date() - DAYS: 40, TODAY.date(): 30}
    assert [found.pages for found in counted_pages(store, TODAY.date())] == [30]


def test_the_counts_of_two_devices_at_one_address_are_not_subtracted(store: Store) -> None:
    store.write([counted(-2 * DAYS, mono=500_000), counted(-DAYS, "SN-2", mono=900_000)])
    store.write([counted(timedelta(), "SN-2", mono=900_010)])
    assert [found.pages for found in counted_pages(store)] == [None, None, 10]

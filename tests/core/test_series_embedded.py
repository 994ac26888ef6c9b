"""Reading the embedded time series, which the processor writes."""

import sqlite3
import threading
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.embedded.layout import DAYS as DAYS_TABLE
from core.timeseries.embedded.layout import DEVICES, FILE_NAME
from core.timeseries.embedded.reader import EmbeddedReader
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.pages import added
from core.timeseries.reader import PrinterMonth, TimeSeriesUnavailable, months_of
from tests.processor.history_points import NOON, point

HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)
DAYS_OF_VERSION_2 = DAYS_TABLE[1]
DAYS_OF_VERSION_4 = DEVICES[2]


def reader(folder: Path) -> EmbeddedReader:
    return EmbeddedReader(HistorySettings(data_dir=folder))


def write(folder: Path, points: list[HistoryPoint], now: datetime = NOON + 12 * HOURS) -> None:
    series = EmbeddedSeries(HistorySettings(data_dir=folder))
    series.write(points)
    while series.tidy(now):
        pass
    series.close()


def test_without_a_file_there_are_no_points_and_none_is_made(tmp_path: Path) -> None:
    assert reader(tmp_path).points("lib-1", NOON - DAYS, NOON) == []
    assert list(reader(tmp_path).days(date(2026, 1, 1), date(2027, 1, 1))) == []
    assert list(reader(tmp_path).months(date(2026, 1, 1), date(2027, 1, 1))) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("version", "sentence"), [(99, "newer program: install"), (1, "older program: start")]
)
def test_a_file_of_another_program_is_a_sentence(tmp_path: Path, version: int, sentence: str) -> None:
    write(tmp_path, [point()])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    with pytest.raises(TimeSeriesUnavailable, match=sentence):
        reader(tmp_path).points("lib-1", NOON - DAYS, NOON)


class FullDisk(sqlite3.Connection):
    """A file that cannot be committed to, once."""

    full = False

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql == "COMMIT" and FullDisk.full:
            FullDisk.full = False
            super().execute("ROLLBACK")
            raise sqlite3.OperationalError("database or disk is full")
        return super().execute(sql, *parameters)


def test_after_a_commit_that_failed_no_point_is_of_another_printer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, [])
    series = EmbeddedSeries(HistorySettings(data_dir=tmp_path))
    connect = sqlite3.connect
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", partial(connect, factory=FullDisk))
        series.write([])
        monkeypatch.setattr(FullDisk, "full", True)
        with pytest.raises(TimeSeriesUnavailable, match="disk is full"):
            series.write([point(printer_id="lib-1", level=10)])
    series.write([point(printer_id="chem-9", level=20)])
    series.write([point(printer_id="lib-1", level=30)])
    series.close()
    levels = {name: reader(tmp_path).points(name, NOON - DAYS, NOON + DAYS) for name in ("lib-1", "chem-9")}
    assert {name: [each.supplies["1.1"].level for each in found] for name, found in levels.items()} == {
        "lib-1": [30],
        "chem-9": [20],
    }


def test_a_file_that_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("not a database at all" * 100)
    with pytest.raises(TimeSeriesUnavailable, match="cannot be read"):
        list(reader(tmp_path).days(date(2026, 1, 1), date(2027, 1, 1)))


def test_a_file_of_version_1_is_brought_up_to_date_with_the_days_of_its_points(tmp_path: Path) -> None:
    write(tmp_path, [point(n * HOURS) for n in range(3)])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("DROP TABLE counters")
        connection.execute("DROP TABLE days")
        connection.execute("ALTER TABLE points DROP COLUMN device")
        connection.execute("ALTER TABLE printers DROP COLUMN summed_until")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    write(tmp_path, [])
    (day,) = reader(tmp_path).days(date(2026, 1, 1), date(2027, 1, 1))
    assert (day.day, day.readings) == (NOON.date(), 3)


def test_a_file_of_version_2_keeps_its_days(tmp_path: Path) -> None:
    write(tmp_path, [point(n * HOURS, count=1000 + n) for n in range(3)])
    before = list(reader(tmp_path).days(date(2026, 1, 1), date(2027, 1, 1)))
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("CREATE TABLE old AS SELECT * FROM days")
        connection.execute("DROP TABLE days")
        connection.execute(DAYS_OF_VERSION_2)
        columns = "printer, day, readings, answered, first_count, last_count, pages"
        connection.execute(f"INSERT INTO days SELECT {columns} FROM old")  # noqa: S608 (constants)
        connection.execute("DROP TABLE old")
        connection.execute("ALTER TABLE points DROP COLUMN device")
        connection.execute("DROP TABLE counters")
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    write(tmp_path, [point(3 * HOURS, count=1003)])
    (day,) = reader(tmp_path).days(date(2026, 1, 1), date(2027, 1, 1))
    assert [each.pages for each in before] == [2]
    assert (day.readings, day.pages, day.device) == (4, 3, 0)


def test_a_file_of_version_3_is_brought_up_to_date_and_takes_page_counters(tmp_path: Path) -> None:
    write(tmp_path, [point(HOURS)])
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("DROP TABLE counters")
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    write(tmp_path, [point(2 * HOURS).model_copy(update={"counters": {"mono": 7}})])
    (day,) = reader(tmp_path).counter_days(date(2026, 1, 1), date(2027, 1, 1))
    assert (day.counter, day.day, day.value, day.device) == ("mono", NOON.date(), 7, 0)


def test_many_threads_read_while_one_writes(tmp_path: Path) -> None:
    series, shared = EmbeddedSeries(HistorySettings(data_dir=tmp_path)), reader(tmp_path)
    seen: list[int] = []

    def read() -> None:
        seen.extend(len(shared.points("lib-1", NOON - DAYS, NOON + DAYS)) for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for n in range(100):
        series.write([point(timedelta(minutes=n))])
    for thread in threads:
        thread.join()
    assert len(seen) == 160
    assert len(shared.points("lib-1", NOON - DAYS, NOON + DAYS)) == 100


def test_sums_of_a_day_outlive_the_thinning_of_its_points(tmp_path: Path) -> None:
    answers = [point(n * 5 * timedelta(minutes=1), reachable=n % 4 != 0) for n in range(100)]
    write(tmp_path, answers)
    write(tmp_path, [], NOON + 30 * DAYS)
    assert len(reader(tmp_path).points("lib-1", NOON, NOON + DAYS)) < 20
    (day,) = reader(tmp_path).days(NOON.date(), NOON.date() + DAYS)
    assert (day.readings, day.answered) == (100, 75)
    # Points of that day, given again when most of them are gone, take nothing from its sums.
    write(tmp_path, answers[:30], NOON + 31 * DAYS)
    (day,) = reader(tmp_path).days(NOON.date(), NOON.date() + DAYS)
    assert (day.readings, day.answered) == (100, 75)
    write(tmp_path, [], NOON + 500 * DAYS)
    assert list(reader(tmp_path).days(NOON.date(), NOON.date() + DAYS)) == []


def test_months_are_the_sums_of_their_days(tmp_path: Path) -> None:
    points = [
        point(n * 7 * HOURS, printer, count=1000 + 10 * n, reachable=n % 5 != 0)
        for n in range(250)
        for printer in ("b", "a")
    ]
    write(tmp_path, points, NOON + 80 * DAYS)
    since, until = date(2026, 3, 12), date(2026, 5, 3)
    months = list(reader(tmp_path).months(since, until))
    assert months == list(months_of(reader(tmp_path).days(since, until)))
    assert [(one.printer_id, one.month.month, one.days) for one in months] == [
        ("a", 3, 20),
        ("b", 3, 20),
        ("a", 4, 30),
        ("b", 4, 30),
        ("a", 5, 2),
        ("b", 5, 2),
    ]
    assert isinstance(months[0], PrinterMonth)


def test_a_file_of_version_4_forgets_the_pages_that_nobody_could_have_counted(tmp_path: Path) -> None:
    """As it summed them: nothing, where there was nothing to subtract."""
    later = NOON + 3 * DAYS
    write(tmp_path, [point(), *(point(2 * DAYS + n * HOURS, count=1000) for n in range(2))], later)
    of_two = [point(HOURS, "lib-2", count=None), point(DAYS, "lib-2"), point(2 * DAYS, "lib-2")]
    write(tmp_path, of_two, later)
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("ALTER TABLE days RENAME TO new")
        connection.execute(DAYS_OF_VERSION_4)
        connection.execute("INSERT INTO days SELECT * FROM new WHERE pages IS NOT NULL")
        connection.execute(
            """INSERT INTO days SELECT printer, day, device, readings, answered, first_count, last_count, 0
                FROM new WHERE pages IS NULL"""
        )
        connection.execute("DROP TABLE new")
        connection.execute("UPDATE printers SET summed_until = 0")
        connection.execute("DELETE FROM points")  # else they would be summed anew
        connection.execute("PRAGMA user_version = 4")
    connection.close()
    write(tmp_path, [], later)
    found = reader(tmp_path).days(date(2026, 1, 1), date(2027, 1, 1))
    assert [(day.printer_id, day.pages) for day in found] == [
        ("lib-1", None),
        ("lib-1", 0),
        ("lib-2", None),
        ("lib-2", None),
        ("lib-2", 0),
    ]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 5 * 24 - 1), st.none() | st.integers(0, 500)),
        unique_by=lambda read: read[0],
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_days_are_the_same_in_whatever_order_and_parts_points_come_and_their_pages_add_up(
    read: list[tuple[int, int | None]], parts: int, random: Random
) -> None:
    """A counter that only rises, and now and then is not read."""
    count, points, counts = 1000, list[HistoryPoint](), list[int]()
    for hour, step in sorted(read, key=lambda one: one[0]):
        count += step or 0
        points.append(point(hour * HOURS, count=None if step is None else count))
        counts += [count] if step is not None else []
    shuffled = random.sample(points, len(points))
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        write(Path(one), points, NOON + 7 * DAYS)
        for part in range(parts):
            write(Path(other), shuffled[part::parts], NOON + 7 * DAYS)
        whole, found = (
            list(reader(Path(folder)).days(date(2026, 1, 1), date(2027, 1, 1))) for folder in (one, other)
        )
    assert found == whole
    rises = counts[-1] - counts[0] if counts else 0
    assert (added(*(day.pages for day in whole)) or 0) == rises

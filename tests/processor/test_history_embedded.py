"""The embedded time series."""

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.runtime.settings import HistorySettings
from core.timeseries.embedded import writer
from core.timeseries.embedded.layout import FILE_NAME
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.reader import TimeSeriesUnavailable
from tests.processor.history_points import NOON, point, stored

MINUTES = timedelta(minutes=1)
HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


@pytest.fixture
def series(tmp_path: Path) -> EmbeddedSeries:
    return EmbeddedSeries(HistorySettings(data_dir=tmp_path))


def test_a_point_comes_back_as_it_was_written(series: EmbeddedSeries, tmp_path: Path) -> None:
    points = [point(), point(5 * MINUTES, reachable=False), point(10 * MINUTES, level=-1)]
    assert series.write(points).new == 3
    assert stored(tmp_path, "lib-1") == points


def test_a_point_written_twice_is_there_once_and_stays_as_it_was(
    series: EmbeddedSeries, tmp_path: Path
) -> None:
    series.write([point(level=80)])
    assert series.write([point(level=10), point(MINUTES)]).new == 1
    assert stored(tmp_path, "lib-1") == [point(level=80), point(MINUTES)]


def test_points_of_printers_are_kept_apart(series: EmbeddedSeries, tmp_path: Path) -> None:
    series.write([point(), point(printer_id="lib-2", level=3)])
    assert [p.supplies["1.1"].level for p in stored(tmp_path, "lib-2")] == [3]


def test_more_printers_than_are_remembered_are_kept_apart(
    series: EmbeddedSeries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MOST_KNOWN", 2)
    names = [f"p-{number}" for number in range(5)]
    for hour in range(2):
        series.write([point(timedelta(hours=hour), name, level=place) for place, name in enumerate(names)])
        assert len(series._printers) <= 2
    levels = {name: [found.supplies["1.1"].level for found in stored(tmp_path, name)] for name in names}
    assert levels == {name: [place, place] for place, name in enumerate(names)}


def test_a_point_nobody_can_keep_is_refused_alone(series: EmbeddedSeries, tmp_path: Path) -> None:
    huge = point(MINUTES).model_copy(update={"marker_life_count": 2**64})
    written = series.write([point(), huge, point(-60 * 365 * DAYS)])
    assert written.new == 1
    assert written.refused == {
        1: "its marker_life_count has more than 64 bits",
        2: "it was taken before 1970",
    }


def thinned(series: EmbeddedSeries, after: timedelta) -> None:
    while series.tidy(NOON + after):
        pass


def test_readings_thin_out_to_one_an_hour_and_one_a_day_and_none(
    series: EmbeddedSeries, tmp_path: Path
) -> None:
    series.write([point(n * 5 * MINUTES) for n in range(12 * 48)])
    thinned(series, 7 * DAYS)
    assert len(stored(tmp_path, "lib-1")) == 12 * 48
    thinned(series, 10 * DAYS)
    kept = stored(tmp_path, "lib-1")
    assert [p.taken_at for p in kept] == [NOON + n * HOURS + 55 * MINUTES for n in range(48)]
    thinned(series, 93 * DAYS)
    assert [p.taken_at.hour for p in stored(tmp_path, "lib-1")] == [23, 23, 11]
    thinned(series, 500 * DAYS)
    assert stored(tmp_path, "lib-1") == []


def test_of_an_hour_the_last_answer_stays_rather_than_a_failed_check(
    series: EmbeddedSeries, tmp_path: Path
) -> None:
    series.write([point(), point(5 * MINUTES), point(10 * MINUTES, reachable=False)])
    thinned(series, 30 * DAYS)
    assert stored(tmp_path, "lib-1") == [point(5 * MINUTES)]


def test_late_points_of_a_thinned_time_are_thinned_too(series: EmbeddedSeries, tmp_path: Path) -> None:
    series.write([point()])
    thinned(series, 30 * DAYS)
    series.write([point(n * MINUTES - 5 * HOURS) for n in range(60)])
    thinned(series, 30 * DAYS + 2 * HOURS)
    assert [p.taken_at for p in stored(tmp_path, "lib-1")] == [NOON - 4 * HOURS - MINUTES, NOON]


def test_a_round_of_thinning_rests_for_an_hour(series: EmbeddedSeries, tmp_path: Path) -> None:
    series.write([point(n * MINUTES - 7 * DAYS) for n in range(60)])
    thinned(series, 30 * MINUTES)
    thinned(series, 89 * MINUTES)
    assert len(stored(tmp_path, "lib-1")) == 60
    thinned(series, 91 * MINUTES)
    assert len(stored(tmp_path, "lib-1")) == 1


def test_a_file_that_is_no_database_is_away_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("not a database at all" * 100)
    with pytest.raises(TimeSeriesUnavailable, match=r"history\.sqlite3 takes nothing"):
        EmbeddedSeries(HistorySettings(data_dir=tmp_path)).write([point()])


def test_a_locked_file_takes_the_points_afterwards(series: EmbeddedSeries, tmp_path: Path) -> None:
    series.write([point()])
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer = threading.Thread(target=series.write, args=([point(MINUTES)],))
    writer.start()
    other.execute("COMMIT")
    writer.join()
    assert len(stored(tmp_path, "lib-1")) == 2
    other.close()


def test_two_writers_share_a_file(series: EmbeddedSeries, tmp_path: Path) -> None:
    other = EmbeddedSeries(HistorySettings(data_dir=tmp_path))
    for n in range(20):
        (series if n % 2 else other).write([point(n * MINUTES, printer_id=f"p-{n // 2}") for _ in range(2)])
    assert sum(len(stored(tmp_path, f"p-{n}")) for n in range(10)) == 20

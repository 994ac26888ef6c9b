"""Old points of history written at once: each is there once, and what cannot be kept is counted."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.runtime.settings import HistorySettings
from core.timeseries.reader import TimeSeriesUnavailable
from processor.history.loading import Loaded, load_history
from tests.processor.history_points import NOON, point, stored


def test_history_is_loaded_once_however_often_it_is_given(tmp_path: Path) -> None:
    settings = HistorySettings(data_dir=tmp_path)
    now = datetime.now(UTC).replace(microsecond=0)
    points = [point(now - NOON - timedelta(hours=n), f"p-{n % 3}") for n in range(100)]
    assert load_history(points, settings) == Loaded(points=100, new=100)
    assert load_history([*points, points[0]], settings) == Loaded(points=101, new=0)
    expected = sorted((p for p in points if p.printer_id == "p-1"), key=lambda p: p.taken_at)
    assert stored(tmp_path, "p-1") == expected


def test_points_that_cannot_be_kept_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old = point().model_copy(update={"taken_at": datetime(1950, 1, 1, tzinfo=UTC)})
    with caplog.at_level(logging.WARNING):
        loaded = load_history([old], HistorySettings(data_dir=tmp_path))
    assert loaded == Loaded(points=1, new=0, refused=1)
    assert "a point is refused: it was taken before 1970" in caplog.text


def test_a_time_series_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    settings = HistorySettings(data_dir=tmp_path, influxdb_url="http://127.0.0.1:9")
    with pytest.raises(
        TimeSeriesUnavailable, match=r"the time series at http://127\.0\.0\.1:9 does not answer"
    ):
        load_history([point()], settings)

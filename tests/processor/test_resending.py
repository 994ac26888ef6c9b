"""Refused points are kept, and sent once more when the cause was mended."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert, select

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.storage.database import reading, writing
from core.storage.refused_points import count_refused, refused_reasons
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.influx.lines import lines_of
from core.timeseries.influx.writer import InfluxSeries
from core.timeseries.points import milliseconds
from core.timeseries.reader import TimeSeriesUnavailable
from core.timeseries.writer import SeriesWriter
from processor.counters import Counters
from processor.history import drain as drain_module
from processor.history.drain import Drain
from processor.history.resending import Resent, resend_refused
from processor.tables import OUTBOX, REFUSED_POINTS
from tests.processor.history_points import point, stored
from tests.processor.influx import server_settings
from tests.processor.making import MINUTES, rows
from tests.processor.paper_influx import PaperInflux, paper_influx

OLD = "422: outside retention policy of duration 72h0m0s"


@pytest.fixture
def paper() -> Iterator[PaperInflux]:
    with paper_influx() as server:
        yield server


@pytest.fixture
def series(paper: PaperInflux) -> Iterator[InfluxSeries]:
    series = InfluxSeries(server_settings(paper.url, influxdb_confirm_seconds=600.0))
    yield series
    series.close()


def moved(engine: Engine, series: SeriesWriter, points: list[HistoryPoint]) -> Counters:
    """Points that the processor has moved to the time series as far as that takes them."""
    with writing(engine) as connection:
        connection.execute(insert(OUTBOX), [{"payload": each.model_dump_json()} for each in points])
    counters = Counters()
    mover = Drain(engine, series, counters)
    while mover.step():
        pass
    return counters


def resend(engine: Engine, series: SeriesWriter) -> Resent:
    return resend_refused(engine, series, lambda _: None)


def spread(count: int) -> list[HistoryPoint]:
    """Points before and after noon, twenty minutes apart."""
    return [point((n - count // 2) * 20 * MINUTES, f"p-{n % 5}") for n in range(count)]


def test_refused_points_are_taken_once_the_bucket_keeps_them(
    engine: Engine, paper: PaperInflux, series: InfluxSeries
) -> None:
    points = spread(1000)
    paper.storage.oldest = milliseconds(points[500].taken_at)
    counters = moved(engine, series, points)
    with reading(engine) as connection:
        refused, (only,) = count_refused(connection), refused_reasons(connection)
    assert (only.reason, only.points) == (OLD, refused)
    assert (counters.history_refused, counters.history_written) == (refused, 1000 - refused)
    paper.storage.oldest = None
    before = paper.writes
    resent = resend(engine, series)
    assert (resent.of, resent.sent, resent.refused, paper.writes - before) == (refused, refused, 0, 1)
    assert paper.storage.stored == {line for each in points for line in lines_of(each)}
    assert rows(engine, REFUSED_POINTS) == []
    with reading(engine) as connection:  # until it is known that the server has them for good
        to_confirm = connection.execute(select(OUTBOX.c.id).where(OUTBOX.c.sent_at.is_not(None))).all()
    assert len(to_confirm) == 1000


def test_what_is_refused_again_stays_with_its_new_reason(
    engine: Engine, paper: PaperInflux, series: InfluxSeries
) -> None:
    points = spread(100)
    paper.storage.oldest = milliseconds(points[-1].taken_at + 7 * 24 * 60 * MINUTES)
    moved(engine, series, points)
    paper.storage.oldest = None
    paper.storage.take_type(milliseconds(points[0].taken_at), "supply", "percent", "float")
    resent = resend(engine, series)
    assert resent.of == 100 == resent.sent + resent.refused
    ((reason, number),) = resent.reasons.items()
    assert number == resent.refused > 0
    assert "field type conflict" in reason
    with reading(engine) as connection:
        (only,) = refused_reasons(connection)
    assert (only.reason, only.points) == (reason, number)
    assert resend(engine, series).refused == number  # and nothing is lost by trying again


def test_nothing_is_lost_while_the_time_series_is_away(
    engine: Engine, paper: PaperInflux, series: InfluxSeries
) -> None:
    points = spread(10)
    paper.storage.oldest = milliseconds(points[-1].taken_at + 7 * 24 * 60 * MINUTES)
    moved(engine, series, points)
    paper.write_statuses["printers"] = 503
    with pytest.raises(TimeSeriesUnavailable):
        resend(engine, series)
    assert len(rows(engine, REFUSED_POINTS)) == 10
    assert rows(engine, OUTBOX) == []


def test_a_row_that_is_no_point_is_refused_again(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("history")
    series = EmbeddedSeries(HistorySettings(data_dir=folder))
    good = point()
    with writing(engine) as connection:
        payloads = "nonsense", good.model_dump_json()
        old = {"reason": "it was", "at": good.taken_at}
        connection.execute(insert(REFUSED_POINTS), [{"payload": payload, **old} for payload in payloads])
    resent = resend(engine, series)
    series.close()
    assert (resent.sent, resent.refused) == (1, 1)
    assert [each.taken_at for each in stored(folder, good.printer_id)] == [good.taken_at]
    assert [payload for (payload,) in rows(engine, REFUSED_POINTS, "payload")] == ["nonsense"]


def test_the_oldest_refused_points_are_dropped_counted_and_told(
    engine: Engine,
    paper: PaperInflux,
    series: InfluxSeries,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(drain_module, "KEPT_POINTS", 30)
    points = spread(100)
    paper.storage.oldest = milliseconds(points[-1].taken_at + 7 * 24 * 60 * MINUTES)
    counters = moved(engine, series, points)
    kept = [HistoryPoint.model_validate_json(text) for (text,) in rows(engine, REFUSED_POINTS, "payload")]
    assert kept == points[70:]
    assert (counters.history_refused, counters.history_dropped) == (100, 70)
    assert f"the time series refuses points of history, now 100 ({OLD})" in caplog.text
    assert "printers history resend-refused" in caplog.text
    assert "dropped the 70 oldest refused points: 30 are kept" in caplog.text

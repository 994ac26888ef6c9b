"""History copied to a real server and back, stopped and resumed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.contract.errors import UserError
from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.timeseries.copying import NOTE, CopyResult, copy_history
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.reader import PrinterDay, SeriesReader
from core.timeseries.stores import open_store
from tests.processor.history_points import NOON, point
from tests.processor.influx import influx, server_settings
from tests.processor.victoria import victoria

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
HOURS = timedelta(hours=1)
PRINTERS = ["a", "b", "c", "d"]


@dataclass
class Plant:
    """A server, and a folder with an embedded history of a hundred days."""

    settings: HistorySettings
    settle: Callable[[], object]
    """Makes what the server has taken readable at once."""

    def copy_back(self, folder: Path) -> HistorySettings:
        """Copy from the server into a new folder."""
        self.settle()
        new = self.settings.model_copy(update={"data_dir": folder})
        copy_history(new, "embedded", lambda _: None)
        return new


@pytest.fixture(params=["victoria", "influx"])
def plant(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Plant]:
    with ExitStack() as stack:
        if request.param == "victoria":
            server = stack.enter_context(victoria(tmp_path))
            made = Plant(server_settings(server.url, data_dir=tmp_path / "old"), server.flush)
        else:
            given = stack.enter_context(influx())
            made = Plant(given.model_copy(update={"data_dir": tmp_path / "old"}), lambda: None)
        fill(made.settings)
        yield made


def fill(settings: HistorySettings) -> None:
    series = EmbeddedSeries(settings)
    for number, printer in enumerate(PRINTERS):
        series.write(
            [
                point(TODAY - NOON - n * 6 * HOURS, printer, level=n % 90, count=9000 - n * (number + 1))
                for n in range(400)
            ]
        )
    while series.tidy(datetime.now(UTC)):
        pass
    series.close()


def here(settings: HistorySettings) -> SeriesReader:
    return open_store(settings.model_copy(update={"influxdb_url": None})).open_reader()


def everything(reader: SeriesReader) -> tuple[list[HistoryPoint], list[PrinterDay]]:
    since, until = TODAY - timedelta(days=150), TODAY + timedelta(days=2)
    points = [one for printer in PRINTERS for one in reader.points(printer, since, until)]
    return points, list(reader.days(date(2020, 1, 1), until.date()))


def test_history_goes_to_the_server_and_comes_back_the_same(plant: Plant, tmp_path: Path) -> None:
    points, days = everything(here(plant.settings))
    steps: list[int] = []
    copied = copy_history(plant.settings, "influx", lambda so_far: steps.append(so_far.printers))
    assert steps == [1, 2, 3, 4]
    assert (copied.printers, copied.of, copied.points, copied.refused) == (4, 4, len(points), 0)
    assert not (plant.settings.data_dir / NOTE).exists()
    for _ in range(2):
        assert everything(here(plant.copy_back(tmp_path / "new"))) == (points, days)


class Stopped(Exception):
    """Somebody pulled the plug."""


def test_a_copy_that_was_stopped_goes_on_where_it_was(plant: Plant, tmp_path: Path) -> None:
    def stop(so_far: CopyResult) -> None:
        if so_far.printers == 3:
            raise Stopped

    with pytest.raises(Stopped):
        copy_history(plant.settings, "influx", stop)
    assert (plant.settings.data_dir / NOTE).exists()
    copied = copy_history(plant.settings, "influx", lambda _: None)
    assert (copied.resumed, copied.printers) == (3, 4)
    assert everything(here(plant.copy_back(tmp_path / "new"))) == everything(here(plant.settings))


def test_without_a_server_there_is_nothing_to_copy_to(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="INFLUXDB_URL is not set"):
        copy_history(HistorySettings(data_dir=tmp_path), "influx", lambda _: None)


def test_a_server_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not answer"):
        copy_history(server_settings("http://127.0.0.1:9", data_dir=tmp_path), "influx", lambda _: None)


def test_page_counters_are_copied_with_the_days(plant: Plant, tmp_path: Path) -> None:
    series, day = EmbeddedSeries(plant.settings), timedelta(days=1)
    told = {"counters": {"mono": 70, "color": 30}, "serial_number": "SN-1"}
    for after, serial in ((0, "SN-1"), (1, "SN-2")):
        one = point(TODAY - NOON - after * day, PRINTERS[0])
        series.write([one.model_copy(update={**told, "serial_number": serial})])
    series.close()
    since, until = TODAY.date() - 5 * day, TODAY.date() + 2 * day
    written = sorted(here(plant.settings).counter_days(since, until))
    assert len(written) == 4
    copy_history(plant.settings, "influx", lambda _: None)
    assert sorted(here(plant.copy_back(tmp_path / "new")).counter_days(since, until)) == written

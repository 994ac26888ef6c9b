"""The forecasts of the fleet in the background, in both databases and from a real history."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from core.contract.messages import HistoryPoint, HistorySupply, PrinterState, Supply
from core.domain.calendar_days import PeriodEntry
from core.runtime.settings import HistorySettings, RuleSettings
from core.storage.calendar_periods import add_periods
from core.storage.database import writing
from core.timeseries.embedded.reader import EmbeddedReader
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.reader import TimeSeriesUnavailable
from processor.batch.printer_batch import Received
from processor.batch.store import store
from processor.forecast.background import Forecasts
from processor.forecast.printer import forecasts
from processor.tables import DOCUMENTS, FORECASTS, SNAPSHOTS
from tests.processor.making import NOTHING_WRONG, add_printers, edit, make_reading, rows

NOW = datetime.now(UTC).replace(microsecond=0)
TONER = Supply(index="1.1", supply_type="toner", supply_class="consumed", level_percent=40, max_capacity=100)
WASTE = TONER.model_copy(update={"index": "1.2", "supply_type": "waste_toner"})
NO_TONER = "10"
SOME_LEFT = -3
BROTHER = TONER.model_copy(update={"index": "1.3", "level_percent": None, "level": -3})


def point(printer_id: str, days_ago: float, level: int) -> HistoryPoint:
    supply = HistorySupply(level=level, percent=level)
    return HistoryPoint(
        printer_id=printer_id,
        taken_at=NOW - timedelta(days=days_ago),
        reachable=True,
        state="idle",
        marker_life_count=10_000 - round(100 * days_ago),
        supplies={"1.1": supply, "1.2": supply, "1.3": HistorySupply(level=-3, percent=None)},
    )


def thirty_days(printer_id: str = "lib-1") -> list[HistoryPoint]:
    """From 100 % to 40 %."""
    return [point(printer_id, 30 - n / 4, 100 - n // 2) for n in range(121)]


def watch(
    engine: Engine,
    printer_id: str,
    *supplies: Supply,
    polarity: str = "",
    answered_at: datetime | None = None,
) -> None:
    """Put a printer and its snapshot into the database."""
    add_printers(engine, printer_id)
    state = PrinterState(printer_id=printer_id, supplies=supplies, answered_at=answered_at)
    memory = f'{{"rules": {{"polarity": {{"1.2": "{polarity}"}}}}}}' if polarity else "{}"
    snapshot = {
        "printer_id": printer_id,
        "reading_id": "r",
        **dict.fromkeys(("taken_at", "received_at", "stale_at"), NOW),
        "seq": 1,
        "reachable": True,
        "state": "idle",
        "revision": 1,
        "published_revision": 1,
        "owed": False,
    }
    with writing(engine) as connection:
        connection.execute(insert(SNAPSHOTS), [snapshot])
        document = {"printer_id": printer_id, "payload": state.model_dump_json(), "memory": memory}
        connection.execute(insert(DOCUMENTS), [document])


@pytest.fixture
def history(tmp_path: Path) -> Iterator[EmbeddedSeries]:
    series = EmbeddedSeries(HistorySettings(data_dir=tmp_path))
    yield series
    series.close()


@pytest.fixture
def background(engine: Engine, tmp_path: Path) -> Forecasts:
    return Forecasts(engine, EmbeddedReader(HistorySettings(data_dir=tmp_path)))


def test_every_supply_gets_a_forecast_or_the_reason_why_not(
    engine: Engine, history: EmbeddedSeries, background: Forecasts
) -> None:
    watch(engine, "lib-1", TONER, WASTE, BROTHER)
    watch(engine, "lib-2", TONER)
    history.write(thirty_days())
    background.step()
    found = {(row["printer_id"], row["supply_index"]): row for row in rows(engine, FORECASTS)}
    assert {key: row["reason"] for key, row in found.items()} == {
        ("lib-1", "1.1"): "",
        ("lib-1", "1.2"): "not_measured",
        ("lib-1", "1.3"): "not_measured",
        ("lib-2", "1.1"): "no_history",
    }
    assert found["lib-1", "1.1"]["days_left"] == pytest.approx(20, abs=3)
    assert found["lib-1", "1.1"]["points"] >= 55


def test_a_waste_container_is_forecast_once_it_is_known_which_way_it_goes(
    engine: Engine, history: EmbeddedSeries, background: Forecasts
) -> None:
    watch(engine, "lib-1", WASTE, polarity="remaining")
    watch(engine, "lib-2", WASTE, polarity="fill")
    rising = [point("lib-2", 30 - n / 4, n // 2) for n in range(121)]
    history.write([*thirty_days(), *rising])
    background.step()
    days = [row["days_left"] for row in rows(engine, FORECASTS)]
    assert days == [pytest.approx(20, abs=3), pytest.approx(20, abs=3)]


@pytest.mark.parametrize(
    ("computed", "changed", "again"),
    [
        (timedelta(hours=5), timedelta(minutes=1), False),
        (timedelta(hours=7), timedelta(minutes=1), True),
        (timedelta(hours=7), timedelta(hours=8), False),
        (timedelta(hours=7), None, False),
        (timedelta(hours=25), timedelta(days=3), True),
        (-timedelta(days=3), timedelta(days=3), True),
    ],
)
def test_a_forecast_is_made_anew_when_a_level_has_changed_and_six_hours_or_a_day_have_passed(  # noqa: PLR0913, PLR0917 (three fixtures, three columns)
    engine: Engine,
    history: EmbeddedSeries,
    tmp_path: Path,
    computed: timedelta,
    changed: timedelta | None,
    again: bool,
) -> None:
    watch(engine, "lib-1", TONER)
    Forecasts(engine, EmbeddedReader(HistorySettings(data_dir=tmp_path))).step()
    history.write(thirty_days())
    Forecasts(engine, EmbeddedReader(HistorySettings(data_dir=tmp_path))).step()
    assert rows(engine, FORECASTS, "reason") == [("no_history",)]
    edit(engine, "UPDATE supply_forecasts SET computed_at = :then", then=NOW - computed)
    if changed is not None:
        edit(engine, "UPDATE snapshots SET levels_at = :then", then=NOW - changed)
    Forecasts(engine, EmbeddedReader(HistorySettings(data_dir=tmp_path))).step()
    assert rows(engine, FORECASTS, "reason") == [("" if again else "no_history",)]


def test_only_another_level_of_a_supply_makes_a_forecast_due(engine: Engine) -> None:
    add_printers(engine, "lib-1")
    stamps = []
    for number, level in enumerate((80, 80, 79, 79)):
        reading = make_reading(number, level=level)
        store(engine, [Received(reading, reading.taken_at)], RuleSettings(), reading.taken_at)
        stamps += rows(engine, SNAPSHOTS, "levels_at")
    first, second, third, fourth = stamps
    assert first == second
    assert third == fourth
    assert first < third


def test_rows_of_supplies_and_printers_that_are_gone_are_removed(engine: Engine, tmp_path: Path) -> None:
    watch(engine, "lib-1", TONER, BROTHER)
    watch(engine, "lib-2", TONER)
    reader = EmbeddedReader(HistorySettings(data_dir=tmp_path))
    Forecasts(engine, reader).step()
    assert len(rows(engine, FORECASTS)) == 3
    state = PrinterState(printer_id="lib-1", supplies=(TONER,)).model_dump_json()
    edit(engine, "UPDATE state_documents SET payload = :state WHERE printer_id = 'lib-1'", state=state)
    edit(engine, "UPDATE supply_forecasts SET computed_at = :then", then=NOW - timedelta(days=2))
    edit(engine, "UPDATE printers SET enabled = false WHERE printer_id = 'lib-2'")
    Forecasts(engine, reader).step()
    assert rows(engine, FORECASTS, "printer_id", "supply_index") == [("lib-1", "1.1")]


class Away(EmbeddedReader):
    """A time series that does not answer at first."""

    calls = 0

    def points(self, *asked: object, **more: object) -> list[HistoryPoint]:
        self.calls += 1
        if self.calls == 1:
            raise TimeSeriesUnavailable("no answer")
        return thirty_days()


def test_a_time_series_that_is_away_is_asked_again(engine: Engine, tmp_path: Path) -> None:
    watch(engine, "lib-1", TONER)
    background = Forecasts(engine, Away(HistorySettings(data_dir=tmp_path)))
    with pytest.raises(TimeSeriesUnavailable):
        background.step()
    assert rows(engine, FORECASTS) == []
    background.step()
    assert rows(engine, FORECASTS, "reason") == [("",)]


def test_levels_are_as_fine_as_the_printer_reports_them() -> None:
    fine = TONER.model_copy(update={"max_capacity": 20_000})
    history = [point("lib-1", 5 - n / 4, 100) for n in range(20)]
    history = [
        one.model_copy(
            update={"supplies": {"1.1": HistorySupply(level=20_000 - 35 * n, percent=100 - n // 6)}}
        )
        for n, one in enumerate(history)
    ]
    made = forecasts(history, [fine], {})["1.1"]
    assert made.days_left == pytest.approx(96.7 / 0.7, rel=0.25)


def test_a_refill_takes_the_old_forecast_away_with_its_own_reading_and_makes_a_new_one_at_once(
    engine: Engine, history: EmbeddedSeries, background: Forecasts
) -> None:
    add_printers(engine, "lib-1")
    store_level(engine, 1, 40)
    history.write(thirty_days())
    background.step()
    before = days_left(engine)
    assert before == pytest.approx(20, abs=3)
    store_level(engine, 2, 100)
    assert days_left(engine) is None
    # The point of the refill may still be on its way to the time series.
    Forecasts(engine, background._series).step()
    assert days_left(engine) == pytest.approx(50, abs=8)


def test_a_level_that_falls_or_jitters_leaves_the_forecast_alone(
    engine: Engine, history: EmbeddedSeries, background: Forecasts
) -> None:
    add_printers(engine, "lib-1")
    store_level(engine, 1, 40)
    history.write(thirty_days())
    background.step()
    before = rows(engine, FORECASTS)
    for number, level in enumerate((39, 40, 39, 38), start=2):
        store_level(engine, number, level)
    assert rows(engine, FORECASTS) == before


def test_an_empty_supply_has_no_days_left(
    engine: Engine, history: EmbeddedSeries, background: Forecasts
) -> None:
    add_printers(engine, "lib-1")
    store_level(engine, 1, 40)
    history.write(thirty_days())
    background.step()
    store_level(engine, 2, 0)
    assert days_left(engine) == 0
    Forecasts(engine, background._series).step()
    assert days_left(engine) == 0


def test_a_supply_whose_level_is_not_measured_is_forecast_anew_once_its_printer_no_longer_calls_it_empty(
    engine: Engine, background: Forecasts
) -> None:
    add_printers(engine, "lib-1")
    for number, bits in enumerate((NO_TONER, NO_TONER, NO_TONER), start=1):
        store_level(engine, number, SOME_LEFT, bits)
    background.step()
    assert days_left(engine) == 0
    for number in range(4, 7):
        store_level(engine, number, SOME_LEFT)
    Forecasts(engine, background._series).step()
    assert rows(engine, FORECASTS, "days_left", "reason") == [(None, "not_measured")]


def test_a_supply_that_its_printer_calls_empty_has_no_days_left_whatever_its_level() -> None:
    made = forecasts(thirty_days(), [TONER], {}, frozenset({"1.1"}))
    assert (made["1.1"].days_left, made["1.1"].days_left_high) == (0, 0)


def store_level(engine: Engine, number: int, level: int, bits: str = NOTHING_WRONG) -> None:
    """A reading with that level of toner."""
    reading = make_reading(number, bits=bits, level=level, taken_at=NOW + timedelta(seconds=number))
    store(engine, [Received(reading, reading.taken_at)], RuleSettings(), NOW)


def days_left(engine: Engine) -> float | None:
    found: dict[str, float | None] = dict(rows(engine, FORECASTS, "supply_index", "days_left"))
    return found["1.1"]


def test_another_calendar_makes_all_forecasts_anew(
    engine: Engine, history: EmbeddedSeries, background: Forecasts
) -> None:
    add_printers(engine, "lib-1")
    store_level(engine, 1, 40)
    history.write(thirty_days())
    background.step()
    before = days_left(engine)
    today = datetime.now(UTC).date()
    closed = PeriodEntry("closed", "Move", today + timedelta(days=3), today + timedelta(days=32))
    with writing(engine) as connection:
        add_periods(connection, [closed], actor="ada", now=datetime.now(UTC))
    background._looked_at = float("-inf")
    background.step()
    assert before is not None and days_left(engine) == pytest.approx(before + 30, abs=3)


def test_a_printer_that_has_not_answered_for_days_is_the_reason(
    engine: Engine, background: Forecasts
) -> None:
    watch(engine, "lib-1", TONER, answered_at=datetime.now(UTC) - timedelta(days=3))
    background.step()
    assert rows(engine, FORECASTS, "reason") == [("not_reached",)]

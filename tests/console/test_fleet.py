"""The fleet that `status` and `up` show: counted whole, the worst first, read only as far as it is shown."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from console.fleet import FleetStatus, kind_of, read_fleet
from core.storage.database import reading
from tests.console.small_fleet import fill

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def fleet(engine: Engine, now: datetime = NOW, **options: object) -> FleetStatus:
    with reading(engine) as connection:
        return read_fleet(connection, now, **options)  # type: ignore[arg-type]


def ids(fleet: FleetStatus) -> list[str]:
    return [state.printer_id for state in fleet.printers]


def test_every_printer_is_counted_and_the_worst_comes_first(engine: Engine) -> None:
    fill(engine, NOW)
    found = fleet(engine)
    assert ids(found) == ["jammed", "old", "low", "new", "fine"]
    assert found.kinds == {"critical": 1, "stale": 1, "warning": 1, "new": 1, "ok": 1}
    assert found.states == {"stopped": 1, "idle": 1, "asleep": 1}, "of those with fresh readings"
    assert (found.watched, found.matching, found.total, found.disabled) == (5, 5, 6, 1)
    assert [kind_of(state) for state in found.printers] == ["critical", "stale", "warning", "new", "ok"]


def test_the_worst_alone_can_be_read_and_the_rest_is_counted_all_the_same(engine: Engine) -> None:
    fill(engine, NOW)
    found = fleet(engine, attention=True, most=2)
    assert ids(found) == ["jammed", "old"]
    assert (found.matching, found.watched) == (3, 5)
    assert found.printers[0].latest.attention[0].message == "Paper jam in tray 2"
    assert ids(fleet(engine, attention=True)) == ["jammed", "old", "low"]


def test_one_site_can_be_read_alone(engine: Engine) -> None:
    fill(engine, NOW)
    found = fleet(engine, site="annex")
    assert (ids(found), found.watched, found.total) == (["low"], 1, 6)
    assert fleet(engine, site="nowhere").watched == 0


def test_a_printer_never_read_is_new_and_after_ten_minutes_stale(engine: Engine) -> None:
    fill(engine, NOW)
    assert fleet(engine, NOW + timedelta(minutes=9)).kinds["new"] == 1
    assert fleet(engine, NOW + timedelta(minutes=11)).kinds == {"critical": 1, "stale": 4}


def test_an_empty_database_is_an_empty_fleet(engine: Engine) -> None:
    assert fleet(engine) == FleetStatus(at=NOW, printers=[], services=[])

"""A clock that was three days ahead and is set right: what was stored meanwhile freezes nothing."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from core.contract.messages import HistoryPoint, PrinterState, Reading
from core.domain.freshness import MAX_AHEAD, SILENT_AFTER
from core.runtime.settings import HistorySettings, RuleSettings
from core.storage.core_tables import ATTENTION, ISSUES, OUTBOX, SERVICES, SNAPSHOTS
from core.storage.database import reading as reading_from
from core.storage.database import writing
from core.storage.fleet_states import read_states
from core.storage.services import newest, read_services
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.stores import open_store
from processor.batch.printer_batch import Received
from processor.batch.store import Outcome, store
from tests.processor.history_points import point
from tests.processor.making import JAMMED, NOON, add_printers, make_reading, rows, state_of, unanswered

AHEAD = timedelta(days=3)
MINUTES = timedelta(minutes=1)
RULES = RuleSettings()


@pytest.fixture
def fleet(engine: Engine) -> Engine:
    """A printer that was read twice, jammed, by a clock three days ahead; its own clock says NOON now."""
    add_printers(engine, "lib-1")
    for number in (1, 2):
        take(engine, at(NOON + AHEAD + number * MINUTES, number, bits=JAMMED))
    return engine


def at(when: datetime, number: int, **changes: Any) -> Reading:
    return make_reading(number, taken_at=when, interval_seconds=60, **changes)


def take(engine: Engine, reading: Reading, now: datetime | None = None) -> Outcome:
    now = now or reading.taken_at + timedelta(seconds=1)
    return store(engine, [Received(reading, now)], RULES, now)


def state(engine: Engine) -> PrinterState:
    return state_of(engine)


def codes(engine: Engine) -> set[str]:
    return {flag.code for flag in state(engine).attention}


def test_the_next_reading_wins_and_a_repaired_jam_goes(fleet: Engine) -> None:
    assert take(fleet, at(NOON, 3)).late == 0
    assert state(fleet).taken_at == NOON
    (row,) = rows(fleet, SNAPSHOTS)
    assert row["taken_at"] == NOON
    take(fleet, at(NOON + MINUTES, 4))
    assert codes(fleet) == {"clock_set_back"}
    assert [status for (status,) in rows(fleet, ISSUES, "status")] == ["resolved"]


def test_the_page_says_for_a_day_what_happened(fleet: Engine) -> None:
    for hours in range(0, 27, 3):
        take(fleet, at(NOON + timedelta(hours=hours), 3 + hours))
        assert ("clock_set_back" in codes(fleet)) == (hours <= 24), hours
        if hours == 3:
            (flag,) = state(fleet).attention
            assert "set back" in flag.message
            assert flag.evidence[0].value == (NOON + AHEAD + 2 * MINUTES).isoformat()
    for hours in (30, 33):
        take(fleet, at(NOON + timedelta(hours=hours), 40 + hours))
    assert codes(fleet) == set()


def test_a_flag_that_stays_began_no_later_than_now(fleet: Engine) -> None:
    take(fleet, at(NOON, 3, bits=JAMMED))
    jam = next(flag for flag in state(fleet).attention if flag.code == "jam")
    assert (jam.since_at - NOON, jam.readings) == (timedelta(seconds=1), 3)
    (row,) = [row for row in rows(fleet, ATTENTION) if row["code"] == "jam"]
    assert (row["since_at"], row["cleared_at"]) == (jam.since_at, None)


def test_a_printer_that_was_not_answering_is_dated_now(engine: Engine) -> None:
    add_printers(engine, "lib-1")
    take(engine, make_reading(0, taken_at=NOON + AHEAD))
    for number in range(1, 4):
        take(engine, unanswered(number, taken_at=NOON + AHEAD + number * MINUTES))
    take(engine, unanswered(5, taken_at=NOON))
    (flag,) = state(engine).attention
    assert flag.code == "unreachable"
    assert flag.since_at <= NOON + MINUTES


def test_what_was_taken_by_the_wrong_clock_and_comes_again_does_not_win(fleet: Engine) -> None:
    take(fleet, at(NOON, 3))
    again = take(fleet, at(NOON + AHEAD + MINUTES, 1, bits=JAMMED), NOON + MINUTES)
    assert again.late == 1
    assert state(fleet).taken_at == NOON
    take(fleet, at(NOON + MINUTES, 4))
    assert "jam" not in codes(fleet)


def test_a_clock_a_little_ahead_changes_nothing(engine: Engine) -> None:
    add_printers(engine, "lib-1")
    take(engine, at(NOON + MAX_AHEAD, 2, bits=JAMMED))
    assert take(engine, at(NOON, 1), NOON + timedelta(seconds=1)).late == 1
    assert codes(engine) == {"jam"}


def test_a_state_dated_ahead_is_stale(fleet: Engine) -> None:
    with reading_from(fleet) as connection:
        assert [each.stale for each in read_states(connection, NOON)] == [True]
        assert [each.stale for each in read_states(connection, NOON + AHEAD)] == [False]


def test_history_dated_ahead_leaves_points_and_sums(tmp_path: Path) -> None:
    settings = HistorySettings(data_dir=tmp_path)
    series, reader = EmbeddedSeries(settings), open_store(settings).open_reader()
    now = datetime.now(NOON.tzinfo).replace(microsecond=0)

    def when(after: timedelta, count: int) -> HistoryPoint:
        return point(now + after - NOON, count=count)

    wrong = [when(AHEAD + n * 10 * MINUTES, 5000 + n) for n in range(12)]
    series.write([*wrong, when(-10 * MINUTES, 4000), when(timedelta(), 4001)])
    while series.tidy(now):
        pass
    later = now + timedelta(days=10)
    assert [each.marker_life_count for each in reader.points("lib-1", now - AHEAD, later)] == [4000, 4001]
    days = list(reader.days((now - AHEAD).date(), later.date()))
    assert sum(day.pages or 0 for day in days) == 1
    assert max(day.day for day in days) == now.date()
    series.close()


def test_points_dated_ahead_are_gone_before_the_clock_comes_there(tmp_path: Path) -> None:
    settings = HistorySettings(data_dir=tmp_path)
    series, reader = EmbeddedSeries(settings), open_store(settings).open_reader()
    begin = datetime.now(NOON.tzinfo) - timedelta(days=20)
    wrong = [point(begin + AHEAD + n * 10 * MINUTES - NOON, count=900) for n in range(12)]
    series.write(wrong)
    for hours in range(0, 96):
        now = begin + timedelta(hours=hours)
        series.write([point(now - NOON, count=1000 + hours)])
        while series.tidy(now):
            pass
    found = reader.points("lib-1", begin - MINUTES, begin + timedelta(days=10))
    assert {each.marker_life_count for each in found} == {1000 + hours for hours in range(96)}
    series.close()


def test_a_machine_that_starts_with_its_clock_in_the_past_loses_no_history(tmp_path: Path) -> None:
    settings = HistorySettings(data_dir=tmp_path)
    series, reader = EmbeddedSeries(settings), open_store(settings).open_reader()
    now = datetime.now(NOON.tzinfo)
    good = [point(now - timedelta(days=day) - NOON, count=1000 - day) for day in range(30)]
    series.write(good)
    for when in (now, now - timedelta(days=300), now):
        while series.tidy(when):
            pass
    assert len(reader.points("lib-1", now - timedelta(days=40), now + MINUTES)) == 30
    series.close()


def test_a_service_heard_of_in_the_future_is_silent_and_another_one_is_the_newest(engine: Engine) -> None:
    base = {"service": "processor", "status": "online", "counters": "{}", "version": "", "site": ""}
    with writing(engine) as connection:
        connection.execute(
            insert(SERVICES).values(**base | {"counters": {}}, instance="old", seen_at=NOON + AHEAD)
        )
        connection.execute(
            insert(SERVICES).values(**base | {"counters": {}}, instance="new", seen_at=NOON - MINUTES)
        )
    with reading_from(engine) as connection:
        heartbeats = read_services(connection, NOON)
    assert {each.instance: each.is_silent(NOON) for each in heartbeats} == {
        "old": True,
        "new": False,
    }
    first = newest(heartbeats, "processor")
    assert first is not None and first.instance == "new"
    assert first.is_silent(NOON + SILENT_AFTER)


def test_the_outbox_of_then_is_kept_as_it_is(fleet: Engine) -> None:
    take(fleet, at(NOON, 3))
    assert len(rows(fleet, OUTBOX)) == 3

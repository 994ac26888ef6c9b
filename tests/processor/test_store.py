"""A batch in one transaction: snapshots, flags, history outbox; order, repetition, refusal."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from core.contract.messages import HistoryPoint, Reading
from core.runtime.settings import RuleSettings
from processor.batch import printer_batch
from processor.batch.printer_batch import Received
from processor.batch.store import Outcome, store
from processor.judgment.judge import judge
from processor.tables import ATTENTION, OUTBOX, SNAPSHOTS
from tests.processor.making import (
    DOOR_OPEN,
    JAMMED,
    MINUTES,
    NOON,
    add_printers,
    edit,
    make_reading,
    received,
    rows,
    state_of,
    unanswered,
)

RULES = RuleSettings()


def put(engine: Engine, *readings: Reading, rules: RuleSettings = RULES) -> Outcome:
    return store(engine, received(*readings), rules, NOON)


def snapshot(engine: Engine) -> dict[str, Any]:
    found: list[dict[str, Any]] = rows(engine, SNAPSHOTS)
    assert len(found) == 1
    return found[0]


def history(engine: Engine) -> list[HistoryPoint]:
    points = [HistoryPoint.model_validate_json(text) for (text,) in rows(engine, OUTBOX, "payload")]
    return sorted(points, key=lambda point: point.taken_at)


@pytest.fixture(autouse=True)
def printers(engine: Engine) -> None:
    add_printers(engine, "lib-1", "lib-2")


def test_a_reading_becomes_a_snapshot_and_a_point_of_history(engine: Engine) -> None:
    outcome = put(engine, make_reading(1, level=40))
    row = snapshot(engine)
    state = state_of(engine)
    assert [r.reading.id for r in outcome.stored] == ["lib-1-1"]
    assert (row["taken_at"], row["seq"], row["reachable"], row["state"]) == (
        NOON + 5 * MINUTES,
        1,
        True,
        "idle",
    )
    assert (row["revision"], row["owed"], row["lowest_supply_percent"]) == (1, True, 40)
    assert row["stale_at"] == NOON + 15 * MINUTES
    assert (state.name, state.supplies[0].level_percent) == ("LIB-1", 40)
    (point,) = history(engine)
    assert point.supplies["1.1"].model_dump() == {"level": 40, "percent": 40}
    assert (point.taken_at, point.marker_life_count, point.state) == (NOON + 5 * MINUTES, 1001, "idle")


def test_a_repeated_reading_changes_nothing_and_is_receipted(engine: Engine) -> None:
    put(engine, make_reading(1))
    before = snapshot(engine), history(engine)
    outcome = put(engine, make_reading(1), make_reading(1))
    assert (len(outcome.stored), outcome.repeated) == (2, 2)
    assert (snapshot(engine), history(engine)) == before


def test_a_late_reading_adds_its_history_and_nothing_else(engine: Engine) -> None:
    put(engine, make_reading(5))
    before = snapshot(engine)
    outcome = put(engine, make_reading(2, bits=JAMMED, level=3))
    assert outcome.late == 1
    assert snapshot(engine) == before
    assert rows(engine, ATTENTION) == []
    assert [p.taken_at for p in history(engine)] == [NOON + 10 * MINUTES, NOON + 25 * MINUTES]


def test_readings_of_one_batch_are_judged_in_their_order(engine: Engine) -> None:
    put(engine, make_reading(3), make_reading(1, bits=JAMMED), make_reading(2, bits=JAMMED))
    row = snapshot(engine)
    assert (row["seq"], row["reading_id"]) == (3, "lib-1-3")
    assert len(history(engine)) == 3


def test_of_readings_taken_at_once_the_higher_seq_is_newer(engine: Engine) -> None:
    put(engine, make_reading(7, taken_at=NOON))
    put(engine, make_reading(6, taken_at=NOON))
    assert snapshot(engine)["seq"] == 7
    put(engine, make_reading(8, taken_at=NOON))
    assert snapshot(engine)["seq"] == 8


def test_a_printer_that_is_not_watched_is_refused_with_a_reason(engine: Engine) -> None:
    edit(engine, "UPDATE printers SET enabled = false WHERE printer_id = 'lib-2'")
    outcome = put(engine, make_reading(1), make_reading(1, "lib-2"), make_reading(1, "nobody"))
    assert [r.reading.printer_id for r in outcome.stored] == ["lib-1"]
    assert [r.received.reading.printer_id for r in outcome.refused] == ["lib-2", "nobody"]
    assert {(r.reason, r.broken) for r in outcome.refused} == {
        ("the printer is not in the inventory, or is disabled", False)
    }


def test_a_reading_no_rule_can_judge_is_refused_alone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = judge

    def stumbling(reading: Reading, *others: Any) -> Any:
        if reading.printer_id == "lib-1":
            raise ZeroDivisionError("a rule of ours")
        return real(reading, *others)

    monkeypatch.setattr(printer_batch, "judge", stumbling)
    outcome = put(engine, make_reading(1), make_reading(1, "lib-2"))
    assert [r.reading.printer_id for r in outcome.stored] == ["lib-2"]
    (refused,) = outcome.refused
    assert refused.broken and "a rule of ours" in refused.reason
    assert [row["printer_id"] for row in rows(engine, SNAPSHOTS)] == ["lib-2"]


def test_a_flag_lives_from_first_seen_to_cleared(engine: Engine) -> None:
    put(engine, make_reading(1, bits=JAMMED))
    (opened,) = rows(engine, ATTENTION)
    assert (opened["code"], opened["severity"], opened["cleared_at"]) == ("jam", "critical", None)
    assert opened["since_at"] == NOON + 5 * MINUTES
    assert json.loads(opened["evidence"])
    put(engine, make_reading(2, bits=JAMMED))
    assert rows(engine, ATTENTION) == [opened]
    put(engine, *(make_reading(n) for n in range(3, 6)))
    (closed,) = rows(engine, ATTENTION)
    assert closed["cleared_at"] == NOON + 20 * MINUTES  # after CLEAR_AFTER=2 readings without it


def test_a_flag_that_comes_and_goes_within_a_batch_leaves_its_lives(engine: Engine) -> None:
    jammed, fine = {1, 2, 6, 7}, {3, 4, 5}
    put(engine, *(make_reading(n, bits=JAMMED if n in jammed else "00") for n in sorted(jammed | fine)))
    assert sorted(rows(engine, ATTENTION, "since_at", "cleared_at")) == [
        (NOON + 5 * MINUTES, NOON + 20 * MINUTES),
        (NOON + 30 * MINUTES, None),
    ]


def test_flags_hidden_while_a_printer_is_unreachable_continue_their_life(engine: Engine) -> None:
    put(engine, make_reading(1, bits=DOOR_OPEN))
    for number in (2, 3):
        put(engine, unanswered(number))
    assert snapshot(engine)["state"] == "unreachable"
    put(engine, make_reading(4, bits=DOOR_OPEN))
    episodes = [
        row for row in rows(engine, ATTENTION, "code", "since_at", "cleared_at") if row[0] == "door_open"
    ]
    assert episodes == [("door_open", NOON + 5 * MINUTES, None)]


def test_a_changed_level_of_severity_is_written_to_the_row(engine: Engine) -> None:
    put(engine, make_reading(1, level=12))
    put(engine, make_reading(2, level=2))
    (row,) = rows(engine, ATTENTION)
    assert (row["code"], row["severity"], row["since_at"]) == ("supply_low", "critical", NOON + 5 * MINUTES)
    assert "2" in row["message"]


def test_a_state_is_owed_again_only_when_it_says_something_new(engine: Engine) -> None:
    put(engine, make_reading(1, pages=7))
    edit(engine, "UPDATE snapshots SET owed = false, published_revision = revision")
    put(engine, make_reading(2, pages=7))
    row = snapshot(engine)
    assert (row["owed"], row["revision"], row["seq"]) == (False, 1, 2)
    put(engine, make_reading(3, pages=8))
    assert (snapshot(engine)["owed"], snapshot(engine)["revision"]) == (True, 2)


def test_the_state_that_answers_a_refresh_is_owed(engine: Engine) -> None:
    put(engine, make_reading(1, pages=7))
    edit(engine, "UPDATE snapshots SET owed = false")
    put(engine, make_reading(2, pages=7, refresh_id="asked-1"))
    assert snapshot(engine)["owed"]


def test_levels_kept_from_an_earlier_reading_are_no_history(engine: Engine) -> None:
    put(engine, make_reading(1))
    failed = make_reading(2).tables | {"supplies": "failed"}
    put(engine, make_reading(2, tables=failed), unanswered(3))
    assert [bool(point.supplies) for point in history(engine)] == [True, False, False]
    assert state_of(engine).supplies


def test_a_clock_that_is_ahead_is_replaced_by_the_arrival(engine: Engine) -> None:
    ahead = make_reading(1, taken_at=NOON + timedelta(hours=1))
    store(engine, [Received(ahead, NOON)], RULES, NOON)
    assert snapshot(engine)["taken_at"] == NOON
    assert rows(engine, ATTENTION, "code") == [("clock_skew",)]


def test_a_repeated_reading_of_a_clock_that_is_ahead_changes_nothing(engine: Engine) -> None:
    one, two = (make_reading(n, taken_at=NOON + timedelta(hours=1, minutes=n)) for n in (1, 2))
    store(engine, [Received(one, NOON)], RULES, NOON)
    store(engine, [Received(two, NOON + MINUTES)], RULES, NOON)
    before = snapshot(engine), history(engine)
    again = store(engine, [Received(one, NOON + 2 * MINUTES), Received(two, NOON + 2 * MINUTES)], RULES, NOON)
    assert len(again.stored) == 2
    assert (snapshot(engine), history(engine)) == before


def test_a_stored_snapshot_nobody_can_read_is_judged_anew(engine: Engine) -> None:
    put(engine, make_reading(1))
    edit(engine, "UPDATE state_documents SET payload = '{}'")
    assert len(put(engine, make_reading(2)).stored) == 1
    assert state_of(engine).state == "idle"

"""Device issues follow their flags; people's issues are told, never closed."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from core.contract.messages import Reading
from core.runtime.settings import RuleSettings
from core.storage.database import writing
from core.storage.issues import NewIssue, change_status, comment, issue_row, open_issue
from core.storage.tables import IssueStatus
from processor.batch.store import store
from processor.tables import ATTENTION, EVENTS, ISSUES
from tests.processor.making import (
    DOOR_OPEN,
    JAMMED,
    MINUTES,
    NOON,
    add_printers,
    make_reading,
    received,
    rows,
    unanswered,
)

RULES = RuleSettings()


def put(engine: Engine, *readings: Reading, now: Any = NOON) -> None:
    store(engine, received(*readings), RULES, now)


def issues(engine: Engine) -> list[Any]:
    return rows(engine, ISSUES, "attention_code", "status")


def changes(engine: Engine) -> list[Any]:
    return rows(engine, EVENTS, "change", "actor", "owed")


@pytest.fixture(autouse=True)
def printers(engine: Engine) -> None:
    add_printers(engine, "lib-1", "lib-2")


def mended(number: int) -> Reading:
    """A reading without a fault that somebody asked for: one is enough."""
    return make_reading(number, refresh_id=f"r{number}")


def jam(engine: Engine, first: int, *, now: Any = NOON) -> None:
    """A jam that is seen twice, and is gone."""
    put(engine, make_reading(first, bits=JAMMED), make_reading(first + 1, bits=JAMMED), now=now)
    put(engine, mended(first + 2), now=now)


def test_a_critical_flag_that_persists_opens_one_issue(engine: Engine) -> None:
    put(engine, make_reading(1, bits=JAMMED))
    assert issues(engine) == []
    put(engine, make_reading(2, bits=JAMMED))
    put(engine, make_reading(3, bits=JAMMED))
    assert issues(engine) == [("jam", "open")]
    (row,) = rows(engine, ISSUES)
    assert (row["kind"], row["category"], row["priority"], row["printer_id"]) == (
        "device",
        "jam",
        "high",
        "lib-1",
    )
    assert "2026-03-10 12:05 UTC" in row["details"]
    assert changes(engine) == [("opened", "processor", True)]


def test_a_warning_opens_no_issue(engine: Engine) -> None:
    put(engine, *(make_reading(n, level=10) for n in range(4)))
    assert issues(engine) == []


def test_the_title_of_an_issue_has_no_level_that_will_be_another_tomorrow(engine: Engine) -> None:
    put(engine, *(make_reading(n, level=2) for n in range(4)))
    (row,) = rows(engine, ISSUES)
    assert (row["attention_code"], row["title"]) == ("supply_low", "Black Toner is low.")
    assert "(2 %)" in rows(engine, ATTENTION)[0]["message"]


def test_an_issue_resolves_itself_when_its_flag_is_gone(engine: Engine) -> None:
    jam(engine, 1)
    assert issues(engine) == [("jam", "resolved")]
    assert [change for change, *_ in changes(engine)] == ["opened", "resolved"]


def test_a_flag_that_returns_soon_reopens_its_issue(engine: Engine) -> None:
    jam(engine, 1)
    jam(engine, 4, now=NOON + timedelta(hours=23))
    assert issues(engine) == [("jam", "resolved")]
    assert [change for change, *_ in changes(engine)] == ["opened", "resolved", "reopened", "resolved"]


def test_a_flag_that_returns_later_opens_a_new_issue(engine: Engine) -> None:
    jam(engine, 1)
    jam(engine, 4, now=NOON + timedelta(hours=25))
    assert issues(engine) == [("jam", "resolved"), ("jam", "resolved")]


def test_all_of_it_within_one_batch_leaves_one_issue(engine: Engine) -> None:
    jammed = {1, 2, 4, 5}
    put(engine, *(make_reading(n, bits=JAMMED) if n in jammed else mended(n) for n in range(1, 7)))
    assert issues(engine) == [("jam", "resolved")]
    assert [change for change, *_ in changes(engine)] == ["opened", "resolved", "reopened", "resolved"]


def test_an_issue_people_work_on_is_resolved_too(engine: Engine) -> None:
    put(engine, make_reading(1, bits=JAMMED), make_reading(2, bits=JAMMED))
    with writing(engine) as connection:
        seen = issue_row(connection, 1)
        assert seen is not None
        change_status(connection, seen, IssueStatus.IN_PROGRESS, actor="ann", now=NOON)
    put(engine, mended(3))
    assert issues(engine) == [("jam", "resolved")]


def test_an_issue_somebody_closed_stays_closed_while_the_flag_persists(engine: Engine) -> None:
    put(engine, make_reading(1, bits=JAMMED), make_reading(2, bits=JAMMED))
    with writing(engine) as connection:
        seen = issue_row(connection, 1)
        assert seen is not None
        change_status(connection, seen, IssueStatus.CLOSED, actor="ann", now=NOON)
    put(engine, make_reading(3, bits=JAMMED), make_reading(4, bits=JAMMED))
    assert issues(engine) == [("jam", "closed")]


def test_a_fault_of_a_printer_that_does_not_answer_is_not_resolved(engine: Engine) -> None:
    put(engine, make_reading(1, bits=DOOR_OPEN), make_reading(2, bits=DOOR_OPEN))
    put(engine, *(unanswered(n) for n in range(3, 8)))
    assert sorted(issues(engine)) == [("door_open", "open"), ("unreachable", "open")]
    put(engine, make_reading(8, bits=DOOR_OPEN))
    assert sorted(issues(engine)) == [("door_open", "open"), ("unreachable", "resolved")]
    put(engine, mended(9))
    assert sorted(issues(engine)) == [("door_open", "resolved"), ("unreachable", "resolved")]


def test_issues_of_printers_are_kept_apart(engine: Engine) -> None:
    jammed = [make_reading(n, printer, bits=JAMMED) for n in (1, 2) for printer in ("lib-1", "lib-2")]
    put(engine, *jammed)
    put(engine, mended(3))
    found = rows(engine, ISSUES, "printer_id", "status")
    assert sorted(found) == [("lib-1", "resolved"), ("lib-2", "open")]


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"category": "jam"}, True),
        ({"attention_code": "jam"}, True),
        ({"category": "paper"}, False),
        ({"category": "other"}, False),
        ({"category": "jam", "attention_code": "door_open"}, False),
    ],
)
def test_a_persons_issue_is_told_that_the_fault_is_gone_and_stays_open(
    engine: Engine, named: dict[str, Any], told: bool
) -> None:
    with writing(engine) as connection:
        open_issue(
            connection, NewIssue(printer_id="lib-1", title="It eats paper", **named), actor="ann", now=NOON
        )
    put(engine, make_reading(1, bits=JAMMED))
    put(engine, mended(2), now=NOON + MINUTES)
    assert rows(engine, ISSUES, "status") == [("open",)]
    assert [change for change, *_ in changes(engine)] == ["opened"] + ["fault_gone"] * told


def test_a_fault_that_comes_and_goes_is_told_to_be_gone_once_until_something_else_is_told(
    engine: Engine,
) -> None:
    with writing(engine) as connection:
        new = NewIssue(printer_id="lib-1", title="It eats paper", category="jam")
        number = open_issue(connection, new, actor="ann", now=NOON)
    for first in (1, 4):
        jam(engine, first, now=NOON + first * MINUTES)
    told = [change for change, *_ in changes(engine) if change == "fault_gone"]
    assert told == ["fault_gone"]
    with writing(engine) as connection:
        comment(connection, number, "It jams again", actor="tom", now=NOON)
    jam(engine, 7, now=NOON + 8 * MINUTES)
    assert [change for change, *_ in changes(engine)].count("fault_gone") == 2

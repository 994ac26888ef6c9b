"""Several things of an issue changed in one step: one version, an event for each kind of change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from core.contract.errors import Conflict
from core.storage.core_tables import EVENTS
from core.storage.database import open_database, reading, writing
from core.storage.issues import NewIssue, change_issue, issue_row, open_issue
from tests.postgres import DATABASES, database

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path / "data") as settings:
        opened = open_database(settings)
        with writing(opened) as connection:
            open_issue(connection, NewIssue("lib-1", "It squeaks"), actor="tom", now=NOW)
        yield opened
        opened.dispose()


def _row(engine: Engine) -> Any:
    with reading(engine) as connection:
        return issue_row(connection, 1)


def _events(engine: Engine) -> list[tuple[str, Any]]:
    with reading(engine) as connection:
        rows = connection.execute(select(EVENTS.c.change, EVENTS.c.details).order_by(EVENTS.c.id))
        return [(row[0], row[1]) for row in rows][1:]


def test_all_changes_are_one_version_and_an_event_each(engine: Engine) -> None:
    wanted = {"status": "resolved", "assignee": "maya", "priority": "high", "category": "noise"}
    with writing(engine) as connection:
        after = change_issue(connection, _row(engine), wanted, actor="maya", now=LATER)
    row = _row(engine)
    assert after == row
    assert (row.version, row.status, row.assignee, row.resolved_at) == (
        2,
        "resolved",
        "maya",
        LATER,
    )
    assert _events(engine) == [
        ("resolved", {"from": "open", "to": "resolved"}),
        ("assigned", {"from": "", "to": "maya"}),
        ("edited", {"priority": ["normal", "high"], "category": ["other", "noise"]}),
    ]


def test_what_does_not_differ_is_no_change(engine: Engine) -> None:
    seen = _row(engine)
    with writing(engine) as connection:
        assert change_issue(connection, seen, {"status": "open"}, actor="maya", now=LATER) is seen
    assert _events(engine) == []


def test_who_comes_second_changes_nothing(engine: Engine) -> None:
    seen = _row(engine)
    with writing(engine) as connection:
        change_issue(connection, seen, {"priority": "low"}, actor="tom", now=LATER)
    with pytest.raises(Conflict), writing(engine) as connection:
        change_issue(connection, seen, {"priority": "urgent"}, actor="maya", now=LATER)
    assert _row(engine).priority == "low"
    assert len(_events(engine)) == 1


def test_an_ended_issue_that_is_moved_back_is_reopened(engine: Engine) -> None:
    with writing(engine) as connection:
        closed = change_issue(connection, _row(engine), {"status": "closed"}, actor="tom", now=NOW)
        change_issue(connection, closed, {"status": "in_progress"}, actor="tom", now=LATER)
    row = _row(engine)
    assert (row.status, row.resolved_at, row.closed_at) == ("in_progress", None, None)
    assert [change for change, _ in _events(engine)] == ["closed", "reopened"]

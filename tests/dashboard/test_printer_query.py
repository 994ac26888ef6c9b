"""One printer as its viewer may see it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.contract.messages import PrinterState
from core.runtime.settings import DatabaseSettings
from core.storage.audit import DEVICE_EXCHANGED, DEVICE_REPORTED, note
from core.storage.database import open_database, reading, writing
from core.storage.issues import NewIssue, change_status, issue_row, open_issue
from core.storage.tables import IssueKind, IssueStatus
from dashboard.features.printer.queries import PrinterView, read_printer, refresh_answer
from dashboard.viewer import Viewer
from tests.builders import printer, put, snapshot
from tests.console.small_fleet import fill
from tests.dashboard.harness import ANONYMOUS, TECHNICIAN
from tests.dashboard.portal import add_hostile, forecast
from tests.postgres import DATABASES, database

NOW = datetime.now(UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(DatabaseSettings(data_dir=tmp_path / "data"))
    fill(opened, NOW)
    yield opened
    opened.dispose()


@pytest.fixture(params=DATABASES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """What is read by SQL that differs between the databases."""
    with database(request.param, tmp_path / "data") as settings:
        opened = open_database(settings)
        fill(opened, NOW)
        yield opened
        opened.dispose()


def view(engine: Engine, printer_id: str, viewer: Viewer = TECHNICIAN) -> PrinterView:
    with reading(engine) as connection:
        found = read_printer(connection, printer_id, viewer, NOW)
    assert found is not None
    return found


def test_a_printer_that_is_not_there_is_none(engine: Engine) -> None:
    with reading(engine) as connection:
        assert read_printer(connection, "nowhere", TECHNICIAN, NOW) is None


def test_who_sees_addresses_sees_all_of_it(engine: Engine) -> None:
    add_hostile(engine)
    seen = view(engine, "hostile")
    assert seen.host == "10.0.0.5:161"
    assert seen.serial
    assert seen.notes
    assert seen.state.system_name


def test_nobody_in_particular_sees_no_address_no_serial_number_and_no_note(engine: Engine) -> None:
    add_hostile(engine)
    seen = view(engine, "hostile", ANONYMOUS)
    assert (seen.host, seen.serial, seen.notes) == ("", "", "")
    hidden = ("serial_number", "system_name", "system_description", "system_location", "error")
    assert all(getattr(seen.state, name) is None for name in hidden)
    assert seen.state.supplies


def test_what_people_wrote_is_for_who_is_signed_in(engine: Engine) -> None:
    device = NewIssue(printer_id="jammed", title="Paper is jammed.", kind=IssueKind.DEVICE, category="jam")
    with writing(engine) as connection:
        open_issue(connection, device, actor="processor", now=NOW)
    assert {line.title for line in view(engine, "jammed").open_issues} == {"Jams – again", "Paper is jammed."}
    public = view(engine, "jammed", ANONYMOUS).open_issues
    assert {line.title for line in public} == {"", "Paper is jammed."}
    assert all(line.assignee == "" for line in public)


def test_what_a_device_changed_by_itself_is_the_newest_first_and_for_who_sees_addresses(both: Engine) -> None:
    with writing(both) as connection:
        for minutes, action, subject in (
            (3, DEVICE_EXCHANGED, "jammed"),
            (2, DEVICE_REPORTED, "jammed"),
            (1, "printer.changed", "jammed"),
            (1, DEVICE_REPORTED, "fine"),
        ):
            at = NOW - timedelta(minutes=minutes)
            note(connection, action, subject, actor="processor", now=at, details={"firmware": ["1", "2"]})
    changes = view(both, "jammed").changes
    assert [(line.action, line.details) for line in changes] == [
        (DEVICE_REPORTED, {"firmware": ["1", "2"]}),
        (DEVICE_EXCHANGED, {"firmware": ["1", "2"]}),
    ]
    assert view(both, "jammed", ANONYMOUS).changes == ()


def test_ended_issues_are_past(both: Engine) -> None:
    with writing(both) as connection:
        row = issue_row(connection, 1)
        assert row is not None
        change_status(connection, row, IssueStatus.RESOLVED, actor="tom", now=NOW)
    seen = view(both, "jammed")
    assert seen.open_issues == ()
    assert [line.issue_id for line in seen.past_issues] == [1]
    assert seen.past_issues[0].ended_at == NOW


def test_a_forecast_comes_with_its_supply(both: Engine) -> None:
    put(both, forecast("low", "1.1", days_left=4.5, days_left_low=3.0, days_left_high=7.0))
    assert view(both, "low").forecasts["1.1"].days_left == 4.5
    assert view(both, "fine").forecasts == {}


def test_a_printer_never_read_is_waited_for_and_then_stale(engine: Engine) -> None:
    assert not view(engine, "new").stale
    with reading(engine) as connection:
        later = read_printer(connection, "new", TECHNICIAN, NOW + timedelta(hours=1))
    assert later is not None
    assert later.stale
    assert later.state.taken_at is None


def test_a_reserved_snapshot_is_no_reading(engine: Engine) -> None:
    state = PrinterState(printer_id="reserved")
    put(engine, printer("reserved", created_at=NOW), snapshot("reserved", state, reading_id=""))
    assert view(engine, "reserved").state.taken_at is None


def test_only_the_reading_that_was_asked_for_answers(engine: Engine) -> None:
    state = PrinterState(printer_id="asked", taken_at=NOW, reachable=True, refresh_id="r-1")
    put(engine, printer("asked"), snapshot("asked", state))
    with reading(engine) as connection:
        assert refresh_answer(connection, "asked", "r-0") is None
        answered = refresh_answer(connection, "asked", "r-1")
        assert refresh_answer(connection, "new", "r-1") is None
    assert answered is not None
    assert answered.reachable

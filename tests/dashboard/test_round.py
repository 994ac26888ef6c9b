"""The round: who stops where, what is carried, and what becomes of a tick; on SQLite and PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from core.contract.errors import Conflict
from core.contract.messages import InputTray
from core.domain.purchase_list import OrderFilter
from core.domain.supply_parts import SupplyPart
from core.storage.core_tables import ATTENTION, AUDIT, EVENTS, ISSUES, SNAPSHOTS, TRIAGE
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, change_issue, issue_row, open_issue
from core.storage.out_of_service import take_out_of_service
from core.storage.parts import ensure_part
from core.storage.stock import count_shelf, make_shelf
from core.storage.store_rooms import add_room
from dashboard.actor import Actor
from dashboard.features.attention import actions as attention_actions
from dashboard.features.attention import queries as attention_queries
from dashboard.features.attention.queries import Flag
from dashboard.features.issues.actions import change_many
from dashboard.features.places.queries import parts_to_bring
from dashboard.features.round import actions
from dashboard.features.round.queries import ended_flags, read_facts
from dashboard.features.round.stops import TICK_HOLDS_UNREAD, Round, Stop, Task, TaskState, round_of
from dashboard.undoing import undo
from dashboard.viewer import Forbidden
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN
from tests.dashboard.manager_fleet import NOW, ago, flag, opened, state, toner
from tests.postgres import DATABASES

TODAY = NOW.replace(hour=0, minute=0, second=0)
HALF_HOUR = timedelta(minutes=30)

RESOLVED = {"status": "resolved"}


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


def walk(engine: Engine, place: str = "", *, now: datetime = NOW, seen: tuple[int, ...] = ()) -> Round:
    with reading(engine) as connection:
        facts = read_facts(connection, TODAY - timedelta(days=1), now)
        parts = parts_to_bring(connection, OrderFilter(), now, UTC)
        ended = ended_flags(connection, seen, ago(hours=8), now) if seen else []
    return round_of(facts, parts, now, place=place, ended=ended)


def stop(engine: Engine, printer_id: str = "lib-1", **how: Any) -> Stop:
    (found,) = (each for each in walk(engine, **how).stops if each.printer_id == printer_id)
    return found


def task(engine: Engine, code: str = "jam", printer_id: str = "lib-1", **how: Any) -> Task:
    (found,) = (each for each in stop(engine, printer_id, **how).tasks if each.flag.code == code)
    return found


def ticked(engine: Engine, printer_id: str = "lib-1", *, at: datetime = NOW) -> list[Flag]:
    flags = [each.flag for each in stop(engine, printer_id).to_do]
    actions.tick(Actor(engine, TECHNICIAN, at), flags)
    return flags


def read_again(engine: Engine, printer_id: str, at: datetime, **values: Any) -> None:
    """A reading that says the same."""
    row = {"taken_at": at, "received_at": at, "stale_at": at + timedelta(minutes=2), **values}
    with writing(engine) as connection:
        connection.execute(update(SNAPSHOTS).where(SNAPSHOTS.c.printer_id == printer_id).values(**row))


def clear(engine: Engine, printer_id: str, code: str, at: datetime) -> None:
    which = ATTENTION.c.printer_id == printer_id, ATTENTION.c.code == code, ATTENTION.c.cleared_at.is_(None)
    with writing(engine) as connection:
        connection.execute(update(ATTENTION).where(*which).values(cleared_at=at))


def events(engine: Engine, issue_id: int) -> list[tuple[str, str]]:
    query = select(EVENTS.c.change, EVENTS.c.actor).where(EVENTS.c.issue_id == issue_id).order_by(EVENTS.c.id)
    with reading(engine) as connection:
        return [(change, actor) for change, actor in connection.execute(query)]


def test_stops_are_in_the_order_in_which_they_are_walked_with_all_that_is_to_be_done(engine: Engine) -> None:
    put(engine, printer("lib-10", location="Library, floor 10"), flag("lib-10", "jam", "critical"))
    found = walk(engine)
    assert [each.printer_id for each in found.stops] == ["law-1", "lib-1", "lib-2", "lib-10", "gym-1"]
    assert [each.flag.code for each in stop(engine).tasks] == ["jam", "supply_low"], "the worst first"
    assert [report.title for report in stop(engine, "law-1").reports] == ["Prints are pale"]
    assert found.left == 5


def test_a_place_limits_the_round_and_what_is_carried(engine: Engine) -> None:
    assert [each.printer_id for each in walk(engine, "Library").stops] == ["lib-1", "lib-2"]
    assert [each.printer_id for each in walk(engine, "Library, floor 2").stops] == ["lib-2"]
    assert walk(engine, "Library, floor 2").carry.words == "paper for 1 tray"
    assert walk(engine, "Nowhere").stops == ()


def test_what_is_set_aside_or_out_of_service_or_a_note_is_no_stop(engine: Engine) -> None:
    with reading(engine) as connection:
        flags = {
            each.printer_id: each
            for each in attention_queries.flags(connection, attention_queries.FlagFilter(), now=NOW)
        }
    attention_actions.acknowledge(Actor(engine, MANAGER, NOW), [flags["lib-2"]])
    with writing(engine) as connection:
        take_out_of_service(connection, "law-1", until=None, why="It is moved", actor="tom", now=NOW)
    put(engine, flag("all-1", "media_requested", "info"))
    assert [each.printer_id for each in walk(engine).stops] == ["lib-1", "gym-1"]


def test_what_the_vendor_mends_and_what_waits_is_listed_apart(engine: Engine) -> None:
    put(engine, flag("all-1", "service_requested", "critical", fixer="vendor", message="Service is needed."))
    with writing(engine) as connection:
        for number in (1, 2):  # the jam of lib-1, and the report about law-1
            seen = issue_row(connection, number)
            assert seen is not None
            change_issue(connection, seen, {"status": "waiting"}, actor="tom", now=NOW)
    found = walk(engine)
    told = [(one.printer_id, one.words, one.why, one.issue_id) for one in found.not_now]
    assert told == [
        ("all-1", "Service is needed.", "For the vendor's service", None),
        ("law-1", "Prints are pale", "Waiting", 2),
        ("lib-1", "Paper is jammed.", "Waiting", 1),
    ]
    assert "all-1" not in {each.printer_id for each in found.stops}
    assert [each.flag.code for each in stop(engine).tasks] == ["supply_low"]
    assert stop(engine, "law-1").reports == ()


def test_an_outage_is_one_thing_and_no_stop_for_each_of_its_printers(engine: Engine) -> None:
    for printer_id in ("gym-2", "gym-3"):
        if printer_id == "gym-3":
            put(engine, printer(printer_id, location="Sports Centre"))
            put(engine, snapshot(printer_id, state(printer_id, reachable=False)))
        put(engine, flag(printer_id, "unreachable", "critical", message="The printer does not answer."))
    with writing(engine) as connection:
        silent = SNAPSHOTS.c.printer_id.startswith("gym-")
        connection.execute(update(SNAPSHOTS).where(silent).values(state="unreachable"))
    found = walk(engine)
    assert [one.title for one in found.outages] == ["Sports Centre: 3 of 3 printers do not answer"]
    assert {each.printer_id for each in found.stops} == {"lib-1", "lib-2", "law-1"}
    assert walk(engine, "Library").outages == ()


def test_parts_are_carried_from_the_store_rooms_that_have_them_the_nearest_first(engine: Engine) -> None:
    held = SupplyPart("Model X", "Black Toner TN-1", "TN-1", "black", "toner")
    with writing(engine) as connection:
        part = ensure_part(connection, held, now=NOW)
        for name, places, pieces in (("Attic", [], 5), ("Library store", ["Library"], 1), ("Zoo", [], 0)):
            room = add_room(connection, name, places)
            count_shelf(connection, make_shelf(connection, part.id, room), pieces, actor="tom", now=NOW)
    (carried,) = walk(engine).carry.parts
    assert (carried.pieces, carried.missing) == (2, 0)
    assert carried.shelves == (("Attic", 5), ("Library store", 1)), "the Attic serves the Law School"
    (carried,) = walk(engine, "Library").carry.parts
    assert (carried.pieces, carried.shelves[0]) == (1, ("Library store", 1))
    assert stop(engine, "law-1").tasks[0].bring == (carried.title,)


def test_what_is_not_in_stock_is_told_and_what_is_done_is_carried_no_more(engine: Engine) -> None:
    held = SupplyPart("Model X", "Black Toner TN-1", "TN-1", "black", "toner")
    with writing(engine) as connection:
        part = ensure_part(connection, held, now=NOW)
        count_shelf(
            connection,
            make_shelf(connection, part.id, add_room(connection, "Attic", [])),
            1,
            actor="tom",
            now=NOW,
        )
    assert walk(engine).carry.parts[0].missing == 1
    ticked(engine, "law-1")
    assert (walk(engine).carry.parts[0].pieces, walk(engine).carry.parts[0].missing) == (1, 0)


def test_paper_is_counted_by_size_and_in_sheets_where_printers_count_them(engine: Engine) -> None:
    trays = (
        InputTray(
            index="1.1", media_name="iso_a4_210x297mm", capacity_unit="sheets", level=0, max_capacity=550
        ),
        InputTray(
            index="1.2", media_name="iso_a3_297x420mm", capacity_unit="sheets", level=0, max_capacity=250
        ),
        InputTray(
            index="1.3", media_name="iso_a4_210x297mm", capacity_unit="sheets", level=50, max_capacity=550
        ),
    )
    put(engine, printer("p", location="Hall"), snapshot("p", state("p", input_trays=trays)))
    put(
        engine,
        flag("p", "no_paper", "critical", subject="1.1"),
        flag("p", "paper_low", "warning", subject="1.3"),
    )
    found = walk(engine, "Hall").carry.papers
    assert [(one.paper, one.amount, one.reams) for one in found] == [("A4", "2 trays, about 1,050 sheets", 3)]
    put(engine, printer("q", location="Hall"), flag("q", "no_paper", "critical"))
    assert [one.amount for one in walk(engine, "Hall").carry.papers][-1] == "1 tray", (
        "whose size nobody knows"
    )


def test_paper_that_printers_name_differently_is_one_line_to_carry(engine: Engine) -> None:
    told = ["Plain", "Plain Paper", "PLAIN", "stationery", "Etiketten Herma", "ETIKETTEN Herma"]
    for number, name in enumerate(told):
        tray = InputTray(index="1.1", media_name=name, capacity_unit="sheets", level=0, max_capacity=500)
        put(engine, printer(f"p{number}", location="Hall"))
        put(engine, snapshot(f"p{number}", state(f"p{number}", input_trays=(tray,))))
        put(engine, flag(f"p{number}", "no_paper", "critical", subject="1.1"))
    found = walk(engine, "Hall").carry.papers
    assert [(one.paper.casefold(), one.trays, one.reams) for one in found] == [
        ("etiketten herma", 2, 2),
        ("plain", 4, 4),
    ]


def test_a_tick_tells_who_and_when_also_to_the_issue_and_the_audit(engine: Engine) -> None:
    ticked(engine)
    found = task(engine)
    assert (found.state, found.flag.done_by, found.flag.done_at) == (TaskState.DONE, "tom", NOW)
    assert stop(engine).is_over
    assert events(engine, 1)[-1] == ("done_on_site", "tom")
    with reading(engine) as connection:
        status = connection.execute(select(ISSUES.c.status).where(ISSUES.c.id == 1)).scalar()
        assert status == "open", "the printer ends it"
        noted = select(AUDIT.c.subject).where(AUDIT.c.action == "round.done_on_site")
        assert [row[0] for row in connection.execute(noted)] == ["lib-1", "lib-1"]


def test_a_second_tick_changes_nothing_whoever_sets_it(engine: Engine) -> None:
    flags = ticked(engine)
    for viewer in (TECHNICIAN, MANAGER):
        done = actions.tick(Actor(engine, viewer, NOW + timedelta(seconds=1)), flags)
        assert (done.said, done.steps, done.refused) == ("Lib-1: was done already", (), ())
    assert (task(engine).flag.done_by, task(engine).flag.done_at) == ("tom", NOW)
    assert [change for change, _ in events(engine, 1)].count("done_on_site") == 1


def test_of_two_who_tick_at_the_same_moment_one_is_noted(engine: Engine) -> None:
    flags = [each.flag for each in stop(engine).to_do]
    with ThreadPoolExecutor(8) as pool:
        viewers = [TECHNICIAN, MANAGER] * 4
        outcomes = list(pool.map(lambda viewer: actions.tick(Actor(engine, viewer, NOW), flags), viewers))
    assert sum(len(done.steps) for done in outcomes) == len(flags) == 2
    assert not any(done.refused for done in outcomes)
    assert [change for change, _ in events(engine, 1)].count("done_on_site") == 1
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(TRIAGE)).scalar_one() == 2


def test_a_tick_disturbs_no_triage_and_none_disturbs_it(engine: Engine) -> None:
    with reading(engine) as connection:
        seen = next(
            each
            for each in attention_queries.flags(connection, attention_queries.FlagFilter(), now=NOW)
            if each.code == "no_paper"
        )
    ticked(engine, "lib-2")
    done = attention_actions.assign(Actor(engine, MANAGER, NOW), [seen], "maya")
    assert done.refused == ()
    assert task(engine, "no_paper", "lib-2").state == TaskState.DONE
    undo(Actor(engine, MANAGER, NOW), done)
    assert task(engine, "no_paper", "lib-2").flag.done_by == "tom"


def test_a_tick_is_taken_back_by_anybody_and_once(engine: Engine) -> None:
    ticked(engine)
    flags = [each.flag for each in stop(engine).done]
    actions.take_back(Actor(engine, MANAGER, NOW), flags)
    assert task(engine).state == TaskState.TO_DO
    assert events(engine, 1)[-1] == ("not_done", "maya")
    with pytest.raises(Conflict):
        actions.take_back(Actor(engine, TECHNICIAN, NOW), flags)


def test_the_printer_confirms_what_was_ticked(engine: Engine) -> None:
    ticked(engine, at=ago(minutes=3))
    clear(engine, "lib-1", "jam", ago(minutes=1))
    found = task(engine)
    assert (found.state, found.confirmed_at, found.flag.done_by) == (
        TaskState.CONFIRMED,
        ago(minutes=1),
        "tom",
    )


def test_what_nobody_has_ticked_is_confirmed_where_it_was_shown(engine: Engine) -> None:
    number = task(engine).flag.attention_id
    clear(engine, "lib-1", "jam", NOW)
    assert [each.flag.code for each in stop(engine).tasks] == ["supply_low"]
    found = task(engine, seen=(number,))
    assert (found.state, found.flag.done_by) == (TaskState.CONFIRMED, "")


def test_what_is_still_reported_half_an_hour_later_is_to_be_done_again(engine: Engine) -> None:
    ticked(engine)
    later = NOW + HALF_HOUR
    read_again(engine, "lib-1", later - timedelta(seconds=1))
    assert task(engine, now=later).state == TaskState.DONE
    read_again(engine, "lib-1", later)
    found = task(engine, now=later)
    assert (found.state, found.unread, found.flag.done_by) == (TaskState.STILL_REPORTED, False, "tom")
    assert not stop(engine, now=later).is_over
    actions.tick(Actor(engine, MANAGER, later), [found.flag])
    assert (task(engine, now=later).state, task(engine, now=later).flag.done_by) == (TaskState.DONE, "maya")


def test_a_printer_that_is_read_rarely_has_two_readings_to_confirm(engine: Engine) -> None:
    ticked(engine)
    hour = timedelta(hours=1)
    for number, expected in ((1, TaskState.DONE), (2, TaskState.STILL_REPORTED)):
        at = NOW + number * hour
        read_again(engine, "lib-1", at, stale_at=at + 2 * hour)
        assert task(engine, now=at).state == expected


def test_a_tick_does_not_hide_for_ever_what_nobody_reads(engine: Engine) -> None:
    ticked(engine)
    assert task(engine, now=NOW + TICK_HOLDS_UNREAD - timedelta(minutes=1)).state == TaskState.DONE
    found = task(engine, now=NOW + TICK_HOLDS_UNREAD)
    assert (found.state, found.unread) == (TaskState.STILL_REPORTED, True)


def test_silence_confirms_nothing(engine: Engine) -> None:
    number = task(engine).flag.attention_id
    ticked(engine)
    clear(engine, "lib-1", "jam", NOW)  # hidden, as the processor does
    clear(engine, "lib-1", "supply_low", NOW)
    put(engine, flag("lib-1", "unreachable", "critical", message="The printer does not answer."))
    read_again(engine, "lib-1", NOW, reachable=False, state="unreachable")
    found = stop(engine, seen=(number,))
    states = {each.flag.code: each.state for each in found.tasks}
    assert states == {"unreachable": TaskState.TO_DO, "jam": TaskState.DONE, "supply_low": TaskState.DONE}


def test_a_toner_that_was_low_and_is_empty_now_is_not_mended(engine: Engine) -> None:
    ticked(engine, "law-1")
    clear(engine, "law-1", "supply_low", NOW)
    put(engine, flag("law-1", "supply_empty", "critical", subject="1.1", message="Black Toner is empty."))
    assert [each.flag.code for each in stop(engine, "law-1").tasks] == ["supply_empty"]


def test_another_device_confirms_nothing_of_the_one_before(engine: Engine) -> None:
    ticked(engine, "lib-2")
    with writing(engine) as connection:
        gone = {"cleared_at": NOW, "outcome": "device_changed"}
        connection.execute(update(ATTENTION).where(ATTENTION.c.printer_id == "lib-2").values(**gone))
    assert "lib-2" not in {each.printer_id for each in walk(engine).stops}


def test_a_tick_of_what_is_over_meanwhile_is_no_failure(engine: Engine) -> None:
    flags = [each.flag for each in stop(engine, "lib-2").to_do]
    clear(engine, "lib-2", "no_paper", NOW)
    assert actions.tick(Actor(engine, TECHNICIAN, NOW), flags).steps == ()


def test_a_report_is_resolved_and_stays_in_its_place_until_the_day_is_over(engine: Engine) -> None:
    (report,) = stop(engine, "law-1").reports
    done = change_many(Actor(engine, TECHNICIAN, NOW), [report], RESOLVED)
    assert len(done.steps) == 1
    (after,) = stop(engine, "law-1").reports
    assert after.status == "resolved"
    assert not stop(engine, "law-1").is_over, "its toner is low"
    assert change_many(Actor(engine, MANAGER, NOW), [report], RESOLVED).refused, "somebody was faster"
    change_many(Actor(engine, MANAGER, NOW), [after], {"status": "open"})
    with reading(engine) as connection:
        assert connection.execute(select(ISSUES.c.status).where(ISSUES.c.id == 2)).scalar() == "open"


def test_an_issue_opened_from_a_flag_is_told_with_the_flag_alone(engine: Engine) -> None:
    with reading(engine) as connection:
        seen = next(
            each
            for each in attention_queries.flags(connection, attention_queries.FlagFilter(), now=NOW)
            if each.code == "no_paper"
        )
    attention_actions.open_issue(Actor(engine, MANAGER, NOW), seen)
    found = stop(engine, "lib-2")
    assert found.reports == ()
    assert found.tasks[0].flag.issue_id == 3


def test_who_may_not_work_on_issues_ticks_nothing(engine: Engine) -> None:
    flags = [each.flag for each in stop(engine).to_do]
    for act in (actions.tick, actions.take_back):
        with pytest.raises(Forbidden):
            act(Actor(engine, ANONYMOUS, NOW), flags)
    with pytest.raises(Forbidden):
        change_many(Actor(engine, ANONYMOUS, NOW), [stop(engine, "law-1").reports[0]], RESOLVED)


def test_a_round_of_many_stops_asks_no_more_than_one_of_few(engine: Engine) -> None:
    def statements() -> int:
        from sqlalchemy import event

        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        walk(engine)
        event.remove(engine, "before_cursor_execute", note)
        return len(asked)

    few = statements()
    for number in range(40):
        put(
            engine,
            printer(f"p-{number}", location="Hall"),
            snapshot(f"p-{number}", state(f"p-{number}", supplies=(toner(3),))),
        )
        put(engine, flag(f"p-{number}", "no_paper", "critical"))
    with writing(engine) as connection:
        for number in range(40):
            open_issue(connection, NewIssue(f"p-{number}", "It is loud"), actor="noah", now=NOW)
    assert len(walk(engine).stops) == 44
    assert statements() == few

"""The demo's history leads to what its printers are today; people's issues are lives, not rows."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from console.demo.cartridges import replacements
from console.demo.folder import DemoFolder, DemoNote, choose_port, hold_ports
from console.demo.history import DAYS, past
from console.demo.issues import STORIES, file_issues
from console.demo.stoppages import past_flags
from core.contract.errors import UserError
from core.contract.messages import HistoryPoint
from core.domain.conditions import JAM
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import EVENTS, ISSUES
from core.storage.database import open_database, writing
from simulator.living import LivingPrinter
from simulator.plan import plan_fleet
from simulator.report import supply_level
from simulator.shape import load_shapes
from tests.console.simulated import free_ports, living

NOW = datetime(2026, 3, 11, 10, 17, tzinfo=UTC)  # a Wednesday


def history(name: str) -> tuple[list[HistoryPoint], list[int]]:
    printer = living(load_shapes()[name])
    shape, stock = printer.plan.shape, printer.life.stock
    levels = [supply_level(shape, one, left) for one, left in zip(shape.supplies, stock.left, strict=True)]
    return past(printer.plan, stock, NOW, UTC), [stock.pages, *levels]


@pytest.mark.parametrize("name", sorted(load_shapes()))
def test_the_newest_point_is_the_printer_as_it_is(name: str) -> None:
    points, today = history(name)
    newest = points[-1]
    assert newest.taken_at == NOW.replace(minute=0)
    if newest.reachable:
        assert [newest.marker_life_count, *(one.level for one in newest.supplies.values())] == today


def test_points_are_messages_in_order_over_ninety_days() -> None:
    points, _ = history("konica_bizhub")
    assert [HistoryPoint.model_validate_json(point.model_dump_json()) for point in points] == points
    times = [point.taken_at for point in points]
    assert times == sorted(set(times))
    assert timedelta(days=DAYS - 1) < times[-1] - times[0] <= timedelta(days=DAYS)


def test_replacements_of_colors_that_only_the_colorant_tells_apart_are_parts_of_their_own() -> None:
    printer = living(load_shapes()["oki_c"])
    points = past(printer.plan, printer.life.stock, NOW, UTC)
    toners = {each.part for each in replacements(printer.plan, points) if each.supply_type == "toner"}
    assert toners and all(part.startswith("Toner, ") for part in toners), toners


def test_counters_never_fall_and_toner_only_rises_when_it_is_replaced() -> None:
    points, _ = history("kyocera_taskalfa")
    reached = [point for point in points if point.reachable]
    refills = 0
    for before, after in pairwise(reached):
        assert (before.marker_life_count or 0) <= (after.marker_life_count or 0)
        old, new = before.supplies["1.4"].percent or 0, after.supplies["1.4"].percent or 0
        if new > old:
            refills += 1
            assert old < 10
            assert new > 80
    assert refills >= 1


def test_weekdays_are_busy_and_weekends_are_not() -> None:
    points, _ = history("hp_laserjet")
    printed = [0] * 7
    for before, after in pairwise([point for point in points if point.reachable]):
        printed[after.taken_at.weekday()] += (after.marker_life_count or 0) - (before.marker_life_count or 0)
    assert min(printed[:5]) > 5 * max(printed[5:])


def test_office_hours_are_those_of_the_place_where_it_stands() -> None:
    printer = living(load_shapes()["hp_laserjet"])
    here, there = (
        past(printer.plan, printer.life.stock, NOW, zone) for zone in (UTC, timezone(timedelta(hours=12)))
    )
    assert [point.state for point in here] != [point.state for point in there]


def test_nothing_is_told_of_a_printer_that_did_not_answer() -> None:
    plans = [plan for plan in plan_fleet(40, 1) if plan.printer_id.startswith("sci-")]
    points = past(plans[0], living(plans[0].shape).life.stock, NOW, UTC)
    silent = [point for point in points if not point.reachable]
    assert len(silent) >= 1
    assert all(
        (point.marker_life_count, point.supplies, point.state) == (None, {}, "unreachable")
        for point in silent
    )


def test_a_past_has_flags_that_are_over_and_one_printer_of_the_fleet_jams_far_more_often() -> None:
    rates, lives = {}, []
    for plan in plan_fleet(40, 1):
        stock = LivingPrinter(plan, 1.0, b"public").life.stock
        points = past(plan, stock, NOW, UTC)
        flags = list(past_flags(plan, points, NOW))
        month = NOW - timedelta(days=30)
        jams = sum(flag.code == JAM and flag.since_at > month for flag in flags)
        counts = [point.marker_life_count for point in points if point.taken_at > month]
        known = [count for count in counts if count is not None]
        rates[plan.printer_id] = jams / max(1, known[-1] - known[0])
        lives += [(flag.since_at, flag.cleared_at) for flag in flags]
    (worn,) = (plan.printer_id for plan in plan_fleet(40, 1) if plan.is_worn)
    others = [rate for printer_id, rate in rates.items() if printer_id != worn]
    assert rates[worn] > 3 * sum(others) / len(others)
    assert len(lives) > 100
    assert all(since < cleared <= NOW for since, cleared in lives if cleared is not None)
    assert None not in {cleared for _, cleared in lives}


def test_issues_have_statuses_assignees_and_words_over_weeks(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    with writing(engine) as connection:
        assert file_issues(connection, plan_fleet(40, 1), NOW) == len(STORIES)
        assert file_issues(connection, plan_fleet(40, 1), NOW) == 0
        issues = connection.execute(select(ISSUES)).mappings().all()
        events = connection.execute(select(EVENTS)).mappings().all()
    engine.dispose()
    assert len(issues) == len(STORIES) >= 12
    assert {issue["status"] for issue in issues} == {"open", "in_progress", "waiting", "resolved", "closed"}
    assert {issue["kind"] for issue in issues} == {"person"}
    assert {event["change"] for event in events} >= {"opened", "commented", "assigned", "reopened", "closed"}
    assert max(NOW - issue["opened_at"].replace(tzinfo=UTC) for issue in issues) > timedelta(days=20)
    assert all(event["at"].replace(tzinfo=UTC) <= NOW for event in events)


def test_issues_are_about_printers_that_suffer_from_it(tmp_path: Path) -> None:
    plans = plan_fleet(40, 1)
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    with writing(engine) as connection:
        file_issues(connection, plans, NOW)
        issues = connection.execute(select(ISSUES)).mappings().all()
    engine.dispose()
    stuck = next(issue for issue in issues if issue["title"] == "Paper is stuck again")
    assert "jam" in next(plan.beginning for plan in plans if plan.printer_id == stuck["printer_id"])


def test_a_place_remembers_its_fleet(tmp_path: Path) -> None:
    place = DemoFolder(tmp_path / "demo")
    assert place.read() is None
    note = DemoNote(10, 2, 17_000, complete=True)
    place.write(note)
    assert place.read() == note


@pytest.mark.parametrize(
    ("name", "content"), [("thesis.txt", "mine"), ("demo.json", "{}"), ("demo.json", "[1")]
)
def test_a_folder_that_is_no_demos_is_refused(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match="--dir"):
        DemoFolder(tmp_path).read()


def test_ports_that_are_taken_are_passed_over() -> None:
    import socket

    first = free_ports(3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", first + 1))
        assert choose_port(3, None, first) != first
        with pytest.raises(UserError, match="leave out --port"):
            choose_port(3, first, None)


def test_demos_that_start_at_the_same_time_take_other_ports() -> None:
    first, held = hold_ports(3, None, free_ports(3))
    with held:
        second, other = hold_ports(3, None, first)
        with other:
            assert second != first
        with pytest.raises(UserError, match="leave out --port"):
            hold_ports(3, first, None)
    assert choose_port(3, None, first) == first

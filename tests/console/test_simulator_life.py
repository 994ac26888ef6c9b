"""The life of a simulated printer stays plausible, whatever happens to it, and repeats with its seed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.conditions import conditions
from simulator.life import DAY, HOUR, Life, activity
from simulator.plan import plan_fleet
from simulator.report import SimulatedReport, error_octets, supply_level, tray_level
from simulator.shape import Shape, load_shapes
from simulator.upsets import UPSETS, upset

SHAPES = load_shapes()
ALERT_CODE = (1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 7)
shapes = st.sampled_from(sorted(SHAPES)).map(SHAPES.__getitem__)
seeds = st.integers(0, 10_000)
Upset = tuple[float, str]
upsets = st.lists(st.tuples(st.floats(0, 4 * HOUR), st.sampled_from(sorted(UPSETS))), max_size=6)


def visible(life: Life) -> tuple[object, ...]:
    stock = life.stock
    return (
        life.mode,
        life.gone,
        life.jam,
        life.open_cover,
        stock.pages,
        tuple(stock.left),
        tuple(stock.sheets),
    )


@settings(max_examples=60, deadline=None)
@given(shapes, seeds, upsets)
def test_levels_stay_in_range_and_counters_never_fall(
    shape: Shape, seed: int, happenings: list[Upset]
) -> None:
    life = Life(shape, seed, 40.0)
    report = SimulatedReport(life)
    pages, now = life.stock.pages, 0.0
    for wait, kind in happenings:
        now += wait
        life.advance(now)
        upset(life, kind)
        report.values()
        assert life.stock.pages >= pages
        pages = life.stock.pages
        for supply, left in zip(shape.supplies, life.stock.left, strict=True):
            assert 0 <= left <= 1
            level = supply_level(shape, supply, left)
            assert level in (supply.level, *range(max(0, supply.max_capacity) + 1))
        for tray, sheets in zip(shape.trays, life.stock.sheets, strict=True):
            assert 0 <= sheets <= tray.capacity
            assert -3 <= tray_level(shape, tray, sheets) <= tray.capacity


@settings(max_examples=40, deadline=None)
@given(shapes, seeds, upsets)
def test_everything_that_goes_wrong_is_mended_in_the_end(
    shape: Shape, seed: int, happenings: list[Upset]
) -> None:
    life = Life(shape, seed, 5.0)
    now = 0.0
    for wait, kind in happenings:
        now += wait
        life.advance(now)
        upset(life, kind)
    started = life.stock.pages
    well = 0
    for _ in range(200):
        now += 6 * 60
        life.advance(now)
        well += not life.stopped and not life.gone
    assert well > 100
    assert life.stock.pages > started


@settings(max_examples=30, deadline=None)
@given(shapes, seeds, st.lists(st.floats(0, 2 * HOUR), min_size=1, max_size=20))
def test_it_makes_no_difference_how_often_a_life_is_looked_at(
    shape: Shape, seed: int, steps: list[float]
) -> None:
    once, often = Life(shape, seed, 30.0), Life(shape, seed, 30.0)
    now = 0.0
    for step in steps:
        now += step
        often.advance(now)
    once.advance(now)
    assert visible(once) == visible(often)


@settings(max_examples=60, deadline=None)
@given(shapes, seeds, upsets)
def test_bits_alerts_and_status_tell_the_same(shape: Shape, seed: int, happenings: list[Upset]) -> None:
    life = Life(shape, seed, 20.0)
    report = SimulatedReport(life)
    now = 0.0
    for wait, kind in happenings:
        now += wait
        life.advance(now)
        upset(life, kind)
    wrong = conditions(life)
    values = report.values()
    codes = {int.from_bytes(value[2:], "big") for arcs, value in values.items() if arcs[:11] == ALERT_CODE}
    assert {one.code for one in wrong} <= codes or not shape.manner.alerts
    status = values[1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 5, shape.device][-1]
    assert (status == 5) == any(one.critical for one in wrong)
    bits = values[1, 3, 6, 1, 2, 1, 25, 3, 5, 1, 2, shape.device][2:]
    told = {8 * at + bit for at, octet in enumerate(bits) for bit in range(8) if octet & 0x80 >> bit}
    assert told == {one.bit for one in wrong if one.bit is not None and one.bit < 8 * len(bits)}
    assert life.stopped == any(one.critical for one in wrong)


def test_the_office_is_quiet_early_and_busy_before_noon() -> None:
    assert activity(0.0) == 0.9
    assert {activity(hour * HOUR) for hour in range(12)} >= {0.15, 1.0}
    assert activity(DAY + 60) == activity(60)


def test_a_printer_falls_asleep_and_wakes_for_a_job() -> None:
    life = Life(SHAPES["hp_laserjet"], 3, 0.5)
    modes = set()
    for minute in range(60 * 24):
        life.advance(minute * 60.0)
        modes.add(life.mode)
    assert modes == {"idle", "asleep", "warming_up", "printing"}


def test_a_power_cut_starts_uptime_and_alert_indexes_anew() -> None:
    life = Life(SHAPES["hp_color_laserjet"], 5, 1.0)
    report = SimulatedReport(life, base_uptime=10**6)
    upset(life, "cover_open")
    before = report.values()
    upset(life, "power_cut")
    life.advance(life.now + HOUR)
    assert (life.gone, life.boots) == (False, 1)
    assert int.from_bytes(report.uptime()[1][2:], "big") < 10**6
    assert any(arcs[-1] == 1 for arcs in report.values() if arcs[:9] == (1, 3, 6, 1, 2, 1, 43, 18, 1))
    assert before


def test_alert_rows_vanish_with_their_condition_and_indexes_only_grow() -> None:
    life = Life(SHAPES["ricoh_im"], 5, 1.0)
    report = SimulatedReport(life)

    def rows() -> dict[int, int]:
        column = (1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 7, 1)
        return {
            arcs[-1]: int.from_bytes(value[2:], "big")
            for arcs, value in report.values().items()
            if arcs[:-1] == column
        }

    assert rows() == {}
    upset(life, "output_full")
    assert list(rows().values()) == [903]
    life.advance(life.now + HOUR)
    upset(life, "jam")
    kept = rows()
    assert sorted(kept.values()) == [8, 1801]
    assert min(kept) > 1


def test_no_errors_are_no_octets_where_the_vendor_says_so() -> None:
    life = Life(SHAPES["epson_workforce"], 5, 1.0)
    life.stock.left = [1.0] * len(life.stock.left)
    assert error_octets(conditions(life), 0) == b""
    upset(life, "jam")
    assert error_octets(conditions(life), 0) == b"\x04"


@pytest.mark.parametrize(("share", "level"), [(1.0, 100), (0.61, 80), (0.6, 60), (0.01, 20), (0.0, 0)])
def test_coarse_levels_come_in_steps_of_the_vendor(share: float, level: int) -> None:
    shape = SHAPES["canon_imagerunner"]
    assert supply_level(shape, shape.supplies[0], share) == level


def test_a_waste_container_counts_in_the_direction_of_its_vendor() -> None:
    xerox, ricoh, konica = (SHAPES[name] for name in ("xerox_altalink", "ricoh_im", "konica_bizhub"))
    filled = {
        shape.name: supply_level(shape, next(one for one in shape.supplies if one.is_waste), 0.1)
        for shape in (xerox, ricoh, konica)
    }
    assert filled == {"xerox_altalink": 90, "ricoh_im": 10, "konica_bizhub": -3}


def test_a_worn_printer_jams_again_and_again() -> None:
    def jams(life: Life) -> int:
        seen, was = 0, False
        for minute in range(5 * 12 * 60):
            life.advance(minute * 60.0)
            seen += life.jam is not None and not was
            was = life.jam is not None
        return seen

    shape, (worn,) = SHAPES["hp_laserjet"], [plan for plan in plan_fleet(40, 1) if plan.is_worn]
    often = jams(Life(shape, 7, 12.0, worn.jam_every_pages))
    assert often > 3 * max(1, jams(Life(shape, 7, 12.0)))
    assert worn.jobs_per_hour >= 12
    assert "jam" in worn.beginning

"""What happens to simulated printers of every vendor's shape is what collector and processor find."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from collector.drivers.protocol import Agent
from collector.drivers.wire import WireDriver
from collector.poll import Capabilities, PollResult, poll
from console.demo.counters import first_state, with_counters
from console.demo.history import past
from console.demo.updates import write_update
from core.contract.messages import PrinterState, Reading
from core.runtime.settings import CredentialProfile, DatabaseSettings, RuleSettings
from core.storage.core_tables import AUDIT
from core.storage.database import open_database, writing
from processor.judgment.judge import Context, judge
from simulator.conditions import conditions
from simulator.counting import Counting
from simulator.fleet_run import SimulatedFleet
from simulator.living import LivingPrinter
from simulator.shape import load_shapes
from tests.console.simulated import answering, free_ports, living

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
FLAGS = {
    "jam": "jam",
    "cover_open": "door_open",
    "toner_low": "supply_low",
    "toner_empty": "supply_empty",
    "no_paper": "no_paper",
    "tray_low": "paper_low",
    "waste_nearly_full": "waste_nearly_full",
    "output_full": "output_full",
    "tray_missing": "tray_missing",
}


def tells(printer: LivingPrinter) -> bool:
    """Whether this vendor reports its first condition at all: some have no bit and no alert for it."""
    manner = printer.plan.shape.manner
    found = conditions(printer.life)
    bits = 8 * max(1, manner.error_octets)
    return bool(found) and (manner.alerts or any(one.bit is not None and one.bit < bits for one in found))


def ask_all(printers: list[LivingPrinter], *, seconds: float = 0.0) -> list[PollResult]:
    """Poll them, so many seconds after their fleet began."""
    port = free_ports(len(printers))

    async def main() -> list[PollResult]:
        driver = WireDriver()
        await driver.start()
        try:
            agents = [
                Agent("127.0.0.1", port + at, _profile(printer), timeout_seconds=2)
                for at, printer in enumerate(printers)
            ]
            return [await poll(driver, agent, Capabilities()) for agent in agents]
        finally:
            await driver.close()

    with answering(SimulatedFleet([], [_later(printer, seconds) for printer in printers], printers), port):
        return asyncio.run(main())


def _profile(printer: LivingPrinter) -> CredentialProfile:
    """As an operator would set it: that one of them hears v1 alone would be found by waiting."""
    only_v1 = printer.plan.shape.manner.versions == ("1",)
    return CredentialProfile(version="1" if only_v1 else "auto")


def _later(printer: LivingPrinter, seconds: float) -> Callable[[bytes, float], bytes | None]:
    return lambda message, at: printer.answer(message, seconds + at)


def state_of(printer: LivingPrinter, result: PollResult) -> PrinterState:
    reading = Reading(
        id="1",
        printer_id=printer.plan.printer_id,
        site="main",
        seq=1,
        taken_at=NOW,
        reachable=result.reachable,
        error=result.error,
        varbinds=dict(result.varbinds),
        tables=dict(result.tables),
    )
    return judge(reading, None, Context(RuleSettings(), NOW)).state


@pytest.mark.parametrize("kind", sorted(FLAGS))
def test_what_happens_is_the_flag_of_every_vendor_that_tells(kind: str) -> None:
    printers = [living(shape, kind) for shape in load_shapes().values()]
    for printer in printers:
        printer.life.stock.left = [share if share < 0.15 else 0.9 for share in printer.life.stock.left]
    telling = [printer for printer in printers if tells(printer)]
    assert len(telling) >= 6
    for printer, result in zip(telling, ask_all(telling), strict=True):
        state = state_of(printer, result)
        codes = {flag.code for flag in state.attention}
        assert FLAGS[kind] in codes, (printer.plan.shape.name, kind, state.attention, state.alerts)
        assert (state.model or "").endswith(printer.plan.shape.model)  # the maker may stand before it
        assert state.marker_life_count == printer.life.stock.pages


def test_printers_that_are_well_have_no_flags_whatever_rows_they_keep() -> None:
    printers = [living(shape) for shape in load_shapes().values()]
    for printer in printers:
        stock = printer.life.stock
        stock.left = [0.9] * len(stock.left)
        stock.sheets = [tray.capacity for tray in printer.plan.shape.trays]
    for printer, result in zip(printers, ask_all(printers), strict=True):
        state = state_of(printer, result)
        assert state.attention == (), (printer.plan.shape.name, state.attention)
        assert state.state == "idle"
        assert len(state.supplies) == len(printer.plan.shape.supplies)
        assert "failed" not in result.tables.values()


def test_sleeping_printers_are_asleep_and_well() -> None:
    printers = [living(shape, "asleep") for shape in load_shapes().values()]
    for printer in printers:
        printer.life.stock.left = [0.9] * len(printer.life.stock.left)
        printer.life.stock.sheets = [tray.capacity for tray in printer.plan.shape.trays]
    for printer, result in zip(printers, ask_all(printers), strict=True):
        state = state_of(printer, result)
        assert (state.state, state.attention) == ("asleep", ()), (printer.plan.shape.name, state.attention)


def test_a_sleeping_printer_with_rows_about_its_cold_fuser_is_well() -> None:
    printer = living(load_shapes()["kyocera_taskalfa"], "asleep")
    printer.life.stock.left = [0.9] * len(printer.life.stock.left)
    state = state_of(printer, ask_all([printer])[0])
    assert [row.code for row in state.alerts].count("marker_fuser_under_temperature") == 2
    assert (state.state, state.attention) == ("asleep", ())


@pytest.mark.parametrize(("kind", "code"), [("toner_low", "supply_low"), ("toner_empty", "supply_empty")])
def test_a_toner_without_a_measure_is_known_by_the_panel_and_by_its_zero(kind: str, code: str) -> None:
    printer = living(load_shapes()["ricoh_aficio"], kind)
    state = state_of(printer, ask_all([printer])[0])
    found = conditions(printer.life)[0]
    flagged = [(flag.code, flag.subject, flag.message.startswith(found.part)) for flag in state.attention]
    assert flagged == [(code, f"1.{found.row}", True)]
    assert {supply.level_percent for supply in state.supplies} == {None}


def test_a_printer_that_begins_as_gone_answers_at_first_and_then_no_more() -> None:
    printer = living(load_shapes()["brother_hl"], "network_lost")
    assert ask_all([printer])[0].reachable
    assert not ask_all([printer], seconds=20.0)[0].reachable


def test_a_full_output_tray_is_named_where_the_shape_has_one() -> None:
    printers = [living(shape, "output_full") for shape in load_shapes().values() if shape.output_trays]
    assert len(printers) >= 6
    for printer, result in zip(printers, ask_all(printers), strict=True):
        name, _ = printer.plan.shape.output_trays[1]
        messages = [flag.message for flag in state_of(printer, result).attention]
        assert f"{name} is full." in messages, (printer.plan.shape.name, messages)


def test_the_counters_of_a_demos_past_lead_to_those_of_the_first_reading() -> None:
    printers = [living(shape) for shape in load_shapes().values()]
    for printer, result in zip(printers, ask_all(printers), strict=True):
        state, found = state_of(printer, result), first_state(printer, NOW)
        counters = {one.name: one.count for one in state.counters}
        assert {one.name: one.count for one in found.counters} == counters, state.model
        points = [point for point in past(printer.plan, printer.life.stock, NOW, UTC) if point.reachable]
        told = list(with_counters(points, found, NOW))
        for name, count in counters.items():
            counts = [point.counters[name] for point in told]
            assert counts == sorted(counts)
            assert counts[0] < counts[-1] == count
            assert {point.serial_number for point in told} == {state.counters_serial}


def test_a_demos_past_has_the_updates_of_those_that_do_not_tell_the_older_version(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    printers = [living(shape) for shape in load_shapes().values()]
    with writing(engine) as connection:
        for printer in printers * 2:  # a demo that goes on has them already
            write_update(connection, printer.plan, first_state(printer, NOW), NOW)
        noted = connection.execute(select(AUDIT)).all()
    engine.dispose()
    assert 0 < len(noted) == len({row.subject for row in noted})
    for row in noted:
        before, after = row.details["firmware"]
        assert before != after
        assert NOW - timedelta(days=90) <= row.at.replace(tzinfo=UTC) < NOW


def test_the_vendors_counters_are_plausible_and_count_on() -> None:
    printers = [living(shape) for shape in load_shapes().values() if shape.counting != Counting()]
    assert {printer.plan.shape.name.partition("_")[0] for printer in printers} >= {
        "brother", "canon", "hp", "konica", "kyocera", "ricoh", "sharp"
    }  # fmt: skip
    before = [state_of(*pair) for pair in zip(printers, ask_all(printers), strict=True)]
    for printer in printers:
        printer.life.stock.use(10_000)
        printer.life.changes += 1
    after = [state_of(*pair) for pair in zip(printers, ask_all(printers), strict=True)]
    for old, new in zip(before, after, strict=True):
        counts = {one.name: one.count for one in old.counters}
        grown = {one.name: one.count - counts[one.name] for one in new.counters}
        assert {"mono"} <= grown.keys(), old.model
        assert abs(grown["mono"] + grown.get("color", 0) - 10_000) <= 10, (old.model, grown)

"""The demo's store rooms: something of everything, of the parts that its printers will be seen to hold."""

from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

from console.demo.stock import add_stock
from core.domain.purchase_list import OrderFilter
from core.domain.supply_parts import supply_part
from core.runtime.settings import DatabaseSettings, RuleSettings
from core.storage.database import open_database, writing
from core.storage.parts import read_catalog
from core.storage.purchase_list import purchase_list
from core.storage.stock import low_shelves, stock_lines
from processor.judgment.judge import Context, judge
from simulator.plan import plan_fleet
from simulator.shape import SHAPES, load_shapes
from tests.builders import NOW
from tests.recordings_reader import read_recording, reading_of

STOCKED = ("toner", "ink", "drum", "waste")


def test_there_is_stock_an_order_an_overdue_one_and_low_stock_once(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    plans = plan_fleet(40, 1)
    with writing(engine) as connection:
        assert add_stock(connection, plans, NOW) > 20
        assert add_stock(connection, plans, NOW) == 0
        lines = purchase_list(connection, OrderFilter(), NOW, ZoneInfo("UTC"))
        states = Counter(line.state for line in lines)
        assert (states["ordered"], states["overdue"]) == (1, 1)
        assert states["needed"] > 1  # paper, and what is under its minimum
        assert 0 < len(low_shelves(connection)) < len(stock_lines(connection))
        assert all(line.price for line in lines if line.part is not None)
    engine.dispose()


def test_its_parts_are_those_that_the_processor_reads_from_the_printers(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    with writing(engine) as connection:
        add_stock(connection, plan_fleet(len(load_shapes()), 1), NOW)
        catalog = read_catalog(connection)
    unknown = []
    for name in load_shapes():
        reading = reading_of(read_recording(SHAPES / f"{name}.snmprec"))
        state = judge(reading, None, Context(RuleSettings(), reading.taken_at)).state
        for each in state.supplies:
            held = supply_part(state.model or "", each.description, each.colorant, each.supply_type)
            if held.kind in STOCKED and catalog.part_of(held) is None:
                unknown.append(held)
    assert unknown == []
    engine.dispose()

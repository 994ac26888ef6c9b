"""The steps before a demo begins: the fleet's inventory, its past, what people have filed, stock, prices."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from console.demo.cartridges import replacements, write_replacements
from console.demo.counters import first_state, with_counters
from console.demo.folder import DemoFolder
from console.demo.history import past
from console.demo.issues import file_issues
from console.demo.prices import add_prices
from console.demo.stock import add_stock
from console.demo.stoppages import past_flags, write_flags
from console.demo.updates import write_update
from core.contract.errors import UserError
from core.contract.messages import HistoryPoint
from core.domain.inventory.csv_file import read_inventory, write_inventory
from core.domain.inventory.import_plan import plan_import
from core.domain.inventory.printers import Value
from core.runtime.settings import HistorySettings
from core.storage.audit import COMMAND_LINE
from core.storage.database import open_database, writing
from core.storage.inventory import apply_plan, read_printers
from processor.history.loading import load_history
from simulator.living import LivingPrinter


@dataclass(frozen=True)
class Prepared:
    """Numbers of what was written into the database."""

    printers: int
    issues: int
    shelves: int


def write_fleet(
    place: DemoFolder,
    inventory: Iterable[Mapping[str, Value]],
    living: Iterable[LivingPrinter],
    now: datetime,
) -> Prepared:
    """Bring inventory and issues into the demo's database; what is there already stays."""
    engine = open_database(place.database())
    try:
        with writing(engine) as connection:
            rows = read_inventory(write_inventory(inventory).encode()).rows
            apply_plan(connection, plan_import(rows, read_printers(connection)), now, actor=COMMAND_LINE)
            plans = [one.plan for one in living]
            issues = file_issues(connection, plans, now)
            shelves = add_stock(connection, plans, now)
            add_prices(connection, plans, now)
    finally:
        engine.dispose()
    return Prepared(len(rows), issues, shelves)


def write_history(
    place: DemoFolder, living: Iterable[LivingPrinter], now: datetime, done: Callable[[], object]
) -> int:
    """Write the past of every printer into time series, ledger, flags and audit; return how many points.

    `done` is called after each printer.
    """

    engine = open_database(place.database())

    def points() -> Iterator[HistoryPoint]:
        for one in living:
            state = first_state(one, now)
            told = list(with_counters(past(one.plan, one.life.stock, now, None), state, now))
            with writing(engine) as connection:
                write_replacements(connection, replacements(one.plan, told))
                write_flags(connection, past_flags(one.plan, told, now))
                write_update(connection, one.plan, state, now)
            yield from told
            done()

    # Whatever a settings file here says: those of the demo are the defaults.
    try:
        loaded = load_history(points(), HistorySettings.model_construct(data_dir=place.data_dir))
    finally:
        engine.dispose()
    if loaded.refused:
        raise UserError(f"the history could not be loaded: {loaded.refused} of its points are refused.")
    return loaded.points

"""The steps before a demo begins: the fleet's inventory, its past, what people have filed."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from console.demo.folder import DemoFolder
from console.demo.history import past
from console.demo.issues import file_issues
from console.up.child import child_environment
from core.contract.errors import UserError
from core.domain.inventory.csv_file import read_inventory, write_inventory
from core.domain.inventory.import_plan import plan_import
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, writing
from core.storage.inventory import apply_plan, read_printers
from simulator.living import LivingPrinter


@dataclass(frozen=True)
class Prepared:
    """What was written into the database."""

    printers: int
    issues: int


def write_fleet(
    place: DemoFolder,
    inventory: Iterable[Mapping[str, Any]],
    living: Iterable[LivingPrinter],
    now: datetime,
) -> Prepared:
    """Bring inventory and issues into the demo's database; what is there already stays."""
    engine = open_database(DatabaseSettings(data_dir=place.data_dir))
    try:
        with writing(engine) as connection:
            rows = read_inventory(write_inventory(inventory).encode()).rows
            apply_plan(connection, plan_import(rows, read_printers(connection)), now, actor="console")
            issues = file_issues(connection, [one.plan for one in living], now)
    finally:
        engine.dispose()
    return Prepared(len(rows), issues)


def history_lines(living: Iterable[LivingPrinter], now: datetime) -> Iterator[list[str]]:
    """The past of one printer after the other, as JSON lines."""
    for one in living:
        yield [point.model_dump_json() for point in past(one.plan, one.life.stock, now, None)]


def load_history(place: DemoFolder, parts: Iterable[list[str]], done: Callable[[int], object]) -> int:
    """Pipe points into the time series by `python -m processor --load-history`; how many."""
    environment = child_environment({**os.environ, "DATA_DIR": str(place.data_dir)})
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "processor", "--load-history"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=place.directory,
        env=_without_pipe(environment),
        encoding="utf-8",
    ) as loader:
        said: list[str] = []
        listener = threading.Thread(target=_listen, args=(loader, said), daemon=True)
        listener.start()
        try:
            count = _feed(loader, parts, done)
        except BrokenPipeError:
            count = 0  # it has ended; it says why
        finally:
            _end_input(loader)
        listener.join()
    if loader.returncode:
        raise UserError(f"the history could not be loaded: {(said or ['no reason given'])[-1].strip()}")
    return count


def _feed(loader: "subprocess.Popen[str]", parts: Iterable[list[str]], done: Callable[[int], object]) -> int:
    count = 0
    for lines in parts:
        if loader.stdin is not None:
            loader.stdin.write("\n".join(lines) + "\n")
        count += len(lines)
        done(len(lines))
    return count


def _end_input(loader: "subprocess.Popen[str]") -> None:
    if loader.stdin is not None:
        try:
            loader.stdin.close()
        except OSError:  # what was not written yet has no reader any more
            return


def _listen(loader: "subprocess.Popen[str]", said: list[str]) -> None:
    if loader.stdout is not None:
        said.extend(line for line in loader.stdout if line.strip())


def _without_pipe(environment: Mapping[str, str]) -> dict[str, str]:
    """Its standard input carries the points: it is no shutdown signal."""
    from core.runtime.shutdown import LIFELINE_VARIABLE

    return {name: value for name, value in environment.items() if name != LIFELINE_VARIABLE}

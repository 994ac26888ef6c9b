"""Measure what a reading costs: simulated printers, a real broker, collector and processor; prints JSON."""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import psutil

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script finds only what is beside it

from console.demo.folder import choose_port, forget_settings  # noqa: E402 (the path above comes first)
from console.up.child import child_environment  # noqa: E402
from console.up.embedded import embedded_broker  # noqa: E402
from console.up.options import UpOptions  # noqa: E402
from core.contract.errors import EXIT_OK, UserError, run_command  # noqa: E402
from core.domain.inventory.csv_file import read_inventory, write_inventory  # noqa: E402
from core.domain.inventory.import_plan import plan_import  # noqa: E402
from core.runtime.settings import DatabaseSettings, MqttSettings  # noqa: E402
from core.storage.database import open_database, writing  # noqa: E402
from core.storage.inventory import apply_plan  # noqa: E402
from scripts.bench_machine import loop_seconds, machine_now  # noqa: E402
from scripts.bench_others import AskedFleet, others  # noqa: E402
from simulator.shape import SHAPES  # noqa: E402

_GOAL_MS: Final = {"collector": 0.75, "processor": 0.40}
"""At 340 readings a second, of which 15 % have changed."""
_GOAL_MB: Final = {"collector": 250.0, "processor": 150.0}
"""With 100,000 printers."""
_MEASURED: Final = ("collector", "broker", "processor")
_BURST_SECONDS: Final = 120.0
_READ_SECONDS: Final = 60.0
"""How long a database may be busy with something else."""
_BURST_SECONDS_PER_PRINTER: Final = 0.02
_FORECAST_SECONDS_PER_PRINTER: Final = 0.2
_MOST_FORECAST: Final = 5_000
"""Printers: the first forecasts of more of them take hours, at a tenth of a core."""


@dataclass(frozen=True)
class Options:
    """Options of the measurement."""

    printers: int
    seconds: float
    settle: float
    """Seconds of everyday work before it is measured."""
    interval: float
    living: bool
    """Printers of the simulator, a port each, instead of recordings whose answers change."""
    recordings: tuple[Path, ...]
    changing: float
    """The share of the printers that answer otherwise than a round before."""
    settings: Mapping[str, str]
    others: bool
    """Measure snmp_exporter and Telegraf, too."""


@dataclass(frozen=True)
class Sample:
    """The state of a run at one moment."""

    at: float
    readings: int
    cpu: Mapping[str, float]
    """Seconds of CPU by process, its children included."""
    wire: Mapping[str, int]
    """Requests and octets that the printers have counted; empty for living ones."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the figures, and say by the exit code whether that was possible."""
    options = _options(arguments)
    forget_settings()

    def command() -> int:
        print(json.dumps(measure(options), indent=2))
        return EXIT_OK

    return run_command(command)


def measure(options: Options) -> dict[str, Any]:
    """Return one run in a folder of its own, which is removed afterwards."""
    speed = loop_seconds()
    with tempfile.TemporaryDirectory(prefix="printers-bench-") as folder, ExitStack() as stack:
        services = stack.enter_context(ExitStack())
        processes, agents, port = _start(options, Path(folder), stack, services)
        data_dir = Path(folder) / "data"
        history = data_dir / "history.sqlite3"
        _say(f"reading {options.printers} printers for the first time, all at once ...")
        began = time.monotonic()
        first, burst_seconds = _wait_for(options.printers, history, processes), time.monotonic() - began
        forecast = options.printers <= _MOST_FORECAST
        if forecast:
            _say("waiting for the first forecasts of the new fleet ...")
            _wait_for_forecasts(options.printers, data_dir)
        time.sleep(options.settle)
        _say(f"{options.seconds:.0f} s of everyday work, each printer every {options.interval:g} s ...")
        before = _sample(options, history, processes, agents)
        time.sleep(options.seconds)
        after = _sample(options, history, processes, agents)
        figures = _figures(before, after, processes)
        services.close()
        compared = _others(options, port, Path(folder), agents) if options.others else {}
    burst = {"seconds": round(burst_seconds, 2), "printers_per_second": round(first / burst_seconds)}
    return {
        "printers": options.printers,
        "interval_seconds": options.interval,
        "responder": "simulator" if options.living else "recordings",
        "changing_percent": None if options.living else round(100 * options.changing, 1),
        **machine_now(speed),
        "first_forecasts": "made before" if forecast else "made meanwhile",
        "burst": burst,
        "steady": figures,
        "others": compared,
        "goals": _goals(figures),
    }


def _start(
    options: Options, folder: Path, stack: ExitStack, services: ExitStack
) -> tuple[dict[str, psutil.Process], "subprocess.Popen[str]", int]:
    data_dir = folder / "data"
    environment = {**os.environ, **options.settings, "DATA_DIR": str(data_dir)}
    environment["SNMP_POLL_INTERVAL_SECONDS"] = str(options.interval)
    somewhere = random.randrange(20_000, 50_000)  # noqa: S311 (so that two runs at once do not meet)
    port = choose_port(options.printers if options.living else 1, None, somewhere)
    _fill(data_dir, _inventory(options, port))
    agents = stack.enter_context(_process(_responder(options, port), environment, folder, stdout=True))
    _read_ready(agents)
    broker = embedded_broker(UpOptions(data_dir, mqtt_port=0), MqttSettings(mqtt_host=None))
    if broker is None:
        raise UserError("the benchmark runs a broker of its own: leave out MQTT_HOST.")
    command = [sys.executable, "-m", broker.spec.module, *broker.spec.arguments]
    found = {"broker": psutil.Process(services.enter_context(_process(command, environment, folder)).pid)}
    for service in ("processor", "collector"):
        own = {**environment, **broker.credentials.environment(service)}
        child = services.enter_context(_process([sys.executable, "-m", service], own, folder))
        found[service] = psutil.Process(child.pid)
    return found, agents, port


def _others(
    options: Options, port: int, folder: Path, agents: "subprocess.Popen[str]"
) -> dict[str, dict[str, Any]]:
    _say("other pollers on the same printers ...")
    hosts = [row["host"] for row in islice(_inventory(options, port), 1000)]
    return others(AskedFleet(hosts, port, lambda: _wire(options, agents), folder))


def _responder(options: Options, port: int) -> list[str]:
    if options.living:
        simulator = [sys.executable, "-m", "simulator", "--speed", "1"]
        return [*simulator, "--printers", str(options.printers), "--port", str(port)]
    rounds = ["--interval", str(options.interval), "--changing", str(options.changing)]
    responder = str(ROOT / "scripts" / "bench_responder.py")
    return [sys.executable, responder, "--port", str(port), *rounds, *map(str, options.recordings)]


def _inventory(options: Options, port: int) -> Iterator[dict[str, Any]]:
    for at in range(options.printers):
        one_port = not options.living
        number = at + 1
        host = f"127.{number >> 16}.{number >> 8 & 255}.{number & 255}" if one_port else "127.0.0.1"
        yield {
            "printer_id": f"bench-{number}",
            "name": f"Bench {number}",
            "host": host,
            "port": port if one_port else port + at,
            "enabled": True,
        }


def _fill(data_dir: Path, inventory: Iterator[dict[str, Any]]) -> None:
    engine = open_database(DatabaseSettings(data_dir=data_dir))
    with writing(engine) as connection:
        plan = plan_import(read_inventory(write_inventory(inventory).encode()).rows, [])
        apply_plan(connection, plan, datetime.now(UTC), actor="console")
    engine.dispose()


@contextmanager
def _process(
    command: list[str], environment: Mapping[str, str], folder: Path, *, stdout: bool = False
) -> Iterator["subprocess.Popen[str]"]:
    """Start a process that lives while we hold its standard input, and is ended at the end in any case."""
    with (folder / "log.txt").open("a") as log:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if stdout else log,
            stderr=log,
            cwd=folder,
            env=child_environment(environment),
            text=True,
        )
    try:
        yield child
    finally:
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(0 if stdout else 10)
        except subprocess.TimeoutExpired:
            child.kill()  # the responder of elsewhere knows nothing of standard input
            child.wait()
        if child.stdout:
            child.stdout.close()


def _read_ready(agents: "subprocess.Popen[str]") -> None:
    line = agents.stdout.readline() if agents.stdout else ""
    if "ready" not in line:
        raise UserError(f"the simulated printers did not start: {line.strip() or 'no reason given'}.")


def _wait_for(count: int, history: Path, processes: Mapping[str, psutil.Process]) -> int:
    deadline = time.monotonic() + _BURST_SECONDS + _BURST_SECONDS_PER_PRINTER * count
    while (stored := _stored(history)) < count:
        dead = [name for name, process in processes.items() if process.status() == psutil.STATUS_ZOMBIE]
        if dead or time.monotonic() > deadline:
            raise UserError(f"only {stored} of {count} readings are stored; ended: {dead or 'nothing'}.")
        time.sleep(0.1)
    return stored


def _wait_for_forecasts(printers: int, data_dir: Path) -> None:
    """Wait until every printer was forecast once: a new fleet's first forecasts are not everyday work."""
    deadline = time.monotonic() + _BURST_SECONDS + _FORECAST_SECONDS_PER_PRINTER * printers
    missing = (
        "SELECT count(*) FROM snapshots s WHERE s.lowest_supply_percent IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM supply_forecasts f WHERE f.printer_id = s.printer_id)"
    )
    while (waiting := _count(data_dir / "db.sqlite3", missing)) and time.monotonic() < deadline:
        time.sleep(0.5)
    if waiting:
        raise UserError(f"{waiting} of {printers} printers are not forecast yet: measure fewer --printers.")


def _sample(
    options: Options, history: Path, processes: Mapping[str, psutil.Process], agents: "subprocess.Popen[str]"
) -> Sample:
    cpu = {name: _cpu(process) for name, process in processes.items()}
    return Sample(time.monotonic(), _stored(history), cpu, _wire(options, agents))


def _wire(options: Options, agents: "subprocess.Popen[str]") -> Mapping[str, int]:
    """Return what the responder's printers have counted; living ones count nothing."""
    if options.living or agents.stdin is None or agents.stdout is None:
        return {}
    agents.stdin.write("\n")
    agents.stdin.flush()
    return {str(name): int(count) for name, count in json.loads(agents.stdout.readline()).items()}


def _stored(history: Path) -> int:
    """Return the number of readings that have gone all the way: one row of the time series each."""
    return _count(history, "SELECT count(*) FROM points")


def _count(path: Path, statement: str) -> int:
    if not path.exists():
        return 0
    try:
        where = f"{path.as_uri()}?mode=ro"
        with closing(sqlite3.connect(where, uri=True, timeout=_READ_SECONDS)) as database:
            return int(database.execute(statement).fetchone()[0])
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):  # they are being made
            return 0
        raise UserError(f"{path.name} cannot be read: {error}.") from error


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _cpu(process: psutil.Process) -> float:
    return float(sum(sum(one.cpu_times()[:2]) for one in _family(process)))


def _figures(before: Sample, after: Sample, processes: Mapping[str, psutil.Process]) -> dict[str, Any]:
    readings, seconds = after.readings - before.readings, after.at - before.at
    if readings <= 0:
        raise UserError("no reading was stored while measuring: measure for more --seconds.")
    found: dict[str, Any] = {
        "readings": readings,
        "seconds": round(seconds, 2),
        "readings_per_second": round(readings / seconds, 1),
    }
    if after.wire:
        counted = {name: after.wire[name] - before.wire[name] for name in after.wire}
        found["requests_per_reading"] = round(counted["requests"] / readings, 2)
        found["octets_per_reading"] = round((counted["octets_in"] + counted["octets_out"]) / readings)
    for name in _MEASURED:
        used = after.cpu[name] - before.cpu[name]
        memory = sum(one.memory_info().rss for one in _family(processes[name]))
        found[name] = {
            "cpu_ms_per_reading": round(1000 * used / readings, 3),
            "cpu_percent": round(100 * used / seconds, 1),
            "rss_mb": round(memory / 1e6, 1),
        }
    return found


def _goals(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    wanted = [(name, "cpu_ms_per_reading", goal) for name, goal in _GOAL_MS.items()]
    wanted += [(name, "rss_mb", goal) for name, goal in _GOAL_MB.items()]
    rows = [(name, figure, goal, figures[name][figure]) for name, figure, goal in wanted]
    return [
        {"service": name, "figure": figure, "goal": goal, "is": value, "met": value <= goal}
        for name, figure, goal, value in rows
    ]


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""\
First every printer is read once, at full concurrency (burst), and forecast once. Then --seconds of everyday
work are measured (steady): CPU time of each process, divided by the readings that were stored meanwhile,
whatever else the process does included; requests and octets as the printers count them. From round to round
--changing of the printers answer otherwise: pages were printed, a level has fallen. The figures depend on
the rate and on the machine: both are told (loop_seconds is the CPU time of five million additions, before
and after). A printer's second reading is judged as its first was: everyday work begins with the third, so
where --interval is long, --settle for two of them.

Goals: processor 0.40 ms, collector 0.75 ms a reading at 340 readings a second; collector 250 MB, processor
150 MB with 100,000 printers.

examples:
  python scripts/bench.py --printers 10000 --interval 60 --settle 120 --seconds 60
  python scripts/bench.py --set MQTT_TOPIC_PREFIX=bench          any setting of the services
  python scripts/bench.py --others                               snmp_exporter and Telegraf, too
  python scripts/bench.py --living                               printers of the simulator, one port each""",
    )
    parser.add_argument("--printers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long to measure (default 30)")
    parser.add_argument("--interval", type=float, default=5.0, help="seconds between readings of a printer")
    parser.add_argument("--settle", type=float, default=3.0, help="seconds before measuring (default 3)")
    parser.add_argument("--changing", type=float, default=15.0, help="percent that change (default 15)")
    parser.add_argument("--living", action="store_true", help="printers of the simulator, not recordings")
    parser.add_argument("--others", action="store_true", help="measure snmp_exporter and Telegraf, too")
    parser.add_argument("--recordings", type=Path, help="a folder of .snmprec files to answer from")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting")
    given = parser.parse_args(arguments)
    folder = given.recordings or (ROOT.parent / "shared" / "recordings")
    recordings = sorted(folder.glob("*.snmprec")) or sorted(SHAPES.glob("*.snmprec"))
    settings = dict(pair.split("=", 1) for pair in given.set if "=" in pair)
    # Only Linux answers from the address that was asked, of all those on one socket.
    living = given.living or sys.platform != "linux"
    return Options(
        given.printers,
        given.seconds,
        given.settle,
        given.interval,
        living,
        tuple(recordings),
        given.changing / 100,
        settings,
        given.others and not living,
    )


if __name__ == "__main__":
    sys.exit(main())

"""Measure how the dashboard feels: CPU and bytes of views, refreshes, many pages, a browser; as JSON."""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import psutil
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.typing import Subprotocol

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script finds only what is beside it

from core.contract.errors import EXIT_OK, UserError, run_command  # noqa: E402
from core.runtime.settings import DatabaseSettings  # noqa: E402
from core.runtime.shutdown import LIFELINE_VARIABLE  # noqa: E402
from core.storage.database import open_database, reading  # noqa: E402
from dashboard.features.fleet.kept_fleet import KeptFleet  # noqa: E402
from dashboard.features.fleet.listed import read_details  # noqa: E402
from dashboard.features.fleet.queries import Fleet  # noqa: E402
from dashboard.features.wall.view import to_be_told, wall_html  # noqa: E402
from dashboard.web.sign_in.sessions import COOKIE  # noqa: E402 (the path above)
from scripts.bench_browser import measure_browser  # noqa: E402
from scripts.bench_fleet import PLACE, change, fill, fill_history, sign_in  # noqa: E402
from scripts.bench_machine import loop_seconds, machine_now  # noqa: E402

_GOALS: Final = {
    "view_cpu_ms": 15,
    "filter_cpu_ms": 10,
    "rest_cpu_ms": 5,
    "rest_kb_per_second": 3,
    "wall_cpu_ms": 20,
    "wall_unchanged_cpu_ms": 5,
    "first_paint_ms": 1000,
    "cold_view_ms": 1300,
    "layout_shift": 0.1,
    "click_to_words_ms": 250,
    "click_to_first_chart_ms": 1000,
    "click_to_chart_ms": 500,
    "refresh_p95_ms": 100,
    "rss_mb": 350,
}
_PRINTERS_A_MS: Final = 1000
"""The goal of reading what has changed in 5 s, all printers counted."""
_FLEET_READS: Final = 5
_WALL_READS: Final = 100
_TOGETHER: Final = 20
_ROUND_SECONDS: Final = 5.0
_START_SECONDS: Final = 120.0


@dataclass
class Tab:
    """An open page, without a browser: it speaks Streamlit's messages and draws nothing."""

    socket: websockets.ClientConnection
    fragments: list[str]
    received: int = 0
    """Bytes, so far."""
    kept: set[str] = field(default_factory=set)
    """What it need not be sent again, by its hash, as a browser keeps it."""

    async def run(self, query: str = "", fragment: str = "") -> float:
        """Have the page drawn, or one of its fragments; how many seconds until it was."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = "fleet"
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        message.rerun_script.cached_message_hashes.extend(self.kept)
        began = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            said, frame = ForwardMsg(), await self.socket.recv(decode=False)
            self.received += len(frame)
            said.ParseFromString(frame)
            if said.metadata.cacheable:
                self.kept.add(said.hash)
            if said.HasField("auto_rerun"):
                self.fragments.append(said.auto_rerun.fragment_id)
            if said.HasField("script_finished"):
                return time.perf_counter() - began


@dataclass(frozen=True)
class Target:
    """A running dashboard, and the token of a session there."""

    url: str
    token: str
    process: psutil.Process

    @property
    def cpu(self) -> float:
        """Seconds of CPU that it has used."""
        spent = self.process.cpu_times()
        return float(spent.user + spent.system)


@contextmanager
def changing(folder: Path, share: float) -> Iterator[None]:
    """Read a share of the fleet anew every few seconds, as a processor does, until the end."""
    engine = open_database(DatabaseSettings(data_dir=folder / "data"))
    done = threading.Event()

    def work() -> None:
        turn = 0
        while share and not done.wait(_ROUND_SECONDS):
            turn += 1
            change(engine, share, turn, over=_ROUND_SECONDS)

    thread = threading.Thread(target=work, name="changes", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        engine.dispose()


@contextmanager
def served(folder: Path, printers: int) -> Iterator[Target]:
    """Serve a dashboard on so many printers."""
    engine = open_database(DatabaseSettings(data_dir=folder / "data"))
    fill(engine, printers)
    token = sign_in(engine)
    fill_history(folder / "data")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "PAGES_PER_ADDRESS": "10000",  # all of them are ours
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(folder / "data"),
        "DASHBOARD_LISTEN": f"127.0.0.1:{port}",
        LIFELINE_VARIABLE: "stdin",
    }
    command = [sys.executable, "-P", "-m", "dashboard"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, process)
            yield Target(url, token, psutil.Process(process.pid))
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()  # noqa: S310 (ours)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise UserError("the dashboard does not answer.")


def measure_fleet(folder: Path, share: float) -> dict[str, float]:
    """Return the CPU time of the fleet read that all pages share: all of it, and what changes in 5 s."""
    engine = open_database(DatabaseSettings(data_dir=folder / "data"))

    def read(kept: KeptFleet) -> float:
        before = time.process_time()
        with reading(engine) as connection:
            kept.read(connection, datetime.now(UTC))
        return 1000 * (time.process_time() - before)

    whole, changes = [], []
    for turn in range(_FLEET_READS):
        kept = KeptFleet()  # a new one each time: it would read everything once a minute
        whole.append(read(kept))
        time.sleep(_ROUND_SECONDS)
        if share:
            change(engine, share, turn, over=_ROUND_SECONDS)
        changes.append(read(kept))
    engine.dispose()
    return {
        "fleet_whole_cpu_ms": round(statistics.median(whole), 1),
        "fleet_changes_cpu_ms": round(statistics.median(changes), 1),
    }


async def _open(target: Target) -> Tab:
    opened = await websockets.connect(
        f"ws{target.url[4:]}/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")],
        additional_headers={"Cookie": f"{COOKIE}={target.token}", "Origin": target.url},
        max_size=None,
        open_timeout=60,
    )
    tab = Tab(opened, [])
    await tab.run()
    return tab


async def measure_page(target: Target, times: int) -> dict[str, float]:
    """Return the server's CPU time for a view, a filter and a refresh of one open page, once warm."""
    tab = await _open(target)
    for number in range(5):
        await tab.run(f"find=warm{number}")
    figures = {
        "view_cpu_ms": await _cpu_ms(target, [tab.run("") for _ in range(times)]),
        "filter_cpu_ms": await _cpu_ms(target, [tab.run(f"find=room+{n}") for n in range(times)]),
    }
    if tab.fragments:
        ticks = [tab.run(fragment=tab.fragments[-1]) for _ in range(times)]
        figures["refresh_cpu_ms"] = await _cpu_ms(target, ticks)
    await tab.socket.close()
    return figures


async def measure_rest(target: Target, times: int) -> dict[str, float]:
    """Measure an open page on which nothing happens: bytes a second, and CPU of the server for a refresh."""
    tab = await _open(target)
    for _ in range(5):
        await tab.run(fragment=tab.fragments[-1])
    before = tab.received
    cpu_ms = await _cpu_ms(target, [tab.run(fragment=tab.fragments[-1]) for _ in range(times)])
    await tab.socket.close()
    bytes_each = (tab.received - before) / times
    return {"rest_cpu_ms": cpu_ms, "rest_kb_per_second": round(bytes_each / 1000 / _ROUND_SECONDS, 2)}


def measure_wall(target: Target, folder: Path) -> dict[str, float]:
    """CPU for a refresh of a place's wall, the fleet's read left out: nothing new, and drawn anew for all."""
    engine = open_database(DatabaseSettings(data_dir=folder / "data"))
    drawn = []
    with reading(engine) as connection:
        fleet = KeptFleet().read(connection, datetime.now(UTC))
        for _ in range(_WALL_READS):
            other = Fleet(fleet.rows, in_order=True)  # nothing is kept of it yet
            before = time.process_time()
            details = read_details(connection, to_be_told(other, PLACE), datetime.now(UTC))
            wall_html(other, PLACE, details, "")
            drawn.append(1000 * (time.process_time() - before))
    engine.dispose()
    headers = {"Cookie": f"{COOKIE}={target.token}"}
    request = urllib.request.Request(  # noqa: S310 (ours)
        f"{target.url}/wall/tiles?{urlencode({'location': PLACE})}", headers=headers
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 (ours)
        request.add_header("If-None-Match", answer.headers["etag"])
    before = target.cpu
    for _ in range(_WALL_READS):
        with suppress(urllib.error.HTTPError), urllib.request.urlopen(request) as answer:  # noqa: S310 (ours)
            answer.read()
    unchanged = 1000 * (target.cpu - before) / _WALL_READS
    return {
        "wall_cpu_ms": round(statistics.median(drawn) + unchanged, 1),
        "wall_unchanged_cpu_ms": round(unchanged, 1),
    }


async def _cpu_ms(target: Target, runs: Sequence[Any]) -> float:
    before = target.cpu
    for run in runs:
        await run
    return round(1000 * (target.cpu - before) / len(runs), 1)


async def measure_crowd(target: Target, *, tabs: int, seconds: float, every: float) -> dict[str, float]:
    """Return the cost of so many open pages that refresh themselves every few seconds."""
    opened: list[Tab] = []
    for first in range(0, tabs, _TOGETHER):
        some = range(first, min(first + _TOGETHER, tabs))
        opened += await asyncio.gather(*(_open(target) for _ in some))
    waits: list[float] = []
    end = time.monotonic() + seconds
    before, began = target.cpu, time.monotonic()

    async def live(tab: Tab, number: int) -> None:
        await asyncio.sleep(every * number / tabs)
        while time.monotonic() < end and tab.fragments:
            waits.append(await tab.run(fragment=tab.fragments[-1]))
            await asyncio.sleep(max(0.0, every - waits[-1]))

    await asyncio.gather(*(live(tab, number) for number, tab in enumerate(opened)))
    spent, lasted = target.cpu - before, time.monotonic() - began
    for tab in opened:
        await tab.socket.close()
    cuts = statistics.quantiles(waits, n=20)
    return {
        "tabs": tabs,
        "refreshes": len(waits),
        "cpu_percent_of_a_core": round(100 * spent / lasted, 1),
        "refresh_p50_ms": round(1000 * cuts[9], 1),
        "refresh_p95_ms": round(1000 * cuts[18], 1),
    }


def run(options: argparse.Namespace) -> int:
    """Measure, and print the figures beside their goals."""
    figures: dict[str, Any] = {"printers": options.printers}
    speed = loop_seconds()
    with (
        tempfile.TemporaryDirectory(prefix="printers-bench-") as folder,
        served(Path(folder), options.printers) as target,
    ):
        figures |= asyncio.run(measure_rest(target, options.times))
        figures |= measure_fleet(Path(folder), options.changing / 100)
        figures |= measure_wall(target, Path(folder))
        figures |= measured_while_it_changes(target, Path(folder), options)
    goals = {**_GOALS, "fleet_changes_cpu_ms": options.printers / _PRINTERS_A_MS}
    print(json.dumps({**machine_now(speed), "figures": figures, "goals": goals}, indent=2))
    return EXIT_OK


def measured_while_it_changes(target: Target, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Measure everything else, on a fleet of which a share is read anew every few seconds."""
    figures: dict[str, Any] = {}
    with changing(folder, options.changing / 100):
        figures |= asyncio.run(measure_page(target, options.times))
        if options.browser:
            figures |= measure_browser(target.url, target.token, options.typing)
        if options.tabs:
            given = {"tabs": options.tabs, "seconds": options.seconds, "every": options.every}
            figures |= asyncio.run(measure_crowd(target, **given))
    return figures | {"rss_mb": round(target.process.memory_info().rss / 1e6, 1)}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: python scripts/bench_dashboard.py --printers 10000 --tabs 300",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--printers", type=int, default=10_000, help="how many the fleet has")
    parser.add_argument("--times", type=int, default=100, help="how often a view, a filter, a refresh")
    parser.add_argument("--tabs", type=int, default=300, help="how many pages are open at once")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two refreshes of a page")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long they are open")
    parser.add_argument(
        "--changing", type=float, default=15.0, help="percent of the fleet that change in 5 s"
    )
    parser.add_argument("--typing", type=float, default=3.0, help="seconds that somebody types at the login")
    parser.add_argument("--no-browser", dest="browser", action="store_false", help="without a browser")
    return run_command(lambda: run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())

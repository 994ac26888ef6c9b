"""Measure other pollers on the printers of scripts/bench.py: snmp_exporter and Telegraf, if installed.

They ask for the columns that our collector asks for. snmp_exporter walks whole tables (single columns cost it
more than twice as much) and is read over HTTP, as by Prometheus; Telegraf writes its lines to nowhere.
"""

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from core.contract.mib_names import OID
from core.contract.printer_mib import POLL_TABLES, SCALAR_TABLES

Count = Callable[[], Mapping[str, int]]
"""Asks the printers for the requests and octets they have counted."""

EXPORTER: Final = "prometheus-snmp-exporter"
TELEGRAF: Final = "telegraf"
_POLLS: Final = 1500
_WARM_UP: Final = 150
_AT_ONCE: Final = 4
_START_SECONDS: Final = 15.0
_TELEGRAF_SECONDS: Final = 20
_NUMBERS: Final = ("Status", "Level", "Count", "Capacity", "Class", "Index", "Unit", "Type", "Code", "Group",
                   "Time", "Localization", "Location", "CharacterSet")  # fmt: skip
_BY_DEVICE_ALONE: Final = ("hr", "prtGeneral", "prtConsoleLocalization")
_TEXTS: Final = frozenset({"hrDeviceType", "sysLocation"})


@dataclass(frozen=True)
class AskedFleet:
    """The printers that are asked."""

    hosts: Sequence[str]
    port: int
    count: Count
    folder: Path
    """For what the pollers need; removed afterwards."""


def others(fleet: AskedFleet) -> dict[str, Any]:
    """Return what a poll costs each of the other pollers; the reason where one is not measured."""
    found: dict[str, Any] = {}
    for name, measured in ((EXPORTER, _exporter), (TELEGRAF, _telegraf)):
        program = shutil.which(name)
        if program is None:
            found[name] = {"not_measured": "it is not installed"}
            continue
        try:
            found[name] = measured(program, fleet)
        except (OSError, subprocess.SubprocessError, psutil.Error) as error:
            found[name] = {"not_measured": f"it does not run here: {error}"}
    return found


def _exporter(program: str, fleet: AskedFleet) -> dict[str, Any]:
    config = fleet.folder / "snmp.yml"
    config.write_text(exporter_config(), encoding="utf-8")
    own = f"127.0.0.1:{_free_port()}"
    with _running(
        [program, f"--config.file={config}", f"--web.listen-address={own}"], fleet.folder
    ) as process:
        _wait_for(f"http://{own}/")
        urls = [f"http://{own}/snmp?target={host}:{fleet.port}&module=printer" for host in fleet.hosts]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(_read, _round(urls, _WARM_UP)))
            cpu, counted = _cpu(process), fleet.count()
            list(pool.map(_read, _round(urls, _POLLS)))
            return _figures(_POLLS, _cpu(process) - cpu, counted, fleet.count())


def _telegraf(program: str, fleet: AskedFleet) -> dict[str, Any]:
    config = fleet.folder / "telegraf.conf"
    some = list(fleet.hosts[:200])
    config.write_text(telegraf_config(some, fleet.port), encoding="utf-8")
    with _running([program, "--config", str(config), "--quiet"], fleet.folder) as process:
        time.sleep(5)
        cpu, counted = _cpu(process), fleet.count()
        time.sleep(_TELEGRAF_SECONDS)
        return _figures(len(some) * _TELEGRAF_SECONDS, _cpu(process) - cpu, counted, fleet.count())


def _figures(polls: int, cpu: float, before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, Any]:
    counted = {name: after[name] - before[name] for name in after}
    return {
        "polls": polls,
        "cpu_ms_per_poll": round(1000 * cpu / polls, 3),
        "requests_per_poll": round(counted["requests"] / polls, 2),
        "octets_per_poll": round((counted["octets_in"] + counted["octets_out"]) / polls),
    }


def exporter_config() -> str:
    """Return an snmp.yml (as of snmp_exporter 0.21) that walks the tables of a poll."""
    scalars = [name for table in sorted(SCALAR_TABLES) for name in POLL_TABLES[table]]
    columns = [name for table, names in POLL_TABLES.items() if table not in SCALAR_TABLES for name in names]
    lines = ["printer:", "  version: 2", "  max_repetitions: 25", "  auth:", "    community: public"]
    lines += ["  walk:", *(f"  - {oid}" for oid in sorted({_entry(name) for name in columns}))]
    lines += ["  get:", *(f"  - {OID[name]}.0" for name in scalars), "  metrics:"]
    for name in (*scalars, *columns):
        lines += [f"  - name: {name}", f"    oid: {OID[name]}", f"    type: {_type_of(name)}"]
        lines += [f"    help: {name}"]
        if name in columns:
            lines.append("    indexes:")
            for label in ("device", "row")[
                : 1 if name.startswith(("hr", "prtGeneral", "prtConsoleLoc")) else 2
            ]:
                lines += [f"    - labelname: {label}", "      type: gauge"]
    return "\n".join(lines) + "\n"


def telegraf_config(hosts: Sequence[str], port: int) -> str:
    """Return a telegraf.conf that asks these printers every second."""
    agents = ", ".join(f'"udp://{host}:{port}"' for host in hosts)
    lines = ["[agent]", '  interval = "1s"', "  omit_hostname = true"]
    lines += ["[[outputs.file]]", '  files = ["/dev/null"]']
    lines += ["[[inputs.snmp]]", f"  agents = [{agents}]", "  version = 2", '  community = "public"']
    for table, names in POLL_TABLES.items():
        if table in SCALAR_TABLES:
            lines += [
                f'  [[inputs.snmp.field]]\n    name = "{name}"\n    oid = ".{OID[name]}.0"' for name in names
            ]
    for table, names in POLL_TABLES.items():
        if table not in SCALAR_TABLES:
            lines += [f'  [[inputs.snmp.table]]\n    name = "{table}"']
            lines += [
                f'    [[inputs.snmp.table.field]]\n      name = "{name}"\n      oid = ".{OID[name]}"'
                for name in names
            ]
    return "\n".join(lines) + "\n"


def _entry(name: str) -> str:
    """Return the entry of a column's table: all its columns."""
    return OID[name].rpartition(".")[0]


def _type_of(name: str) -> str:
    if name == "hrPrinterDetectedErrorState":
        return "OctetString"
    return "gauge" if name.endswith(_NUMBERS) and name not in _TEXTS else "DisplayString"


def _round(urls: Sequence[str], number: int) -> Iterator[str]:
    return (urls[at % len(urls)] for at in range(number))


def _read(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answered:  # noqa: S310 (http, on loopback)
        return len(answered.read())


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            _read(url)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _cpu(process: psutil.Process) -> float:
    return float(sum(process.cpu_times()[:2]))


@contextmanager
def _running(command: Sequence[str], folder: Path) -> Iterator[psutil.Process]:
    with (folder / "others.txt").open("a") as log:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    try:
        yield psutil.Process(child.pid)
    finally:
        child.kill()
        child.wait()

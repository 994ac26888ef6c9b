"""`printers demo` as a newcomer runs it: a living fleet soon, nothing outside its folder or left over."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from console.demo.command import SPEED
from console.demo.folder import DemoFolder, DemoNote, default_directory, forget_settings
from console.demo.prepare import write_fleet, write_history
from core.contract.errors import UserError
from simulator.conditions import conditions
from simulator.fleet_run import FleetOptions, make_fleet
from tests.console.cli import call_printers
from tests.console.embedded import all_gone, end, eventually, family, start
from tests.console.simulated import free_ports
from tests.patience import PATIENCE_SECONDS

PRINTERS = 24
DEMO = [sys.executable, "-m", "console", "demo", "--plain", "--printers", str(PRINTERS)]
ELSEWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "MQTT_HOST": "192.0.2.1",
    "SNMP_COMMUNITY": "secret",
    "MQTT_PASSWORD_FILE": "missing",
    "INFLUXDB_URL": "http://192.0.2.1",
    "Snmp_Poll_Interval_Seconds": "86400",
}


@contextmanager
def demo(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A demo in folder/demo, ended by its pipe at the latest."""
    command = [*DEMO, "--dir", str(folder / "demo"), "--port", str(free_ports(PRINTERS))]
    process = start(command, folder / "log", ELSEWHERE, folder)
    try:
        yield process
    finally:
        if process.poll() is None:
            end(process)


def said(folder: Path) -> str:
    return (folder / "log").read_text(encoding="utf-8")


def states(folder: Path) -> list[dict[str, Any]]:
    """What `status --json` says of the demo."""
    done = call_printers("status", "--json", env={"DATA_DIR": str(folder / "demo" / "data")})
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    return found


def faults(folder: Path) -> list[str]:
    """What `check` finds to be broken in the demo, by the settings in its folder."""
    checked = call_printers("--env-file", str(folder / "demo" / ".env"), "check", "--json")
    findings = json.loads(checked.stdout)["findings"]
    return [found["text"] for found in findings if found["level"] == "error"]


class Seen:
    """What has been seen of a fleet so far: its faults come and go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.states: set[str] = set()
        self.codes: set[str] = set()

    def is_interesting(self) -> bool:
        found = states(self._folder)
        self.states |= {state["state"] for state in found}
        self.codes |= {flag["code"] for state in found for flag in state["attention"]}
        return (
            len([state for state in found if state["taken_at"]]) == PRINTERS
            and self.states >= {"idle", "asleep", "stopped"}
            and self.codes >= {"jam", "supply_low", "no_paper", "unreachable"}
        )


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A demo and its folder, in which there is a settings file of something else.

    Tests leave it as it is, but for the last one, which ends it.
    """
    folder = tmp_path_factory.mktemp("living")
    (folder / ".env").write_text("DATA_DIR=here\nMQTT_HOST=192.0.2.7\n", encoding="utf-8")
    with demo(folder) as process:
        assert eventually(lambda: "simulator: ready" in said(folder)), said(folder)
        yield process, folder


def test_a_newcomer_sees_a_living_fleet(living: tuple[subprocess.Popen[bytes], Path]) -> None:
    _, folder = living
    seen = Seen(folder)
    assert eventually(seen.is_interesting, every=0.5), f"{seen.states} {seen.codes} {said(folder)}"
    assert eventually(lambda: [*(folder / "demo" / "outbox").glob("*.eml")]), said(folder)
    assert history_points(folder) > PRINTERS * 500


def test_it_says_where_to_look_next(living: tuple[subprocess.Popen[bytes], Path]) -> None:
    _, folder = living
    text, data = said(folder), folder / "demo" / "data"
    assert eventually(lambda: faults(folder) == [], every=0.5), faults(folder)
    assert f"printers --env-file {folder / 'demo' / '.env'} status --watch" in text
    assert "mosquitto_sub -p" in text
    assert json.loads((data / "broker" / "credentials.json").read_text())["passwords"]["reader"] in text


def test_a_second_demo_in_the_same_folder_is_refused(
    living: tuple[subprocess.Popen[bytes], Path],
) -> None:
    _, folder = living
    refused = call_printers("demo", "--plain", "--dir", str(folder / "demo"), env=ELSEWHERE)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: printers demo (process ")
    assert "name another folder with --dir." in refused.stderr


def test_nothing_is_left_of_it_and_started_again_the_same_fleet_goes_on(
    living: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, folder = living
    counters = {state["printer_id"]: state["marker_life_count"] for state in states(folder)}
    processes = family(process)
    assert len(processes) >= 5
    if sys.platform != "win32":
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0, said(folder)
    else:
        end(process)
    assert eventually(lambda: all_gone(processes))
    assert "Traceback" not in said(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".env", "demo", "log"]
    with demo(folder):
        assert eventually(lambda: "connected to the broker" in said(folder).rpartition("stopped")[2])
        assert eventually(lambda: all_counted_on(folder, counters), every=0.5)
    assert said(folder).count("days of history") == 1


def history_points(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "demo" / "data" / "history.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM points").fetchone()[0])


def all_counted_on(folder: Path, before: dict[str, int | None]) -> bool:
    found = {state["printer_id"]: state["marker_life_count"] for state in states(folder)}
    assert found.keys() == before.keys()
    fallen = {
        name: (count, found[name]) for name, count in before.items() if (found[name] or 0) < (count or 0)
    }
    assert fallen == {}
    return any((found[name] or 0) > (count or 0) for name, count in before.items())


def test_a_folder_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("mine")
    refused = call_printers("demo", "--dir", str(tmp_path / "demo"))
    assert refused.returncode == 2
    assert "--dir" in refused.stderr
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["thesis.txt"]


def test_ports_that_do_not_exist_are_one_sentence(tmp_path: Path) -> None:
    refused = call_printers("demo", "--port", "65530", "--dir", str(tmp_path / "demo"))
    assert refused.returncode == 2
    assert refused.stderr == (
        "error: --port 65530 leaves no room for 40 printers, UDP ports end at 65535: name 65496 at most, or "
        "leave it out.\n"
    )


def test_something_happens_every_few_seconds() -> None:
    fleet = make_fleet(FleetOptions(40, 16_100, speed=SPEED)).living
    seen: list[set[str]] = []
    for second in range(60):
        for printer in fleet:
            printer.live(float(second))
        happening = {
            f"{printer.plan.printer_id} {one.kind}" for printer in fleet for one in conditions(printer.life)
        }
        seen.append(happening | {f"{one.plan.printer_id} gone" for one in fleet if one.life.gone})
    changes = [second for second in range(1, 60) if seen[second] != seen[second - 1]]
    assert len(seen[0]) >= 10
    assert changes[0] <= 10
    assert max(later - before for before, later in pairwise(changes)) < 15


def test_settings_of_elsewhere_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**ELSEWHERE, "PATH_OF_MINE": "kept"}.items():
        monkeypatch.setenv(name, value)
    forget_settings()
    assert not any(name in os.environ for name in ELSEWHERE)
    assert os.environ["PATH_OF_MINE"] == "kept"


def test_the_usual_folder_is_in_the_systems_temporary_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert default_directory() == tmp_path / "printers-demo"
    (tmp_path / "printers-demo").symlink_to(tmp_path / "somewhere")
    second = default_directory()
    assert second.name.startswith("printers-demo-")
    second.symlink_to(tmp_path / "somewhere")
    with pytest.raises(UserError, match="belong to somebody else: name one with --dir"):
        default_directory()


@pytest.mark.skipif(sys.platform == "win32", reason="files have no owner of that kind here")
def test_a_folder_of_somebody_else_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    usual = default_directory()
    usual.mkdir()
    (usual / "demo.json").write_text('{"printers": 3, "seed": 1, "port": 0, "password": "planted"}')
    ours = psutil.Process().uids().effective
    monkeypatch.setattr("os.geteuid", lambda: ours + 1)  # as whom the folder is another user's
    assert default_directory().name.startswith("printers-demo-")
    with pytest.raises(UserError, match="belongs to somebody else"):
        DemoFolder(usual).read()
    with pytest.raises(UserError, match="belongs to somebody else"):
        DemoFolder(usual).write(DemoNote(3, 1, 0))


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files")
def test_a_demos_folder_is_closed_to_others_also_where_it_was_open(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    folder.chmod(0o777)
    DemoFolder(folder).write(DemoNote(3, 1, 0))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_database_or_time_series_of_a_settings_file_here_is_used(tmp_path: Path) -> None:
    Path(".env").write_text(
        "DATABASE_URL=postgresql://nobody@127.0.0.1:1/none\nINFLUXDB_URL=http://127.0.0.1:1\n"
    )
    now, place = datetime.now(UTC), DemoFolder(tmp_path / "demo")
    fleet = make_fleet(FleetOptions(2, 16_100, seed=1))
    told: list[None] = []
    assert write_fleet(place, fleet.inventory, fleet.living, now).printers == 2
    assert write_history(place, fleet.living, now, lambda: told.append(None)) > 500
    assert len(told) == 2
    assert (place.data_dir / "history.sqlite3").exists()

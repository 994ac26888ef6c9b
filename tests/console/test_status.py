"""`status`: the fleet as stored, worst first, for people and for programs."""

import io
import json
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text
from sqlalchemy import Engine, text

from console.fleet import FleetStatus, kind_of, read_fleet
from console.fleet_view import render
from core.contract.messages import PrinterState
from core.domain.units import moment
from core.runtime.settings import DatabaseSettings, load
from core.storage.database import open_database, reading, writing
from core.storage.out_of_service import take_out_of_service
from core.storage.tables import MutedCondition
from tests.builders import printer, put, snapshot
from tests.console.cli import printers
from tests.console.small_fleet import fill
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

FIELDS = {
    "printer_id",
    "name",
    "location",
    "taken_at",
    "reachable",
    "state",
    "severity",
    "attention",
    "device_status",
    "printer_status",
    "detected_errors",
    "alerts",
    "supplies",
    "input_trays",
    "marker_life_count",
    "model",
    "serial_number",
    "console_text",
    "stale",
}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def engine() -> Engine:
    """The database of the current folder."""
    return open_database(load(DatabaseSettings))


def test_programs_get_a_list_of_states_worst_first(engine: Engine) -> None:
    fill(engine)
    said = printers("status", "--json")
    states = json.loads(said.output)
    assert [state["printer_id"] for state in states] == ["jammed", "old", "low", "new", "fine"]
    assert all(set(state) >= FIELDS for state in states)
    flag = states[0]["attention"][0]
    assert (flag["code"], flag["severity"], flag["message"]) == ("jam", "critical", "Paper jam in tray 2")
    assert datetime.fromisoformat(flag["since_at"]).tzinfo is not None
    assert [state["stale"] for state in states] == [False, True, False, False, False]


def test_people_get_words_beside_every_color(engine: Engine) -> None:
    fill(engine)
    lines = printers("status").output.splitlines()
    kinds = "✖ 1 critical · ○ 1 no data · ▲ 1 warning · ○ 1 not reached yet · ✔ 1 OK · "
    assert lines[0].startswith(f"5 printers · {kinds}")
    assert "1 disabled" in lines[0]
    assert "as of" in lines[0]
    jammed, old, low, new, fine = (
        next(line for line in lines if f" {name} " in line)
        for name in ("Jammed", "Old", "Low", "New", "Fine [1]")
    )
    assert "✖ critical" in jammed
    assert "4 min  Paper jam in tray 2" in jammed
    assert "stopped" in jammed
    assert "○ no data" in old
    assert "was ready" in old
    assert "2 h ago" in old
    assert "Room 12" in low
    assert "9 % Black toner" in low, "the waste box at 2 % is no lowest supply"
    assert "not asked yet" in new
    assert "✔ OK" in fine
    assert "asleep" in fine


def test_what_needs_somebody_can_be_shown_alone(engine: Engine) -> None:
    fill(engine)
    assert [s["printer_id"] for s in json.loads(printers("status", "--json", "--attention").output)] == [
        "jammed",
        "old",
        "low",
    ]


def test_one_site_can_be_shown_alone(engine: Engine) -> None:
    fill(engine)
    assert [s["printer_id"] for s in json.loads(printers("status", "--json", "--site", "annex").output)] == [
        "low"
    ]
    assert "1 printer at annex" in printers("status", "--site", "annex").output
    assert "no enabled printer at the site nowhere" in printers("status", "--site", "nowhere").output


def test_an_empty_database_says_what_to_do_next() -> None:
    open_database(DatabaseSettings()).dispose()
    said = printers("status")
    assert said.exit_code == 0
    for command in ("printers import", "printers add", "printers demo"):
        assert command in " ".join(said.output.split())
    assert printers("status", "--json").output == "[]\n"


def test_silent_services_are_told_and_what_is_stored_is_still_shown(engine: Engine) -> None:
    fill(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE services SET seen_at = '2020-01-01' WHERE service = 'collector'"))
    said = printers("status")
    assert "The collector has been silent for" in said.output
    assert "Paper jam" in said.output
    with writing(engine) as connection:
        connection.execute(text("UPDATE services SET status = 'offline' WHERE service = 'processor'"))
    assert "The processor has been silent for" in printers("status").output
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM services"))
    assert "The processor has never reported" in printers("status").output


@pytest.mark.parametrize("arguments", [("--watch",), ("--watch", "--json")])
def test_watching_needs_a_terminal(arguments: tuple[str, ...]) -> None:
    said = printers("status", *arguments)
    assert said.exit_code == 2
    assert said.output.startswith("error: --")


def test_on_a_terminal_it_watches_until_ctrl_c(engine: Engine) -> None:
    if not hasattr(os, "openpty"):
        pytest.skip("there are no pseudo-terminals here")
    fill(engine)
    ours, theirs = os.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120", "LINES": "30"}
    command = [sys.executable, "-m", "console", "status", "--watch"]
    process = subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        # Whoever starts the tests in the background has Ctrl-C ignored: a terminal does not.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no threads yet)
    )
    os.close(theirs)
    try:
        picture, deadline = b"", time.monotonic() + PATIENCE_SECONDS
        while b"Paper jam" not in picture and time.monotonic() < deadline:
            if select.select([ours], [], [], 1)[0]:
                picture += os.read(ours, 65536)
        process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + PATIENCE_SECONDS
        with suppress(OSError):  # raised once the other side has closed it
            while time.monotonic() < deadline:
                if select.select([ours], [], [], 1)[0] and not os.read(ours, 65536):
                    break
        assert process.wait(PATIENCE_SECONDS) == 0
        assert b"Paper jam" in picture
    finally:
        process.kill()
        process.wait()


def view(engine: Engine, now: datetime) -> FleetStatus:
    with reading(engine) as connection:
        return read_fleet(connection, now)


def drawn(fleet: FleetStatus, width: int, height: int, lines: int | None = None) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, _environ={})
    console.print(render(fleet, console, lines))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [50, 80, 100, 160])
@pytest.mark.parametrize("height", [8, 12, 40])
def test_the_picture_that_is_watched_fits_into_the_terminal(engine: Engine, width: int, height: int) -> None:
    fill(engine, NOW)
    picture = drawn(view(engine, NOW), width, height, lines=height)
    assert picture.count("\n") <= max(height, 10 if width < 80 else 0)
    assert "critical" in picture
    if height == 8:
        assert "more printer" in picture


def test_a_narrow_terminal_loses_columns_not_the_message(engine: Engine) -> None:
    fill(engine, NOW)
    assert "Paper jam" in drawn(view(engine, NOW), 70, 40)
    columns = {width: drawn(view(engine, NOW), width, 40).split("what is wrong")[0] for width in (100, 160)}
    assert ["place" in columns[width] for width in (100, 160)] == [False, True]


def test_a_muted_supply_is_not_the_lowest_one(engine: Engine) -> None:
    fill(engine, NOW)
    assert "  9 % Black toner" in drawn(view(engine, NOW), 160, 40)
    part: dict[str, Any] = {"code": "", "parts": "supplies", "subject": "1.1", "parameters": {}}
    by: dict[str, Any] = {"since_at": NOW, "note": "there is none", "set_by": "tom"}
    put(engine, MutedCondition(printer_id="low", **part, **by))
    assert "9 % Black toner" not in drawn(view(engine, NOW), 160, 40)


@pytest.mark.parametrize("lines", [None, 40], ids=["printed", "watched"])
def test_health_is_whole_on_a_terminal_of_80_columns(engine: Engine, lines: int | None) -> None:
    fill(engine, NOW)
    with writing(engine) as connection:
        take_out_of_service(connection, "low", until=None, why="repair", actor="tom", now=NOW)
    said = Text.from_ansi(drawn(view(engine, NOW), 80, 40, lines)).plain
    table = said.partition("what is wrong")[2].splitlines()[1:]
    first_column = " ".join(line.split("  ")[0].strip() for line in table)
    for health in ("critical", "not reached yet", "out of service"):
        assert health in first_column
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
@pytest.mark.processes
def test_a_full_disk_is_one_sentence(engine: Engine) -> None:
    fill(engine, NOW)
    with open("/dev/full", "w") as full:  # noqa: PTH123 (a device)
        said = subprocess.run(
            [sys.executable, "-m", "console", "status"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (said.returncode, said.stderr) == (2, "error: No space left on device.\n")


def test_stale_is_never_ok(engine: Engine) -> None:
    fill(engine, NOW)
    later = view(engine, NOW + timedelta(days=1))
    assert {kind_of(state) for state in later.printers} == {"critical", "stale"}


@pytest.mark.parametrize("lines", [None, 40])
def test_what_is_not_known_of_a_printer_stands_in_its_row(engine: Engine, lines: int | None) -> None:
    fill(engine, NOW)
    found = view(engine, NOW)
    gaps = {name: (f"The view of {name} shows no supplies.",) for name in ("fine", "jammed")}
    shown = [
        replace(state, latest=state.latest.model_copy(update={"gaps": gaps.get(state.printer_id, ())}))
        for state in found.printers
    ]
    found = replace(found, printers=shown)
    said = drawn(found, 160, 40, lines)
    assert "The view of fine shows no supplies." in said
    assert ("The view of jammed" in said) == (lines is None), "in little room the flag alone"


@pytest.mark.parametrize("lines", [None, 40])
def test_a_printer_that_was_asked_and_has_never_answered_says_why(engine: Engine, lines: int | None) -> None:
    fill(engine, NOW)
    why = "10.0.0.7 does not know the SNMPv3 user 'ops': check its credential profile."
    asked = PrinterState(printer_id="asked", taken_at=NOW, reachable=False, error=why)
    put(engine, printer("asked"), snapshot("asked", asked, reached=False))
    with reading(engine) as connection:
        needy = read_fleet(connection, NOW, attention=True)
    assert [state.printer_id for state in needy.printers] == ["jammed", "old", "low", "asked"]
    row = next(line for line in drawn(view(engine, NOW), 260, 40, lines).splitlines() if "Asked" in line)
    assert "not reached yet" in row
    assert why in row
    assert "unknown" not in row


@pytest.mark.parametrize("lines", [None, 40])
def test_a_printer_out_of_service_says_why_and_until_when_instead_of_its_faults(
    engine: Engine, lines: int | None
) -> None:
    fill(engine, NOW)
    until = datetime(2026, 2, 5, tzinfo=UTC)
    with writing(engine) as connection:
        take_out_of_service(connection, "jammed", until=until, why="new fuser", actor="tom", now=NOW)
    said = drawn(view(engine, NOW), 240, 40, lines)
    assert "out of service" in said
    assert f"Out of service: new fuser, until {moment(until, until.astimezone().tzinfo or UTC)}" in said
    assert "Paper jam" not in said

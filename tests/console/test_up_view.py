"""The live view shows what it is given, in words, on any terminal, and nothing as nothing."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from console.fleet import FleetStatus
from console.up.child import ChildStatus
from console.up.fleet_reader import FleetNow
from console.up.log_lines import LogLine
from console.up.view import Scene, render
from core.contract.messages import Attention, PrinterState
from core.domain.units import lasting, number
from core.storage.fleet_states import FleetState
from core.storage.services import Heartbeat

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EMPTY = Scene(
    "printers up", ["Data     /srv/data"], [], FleetNow(FleetStatus(NOW)), [], clock=100.0, up_since=40.0
)
CHILDREN = [
    ChildStatus("broker", "running", 4711, 0, 41.0, None),
    ChildStatus("processor", "running", 4712, 2, 50.0, None),
    ChildStatus("collector", "restarting", None, 3, 98.0, 104.0),
]


def jammed(name: str = "Library 2", message: str = "Paper jam in tray 2") -> FleetState:
    flag = Attention(code="jam", severity="critical", message=message, since_at=NOW - timedelta(minutes=5))
    state = PrinterState(
        printer_id="lib",
        name=name,
        location=message,
        taken_at=NOW,
        reachable=True,
        state="stopped",
        severity="critical",
        attention=(flag,),
    )
    return FleetState(state, stale=False)


FLEET = FleetStatus(
    NOW,
    kinds={"critical": 1, "stale": 2, "warning": 3, "new": 2, "ok": 32},
    states={"idle": 30, "asleep": 5, "warming_up": 1},
    matching=1,
    printers=[jammed()],
    services=[
        Heartbeat("processor", "here", None, True, NOW, {"readings": 1234, "outbox_rows": 7}),
        Heartbeat("collector", "here", "main", False, NOW - timedelta(minutes=3), {"spool": 12}),
    ],
    total=40,
)
FULL = replace(
    EMPTY,
    children=CHILDREN,
    lines=[LogLine("2026-03-01 11:59:59", "processor", "WARNING", "slow [red]not markup[/red]")],
    now=FleetNow(FLEET, readings_per_minute=480.2),
)


def shown(scene: Scene, width: int = 120, height: int = 40) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=False)
    with console.capture() as capture:
        console.print(render(scene, console, height), height=height)
    return capture.get()


def test_services_fleet_attention_and_log_are_in_sight() -> None:
    text = shown(FULL)
    for words in (
        "Data     /srv/data",
        "up 1 min",
        "● broker     running",
        "pid 4711",
        "ended, again in 4 s",
        "restarted 3 x",
        "readings 1,234",
        "not heard of for 3 min",
        "40 printers · ✖ 1 critical · ○ 2 no data · ▲ 3 warning · ○ 2 not reached yet · ✔ 32 OK",
        "480 readings a minute · 12 in the collector's spool · 7 on the way to the time series",
        "✖ critical  Library 2",
        "stopped",
        "5 min  Paper jam in tray 2",
        "just now",
        "warning slow [red]not markup[/red]",
    ):
        assert words in text


def test_an_empty_fleet_says_what_to_do() -> None:
    text = shown(EMPTY, width=200)
    assert "There are no printers yet: `printers import FILE.csv` takes yours in." in text
    assert "- readings a minute" in text


@pytest.mark.parametrize(
    ("kinds", "words"),
    [({"ok": 1}, "Nothing needs attention."), ({"new": 4}, "No printer has been reached yet.")],
)
def test_a_fleet_without_flags_needs_nothing(kinds: dict[str, int], words: str) -> None:
    assert words in shown(replace(EMPTY, now=FleetNow(FleetStatus(NOW, kinds=kinds))))


def test_what_there_is_no_room_for_is_counted() -> None:
    many = replace(FLEET, printers=[jammed(f"Library {n}") for n in range(12)], matching=40)
    text = shown(replace(FULL, now=FleetNow(many)), height=24)
    named = text.count("✖ critical  Library")
    assert 2 <= named <= 8
    assert f"... and {40 - named} more printers" in text


def test_a_database_that_is_away_is_named() -> None:
    scene = replace(FULL, now=replace(FULL.now, error="connection refused"))
    assert "The database does not answer: connection refused" in shown(scene)


def test_a_run_that_ends_says_so() -> None:
    assert "stopping ..." in shown(replace(FULL, stopping=True))


@pytest.mark.parametrize(("width", "height"), [(40, 10), (60, 16), (80, 24), (250, 80)])
def test_the_picture_fits_the_terminal(width: int, height: int) -> None:
    lines = shown(FULL, width, height).rstrip("\n").split("\n")
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


@settings(deadline=None, max_examples=30)
@given(st.integers(20, 200), st.integers(5, 60), st.text(max_size=200), st.integers(0, 12))
def test_no_text_of_a_printer_breaks_the_picture(width: int, height: int, text: str, count: int) -> None:
    fleet = replace(FLEET, printers=[jammed(text, text)] * count, matching=count)
    scene = replace(FULL, now=FleetNow(fleet))
    assert shown(scene, width, height)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7200, "2 h"), (86400 * 9, "9 d")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert lasting(seconds, brief=True) == text


def test_numbers_have_no_needless_fraction() -> None:
    assert [number(value) for value in (0.0, 0.25, 12.0, 1234.5)] == ["0", "0.2", "12", "1,234"]

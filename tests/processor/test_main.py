"""The processor's command line: judging and loading without a broker or a database."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.contract.messages import PrinterState
from tests.paths import ROOT
from tests.processor.history_points import NOON, point, stored
from tests.processor.making import JAMMED, make_reading, unanswered


def run(*arguments: str, lines: list[str] | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "processor", *arguments],
        input="".join(line + "\n" for line in lines or []),
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def judged(*lines: str, **settings: str) -> list[PrinterState]:
    result = run("--judge", lines=[*lines], **settings)
    assert (result.returncode, result.stderr) == (0, "")
    return [PrinterState.model_validate_json(line) for line in result.stdout.splitlines()]


def test_a_reading_is_judged_without_anything_around_it(tmp_path: Path) -> None:
    (state,) = judged(make_reading(1, bits=JAMMED, level=40).model_dump_json())
    assert (state.printer_id, state.state, state.supplies[0].level_percent) == ("lib-1", "stopped", 40)
    assert [flag.code for flag in state.attention] == ["jam"]
    assert list(tmp_path.iterdir()) == []


def test_a_single_unanswered_reading_is_unreachable() -> None:
    (state,) = judged(unanswered(1).model_dump_json())
    assert (state.reachable, state.state, state.error) == (False, "unreachable", "no answer within 3 s")


def test_readings_of_a_printer_are_judged_with_their_past() -> None:
    readings = [make_reading(1), unanswered(2), make_reading(1, "lib-2"), unanswered(3)]
    states = judged(*(reading.model_dump_json() for reading in readings))
    assert [(s.printer_id, s.state) for s in states] == [
        ("lib-1", "idle"),
        ("lib-1", "idle"),
        ("lib-2", "idle"),
        ("lib-1", "unreachable"),
    ]


def test_thresholds_come_from_the_settings() -> None:
    reading = make_reading(1, level=40).model_dump_json()
    (state,) = judged(reading, SUPPLY_LOW_PERCENT="50")
    assert [flag.code for flag in state.attention] == ["supply_low"]


def test_a_line_that_is_no_reading_is_named() -> None:
    result = run("--judge", lines=[make_reading(1).model_dump_json(), '{"id": "x"}'])
    assert result.returncode == 2
    assert result.stderr == "error: line 2 of the input is not a Reading: printer_id: Field required.\n"


def test_history_is_loaded_once_however_often_it_is_given(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    points = [point(now - NOON - timedelta(hours=n), f"p-{n % 3}") for n in range(100)]
    lines = [json.dumps(p.model_dump(mode="json")) for p in points]
    assert (
        run("--load-history", lines=lines).stdout == "100 points read: 100 new, 0 there already, 0 refused\n"
    )
    again = run("--load-history", lines=[*lines, "", lines[0]])
    assert again.stdout == "101 points read: 0 new, 101 there already, 0 refused\n"
    assert stored(tmp_path / "data", "p-1") == sorted(
        (p for p in points if p.printer_id == "p-1"), key=lambda p: p.taken_at
    )


def test_points_that_cannot_be_kept_are_counted(tmp_path: Path) -> None:
    old = point().model_copy(update={"taken_at": datetime(1950, 1, 1, tzinfo=UTC)})
    result = run("--load-history", lines=[old.model_dump_json()], DATA_DIR=str(tmp_path))
    assert (result.returncode, result.stdout) == (1, "1 points read: 0 new, 0 there already, 1 refused\n")
    assert "a point is refused: it was taken before 1970" in result.stderr


def test_a_time_series_that_is_away_is_one_sentence() -> None:
    result = run("--load-history", lines=[point().model_dump_json()], INFLUXDB_URL="http://127.0.0.1:9")
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].startswith(
        "error: the time series at http://127.0.0.1:9 does not answer"
    )


@pytest.mark.parametrize("part", ["--judge", "--load-history", "examples:"])
def test_help_says_what_it_can_do(part: str) -> None:
    result = run("--help")
    assert result.returncode == 0
    assert part in result.stdout


def test_a_setting_that_cannot_be_used_is_one_sentence() -> None:
    result = run(CLEAR_AFTER="many")
    assert result.returncode == 2
    assert result.stderr.startswith("error: CLEAR_AFTER: ")

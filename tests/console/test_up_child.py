"""A process of a run is kept alive, told apart in the log, and ends with its pipe, or else is killed."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.up.child import Child, child_environment
from console.up.log_lines import LogSink
from console.up.options import ChildSpec
from core.contract.errors import EXIT_USAGE
from core.runtime.shutdown import LIFELINE_VARIABLE
from tests.console.embedded import eventually
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.processes

GOOD = """
from core.runtime.shutdown import ShutdownSignal

print('here', flush=True)
ShutdownSignal().install().stopping.wait()
print('bye')
"""
SHORT = "print('short', flush=True)\nraise SystemExit(3)\n"
DEAF = "import signal, time\nprint('deaf', flush=True)\ntime.sleep(600)\n"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[LogSink]:
    opened = LogSink(tmp_path / "logs")
    yield opened
    opened.close()


def make(folder: Path, sink: LogSink, source: str) -> Child:
    """A child that runs this source as a module."""
    (folder / "given_module.py").write_text(source)
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return Child(ChildSpec("given", "given_module"), environment, sink)


def texts(sink: LogSink) -> list[str]:
    return [line.text for line in list(sink.newest)]


def test_a_child_lives_until_its_pipe_closes_and_ends_by_itself(tmp_path: Path, sink: LogSink) -> None:
    child = make(tmp_path, sink, GOOD)
    child.start()
    assert eventually(lambda: "here" in texts(sink))
    assert (child.status.phase, child.status.restarts) == ("running", 0)
    child.close()
    assert child.end(time.monotonic() + PATIENCE_SECONDS)
    assert texts(sink) == ["here", "bye"]
    assert child.status.phase == "stopped"


def test_a_child_that_ends_is_started_again_and_said(tmp_path: Path, sink: LogSink) -> None:
    child = make(tmp_path, sink, SHORT)
    child.start()
    assert eventually(lambda: texts(sink).count("short") >= 2)
    assert "given ended (exit code 3); it is started again in 1 s" in texts(sink)
    assert child.status.restarts >= 1
    child.close()
    assert child.end(time.monotonic() + PATIENCE_SECONDS)


@pytest.mark.parametrize("first_ends_with", [2, 3])
def test_a_child_that_refuses_its_first_start_is_not_started_again(
    first_ends_with: int, tmp_path: Path, sink: LogSink
) -> None:
    """What it refuses later on may be over with the next start, as a database that is away."""
    module = f"""
import pathlib, sys
first = pathlib.Path({str(tmp_path / "first")!r})
code = 2 if first.exists() else {first_ends_with}
first.touch()
sys.stderr.write("error: NAME: is wrong.\\n")
raise SystemExit(code)
"""
    (tmp_path / "given_module.py").write_text(module)
    refused = threading.Event()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    child = Child(ChildSpec("given", "given_module"), environment, sink, refused.set)
    child.start()
    if first_ends_with == EXIT_USAGE:
        assert refused.wait(PATIENCE_SECONDS)
        assert (child.refusal, child.status.restarts) == ("NAME: is wrong.", 0)
    else:
        assert eventually(lambda: child.status.restarts == 2)
        assert (child.refusal, refused.is_set()) == ("", False)
    child.close()
    assert child.end(time.monotonic() + PATIENCE_SECONDS)


def test_a_child_that_does_not_listen_is_killed_at_the_deadline(tmp_path: Path, sink: LogSink) -> None:
    child = make(tmp_path, sink, DEAF)
    child.start()
    assert eventually(lambda: "deaf" in texts(sink))
    child.close()
    assert not child.end(time.monotonic() + 0.2)
    assert child.status.phase == "stopped"


def test_a_child_that_waits_to_be_started_again_ends_at_once(tmp_path: Path, sink: LogSink) -> None:
    child = make(tmp_path, sink, SHORT)
    child.start()
    assert eventually(lambda: child.status.phase == "restarting")
    child.close()
    assert child.end(time.monotonic() + PATIENCE_SECONDS)


def test_a_child_that_cannot_be_started_is_tried_again(
    tmp_path: Path, sink: LogSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "absent"))
    child = make(tmp_path, sink, GOOD)
    child.start()
    assert eventually(lambda: child.status.phase == "restarting")
    assert "it cannot be started" in texts(sink)[0]
    child.close()
    assert child.end(time.monotonic() + PATIENCE_SECONDS)


def test_the_working_folder_cannot_stand_in_for_a_module(
    tmp_path: Path, sink: LogSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "given_module.py").write_text("print('impostor', flush=True)\n")
    monkeypatch.chdir(elsewhere)
    child = make(tmp_path, sink, GOOD)
    child.start()
    assert eventually(lambda: texts(sink))[0] == "here"
    child.close()
    assert child.end(time.monotonic() + PATIENCE_SECONDS)


def test_our_packages_and_the_pipe_are_in_every_childs_environment() -> None:
    found = child_environment({"PYTHONPATH": "mine", "A": "b"})
    assert found["PYTHONPATH"].endswith(f"{os.pathsep}mine")
    assert (found["A"], found[LIFELINE_VARIABLE]) == ("b", "stdin")

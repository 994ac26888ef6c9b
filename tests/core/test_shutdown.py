"""A child ends when its parent's pipe does, also when the parent was killed."""

import os
import signal
import subprocess
import sys
import time

import pytest

from core.runtime.shutdown import LIFELINE_VARIABLE, ShutdownSignal
from tests.patience import PATIENCE_SECONDS

CHILD = """
from core.runtime.shutdown import ShutdownSignal
shutdown = ShutdownSignal().install()
print('up', flush=True)
shutdown.stopping.wait()
print('down')
"""


def start(shutdown: str = "", program: str = CHILD) -> subprocess.Popen[str]:
    environment = {**os.environ, LIFELINE_VARIABLE: shutdown}
    child = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    return child


def test_the_end_of_the_pipe_stops_the_child() -> None:
    child = start("stdin")
    out, _ = child.communicate(timeout=PATIENCE_SECONDS)
    assert (out, child.returncode) == ("down\n", 0)


def test_nobody_else_reads_the_pipe() -> None:
    reads = CHILD.replace("shutdown.stopping.wait()", "import sys; print(repr(sys.stdin.read()), flush=True)")
    child = start("stdin", reads)
    assert child.stdout is not None
    assert child.stdout.readline() == "''\n"
    child.communicate(timeout=PATIENCE_SECONDS)


def test_without_a_parent_pipe_standard_input_means_nothing() -> None:
    child = start()
    assert child.stdin is not None
    child.stdin.close()
    time.sleep(0.3)
    assert child.poll() is None
    child.kill()
    child.wait()


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_child_cleanly(number: signal.Signals) -> None:
    child = start()
    child.send_signal(number)
    out, _ = child.communicate(timeout=PATIENCE_SECONDS)
    assert (out, child.returncode) == ("down\n", 0)


def test_callbacks_run_once_and_at_once_when_already_stopping() -> None:
    shutdown, calls = ShutdownSignal(), []
    shutdown.on_stop(lambda: calls.append("first"))
    shutdown.stop()
    shutdown.stop()
    shutdown.on_stop(lambda: calls.append("late"))
    assert calls == ["first", "late"]

"""The embedded broker and whole runs as processes of their own, for tests."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from console.broker.credentials import BrokerCredentials, read_credentials
from console.broker.mosquitto import find_mosquitto
from console.broker.probe import wait_until_ready
from core.runtime.shutdown import LIFELINE_VARIABLE
from tests.brokers import free_port
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

Found = TypeVar("Found")

KINDS = ("mosquitto", "amqtt")


def broker_arguments(kind: str, data_dir: Path, port: int) -> list[str]:
    """The command of the broker child; skips where mosquitto is absent."""
    program = find_mosquitto()
    if kind == "mosquitto" and program is None:
        pytest.skip("mosquitto is not installed")
    chosen = ["--mosquitto", program.path] if kind == "mosquitto" and program else []
    module = [sys.executable, "-m", "console.broker"]
    return [*module, "--data-dir", str(data_dir), "--port", str(port), *chosen]


def start(
    command: list[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """A process in `folder` that lives while we hold its standard input; its output is appended to `log`."""
    surroundings = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        LIFELINE_VARIABLE: "stdin",
        **(environment or {}),
    }
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=surroundings,
        )


def end(process: subprocess.Popen[bytes]) -> int:
    """Close its pipe and wait for its end."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        return process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


@contextmanager
def running_broker(
    kind: str, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], BrokerCredentials]]:
    """The broker child, ready."""
    port = free_port()
    process = start(broker_arguments(kind, folder / "data", port), folder / "broker.log", environment)
    try:
        yield process, ready_credentials(folder / "data", port)
    finally:
        end(process)


def ready_credentials(data_dir: Path, port: int) -> BrokerCredentials:
    """Those of a broker that has just been started, once it accepts them."""

    def written() -> BrokerCredentials | None:
        found = read_credentials(data_dir)
        return found if found and found.port == port else None

    credentials = eventually(written)
    assert credentials is not None
    assert wait_until_ready(credentials.settings("console"), PATIENCE_SECONDS)
    return credentials


def family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """A process and all it has started."""
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def all_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them runs any more; a zombie does not."""
    return all(not one.is_running() or one.status() == psutil.STATUS_ZOMBIE for one in processes)


def eventually(ask: Callable[[], Found], seconds: float = PATIENCE_SECONDS, *, every: float = 0.05) -> Found:
    """Ask until the answer is true, `every` so many seconds; the last answer."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < deadline:
        time.sleep(every)
    return answer

"""`printers up` as a process of its own, for tests."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
import pytest

from console.broker.mosquitto import find_mosquitto
from tests.brokers import free_port
from tests.console.embedded import end, eventually, start

UP = [sys.executable, "-m", "console", "up", "--plain"]
OF_SYSTEMD: Final = ("JOURNAL_STREAM", "INVOCATION_ID")
LINK: Final = re.compile(r"http://[\d.:]+/login/link#([\w-]{32})")
"""The first admin's, with its secret."""


@contextmanager
def running(
    folder: Path, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`printers up` on folder/data with a free port; ended by its pipe."""
    surroundings = {
        "MQTT_PORT": str(free_port()),
        "DASHBOARD_LISTEN": f"127.0.0.1:{free_port()}",
        "DATA_DIR": str(folder / "data"),
        **(environment or {}),
    }
    process = start([*UP, *options], folder / "up.log", surroundings)
    try:
        yield process
    finally:
        if process.poll() is None:
            end(process)


def said(folder: Path) -> str:
    return (folder / "up.log").read_text(encoding="utf-8")


def says(folder: Path, pattern: str) -> bool:
    return eventually(lambda: re.search(pattern, said(folder)) is not None)


def wait_for_services(folder: Path, kind: str) -> None:
    """Until broker and services are connected; skips where mosquitto is absent."""
    if kind == "mosquitto" and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    assert says(folder, rf"broker: {kind} listens on 127\.0\.0\.1"), said(folder)
    assert says(folder, r" processor: .*connected to the broker"), said(folder)
    assert says(folder, r" collector: .*connected to the broker"), said(folder)


def children_named(process: subprocess.Popen[bytes], module: str) -> list[psutil.Process]:
    return [
        child for child in psutil.Process(process.pid).children() if module in " ".join(child.cmdline()[:4])
    ]


def holders_of(secret: str, folder: Path) -> list[Path]:
    """The files in a folder in which a secret stands."""
    return [file for file in folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]

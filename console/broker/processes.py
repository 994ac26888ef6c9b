"""Processes of this machine: one we left behind, and who holds a port (psutil)."""

import json
from pathlib import Path
from typing import Final

import psutil

from console.broker.credentials import write_private

PID_FILE: Final = "broker.pid"
"""In the broker's folder: the process that listens."""
_SAME_START_SECONDS = 1.0
_END_SECONDS = 5.0


def remember(path: Path, pid: int) -> None:
    """Note a process so that it can be found again: a process id alone may be somebody else's later."""
    try:
        started = psutil.Process(pid).create_time()
    except psutil.Error:
        return
    write_private(path, json.dumps({"pid": pid, "started": started}))


def end_remembered(path: Path) -> int | None:
    """End the noted process if it is still the same one; its id where there was something to end."""
    process = _remembered(path)
    path.unlink(missing_ok=True)
    if process is None:
        return None
    try:
        process.terminate()
        process.wait(_END_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(_END_SECONDS)
    except psutil.NoSuchProcess:
        return None
    return int(process.pid)


def _remembered(path: Path) -> psutil.Process | None:
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        process = psutil.Process(int(noted["pid"]))
        same = abs(process.create_time() - float(noted["started"])) < _SAME_START_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def who_listens(port: int) -> str | None:
    """Return which program listens on a TCP port, if the system tells: "mosquitto (process 812)"."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):  # other people's processes are theirs to see
        return None
    return None

"""A dashboard as a process of its own, for tests that speak HTTP or look with a browser."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from core.runtime.settings import DatabaseSettings
from core.runtime.shutdown import LIFELINE_VARIABLE
from core.runtime.web_settings import DashboardSettings
from core.storage.database import open_database, reading, writing
from core.storage.users import find_user
from dashboard.web.sign_in.sessions import ClientInfo, open_session
from tests.brokers import free_port
from tests.console.small_fleet import fill
from tests.dashboard.harness import add_people
from tests.paths import ROOT
from tests.patience import PATIENCE_SECONDS

NAMES: Mapping[str, str] = {"technician": "tom", "manager": "maya", "admin": "ada"}
"""Who has which role in the seeded database; all with tests.dashboard.harness.PASSWORD."""
_REFRESHING: Final = """
from dashboard.ui import refreshing
for name in [each for each in vars(refreshing) if each.endswith("_SECONDS")]:
    setattr(refreshing, name, {seconds})
"""
_IMPORTING_NO_PAGES: Final = """
from dashboard.web import server
server._import_pages = lambda: None
"""
_DASHBOARD: Final = """
import runpy
runpy.run_module("dashboard", run_name="__main__")
"""


@dataclass(frozen=True)
class Server:
    """A running dashboard and what is behind it."""

    url: str
    folder: Path
    engine: Engine
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        """What it has said."""
        return (self.folder / "dashboard.log").read_text(encoding="utf-8", errors="replace")

    def token(self, role: str) -> str:
        """A new session's token for the person of that role, as the login would make it."""
        with reading(self.engine) as connection:
            user = find_user(connection, NAMES[role])
        assert user is not None
        with writing(self.engine) as connection:
            client = ClientInfo("127.0.0.1", "test")
            return open_session(connection, user.id, client, DashboardSettings(), datetime.now(UTC))


def seed_college(engine: Engine) -> None:
    """Five printers, an issue, Tom, Maya and Ada."""
    now = datetime.now(UTC)
    fill(engine, now)
    add_people(engine, now)


@contextmanager
def serving(  # noqa: PLR0913 (each is something that a test changes)
    folder: Path,
    seed: Callable[[Engine], None] = seed_college,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
    *,
    refresh_seconds: float | None = None,
    for_pages: bool = True,
) -> Iterator[Server]:
    """A dashboard on a port of loopback, its seeded SQLite database in `folder`; ended by its pipe.

    `refresh_seconds`: how often its pages look again, all of them; None for what they do elsewhere.
    Unless `for_pages`, a page is imported when it is asked for: before that it takes half of a start.
    """
    data_dir = folder / "data"
    engine = open_database(DatabaseSettings(data_dir=data_dir))
    seed(engine)
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(data_dir),
        "DASHBOARD_LISTEN": f"127.0.0.1:{port}",
        "DASHBOARD_URL": url,
        "MQTT_PORT": str(free_port()),
        LIFELINE_VARIABLE: "stdin",
        **(settings or {}),
    }
    changes = _REFRESHING.format(seconds=refresh_seconds) if refresh_seconds is not None else ""
    changes += "" if for_pages else _IMPORTING_NO_PAGES
    program = ["-c", changes + _DASHBOARD] if changes else ["-m", "dashboard"]
    with (folder / "dashboard.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", *program],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = Server(url, folder, engine, process)
    try:
        _wait_until_served(server)
        yield server
    finally:
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
        engine.dispose()


def _wait_until_served(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert server.process.poll() is None, server.log
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=20):  # noqa: S310 (ours)
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the dashboard does not answer:\n{server.log}")

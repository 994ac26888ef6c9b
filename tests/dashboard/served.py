"""A dashboard as a process of its own, for tests that speak HTTP or look with a browser.

Each is forked from one that has imported everything (where the system can fork): importing takes half of what
a small test file takes of a processor.
"""

import multiprocessing
import os
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine

from core.runtime.settings import DatabaseSettings
from core.runtime.shutdown import LIFELINE_VARIABLE
from core.runtime.web_settings import DashboardSettings
from core.storage.database import open_database, reading, writing
from core.storage.users import find_user
from dashboard.__main__ import main
from dashboard.ui import refreshing
from dashboard.web.sign_in.sessions import ClientInfo, open_session
from tests.brokers import free_port
from tests.console.small_fleet import fill
from tests.dashboard.harness import add_people
from tests.patience import PATIENCE_SECONDS

NAMES: Mapping[str, str] = {"technician": "tom", "manager": "maya", "admin": "ada"}
"""Who has which role in the seeded database; all with tests.dashboard.harness.PASSWORD."""
if sys.platform == "win32":
    _processes = multiprocessing.get_context("spawn")
else:
    _processes = multiprocessing.get_context("forkserver")
    _processes.set_forkserver_preload([__name__, "dashboard.app"])


@dataclass(frozen=True)
class Server:
    """A running dashboard and what is behind it."""

    url: str
    folder: Path
    engine: Engine
    process: BaseProcess
    hang_up: Callable[[], None]
    """Close its parent's pipe, which ends it."""

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
def serving(
    folder: Path,
    seed: Callable[[Engine], None] = seed_college,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
    *,
    refresh_seconds: float | None = None,
) -> Iterator[Server]:
    """A dashboard on a port of loopback, its seeded SQLite database in `folder`; ended by its pipe.

    `refresh_seconds`: how often its pages look again, all of them; None for what they do elsewhere.
    """
    data_dir = folder / "data"
    engine = open_database(DatabaseSettings(data_dir=data_dir))
    seed(engine)
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "DATA_DIR": str(data_dir),
        "DASHBOARD_LISTEN": f"127.0.0.1:{port}",
        "DASHBOARD_URL": url,
        "MQTT_PORT": str(free_port()),
        LIFELINE_VARIABLE: "stdin",
        **(settings or {}),
    }
    ours, theirs = _processes.Pipe()
    process = _processes.Process(
        target=_be_dashboard, args=(folder, environment, refresh_seconds, theirs), daemon=True
    )
    process.start()
    theirs.close()
    server = Server(url, folder, engine, process, ours.close)
    try:
        _wait_until_served(server)
        yield server
    finally:
        ours.close()
        process.join(PATIENCE_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join(5)
        engine.dispose()


def _be_dashboard(
    folder: Path, environment: Mapping[str, str], refresh_seconds: float | None, lifeline: Connection
) -> None:
    """Serve in this new process, as `python -m dashboard` does."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with Path("dashboard.log").open("wb") as log:
        for output in (1, 2):
            os.dup2(log.fileno(), output)
    end, closed_with_it = os.pipe()
    sys.stdin = os.fdopen(end)
    threading.Thread(target=_close_together, args=(lifeline, closed_with_it), daemon=True).start()
    for name in [each for each in vars(refreshing) if each.endswith("_SECONDS")]:
        if refresh_seconds is not None:
            setattr(refreshing, name, refresh_seconds)
    sys.exit(main([]))


def _close_together(lifeline: Connection, writer: int) -> None:
    """The pipe of the parent as standard input, also where handles are no files (Windows)."""
    with suppress(EOFError, OSError):
        lifeline.recv_bytes()
    os.close(writer)


def _wait_until_served(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert server.process.exitcode is None, server.log
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=20):  # noqa: S310 (ours)
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the dashboard does not answer:\n{server.log}")

"""Real databases for tests: SQLite in the test's folder, or one on a throw-away PostgreSQL cluster.

The cluster is started once per test process and ends with it, also when that is killed: a guard process
holds it while our pipe to the guard is open.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine

from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, writing
from tests.brokers import free_port
from tests.paths import MEMORY, TEMPORARY_ROOT
from tests.patience import PATIENCE_SECONDS

DATABASES: Final = ("sqlite", "postgresql")
"""For `pytest.mark.parametrize`: what must work on the one must work on the other."""

T = TypeVar("T")
_UNCOMMITTED_SECONDS: Final = 0.5
"""How long the second of two transactions may run on before the first is committed."""
_HAS_STRATEGIES: Final = 150_000
_GUARD: Final = """
import json, os, shutil, signal, subprocess, sys, tempfile
user, initdb, postgres, port, parent = json.loads(sys.argv[1])
account = {"user": user, "group": user, "extra_groups": []} if user else {}
folder = tempfile.mkdtemp(prefix="printers-postgres-", dir=parent)
if user:
    shutil.chown(folder, user, user)
data = os.path.join(folder, "data")
said = subprocess.run(
    [initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"],
    cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **account,
)
if said.returncode:
    sys.stdout.write("failed " + json.dumps(said.stdout.decode(errors="replace")) + "\\n")
    sys.exit(1)
options = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off",
           "full_page_writes": "off", "max_connections": 100, "shared_buffers": "32MB", "autovacuum": "off",
           "min_wal_size": "32MB", "max_wal_size": "64MB"}
server = subprocess.Popen(
    [postgres, "-D", data, *(f"--{name}={value}" for name, value in options.items())],
    cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **account,
)
sys.stdout.write("started\\n")
sys.stdout.flush()
sys.stdin.read()
server.send_signal(signal.SIGQUIT if hasattr(signal, "SIGQUIT") else signal.SIGTERM)
server.wait()
shutil.rmtree(folder, ignore_errors=True)
"""


@contextmanager
def database(kind: str, folder: Path, *, migrated: bool = True) -> Iterator[DatabaseSettings]:
    """A database of its own: `sqlite` in `folder`, or `postgresql` (skips where that is absent).

    It has no rows. On PostgreSQL it has its tables, unless `migrated` is false: a copy costs less.
    """
    if kind == "sqlite":
        yield DatabaseSettings(data_dir=folder)
        return
    with fresh_postgres(_migrated() if migrated else "template1") as url:
        yield DatabaseSettings(data_dir=folder, database_url=SecretStr(url))


def at_once(engine: Engine, first: Callable[[Connection], object], second: Callable[[], T]) -> T:
    """The result of `second`, which begins after `first` has written and before that is committed.

    It either waits for that or goes on without seeing it.
    """
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            first(connection)
            result = pool.submit(second)
            wait([result], _UNCOMMITTED_SECONDS)
        return result.result(PATIENCE_SECONDS)


@contextmanager
def fresh_postgres(template: str = "template1") -> Iterator[str]:
    """The URL of a new database on the throw-away cluster, dropped afterwards; like the template."""
    server, name = _cluster(), f"test_{uuid.uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        # To copy files takes less than half of what the log of a copy takes; PostgreSQL 14 does nothing else.
        strategy = " STRATEGY FILE_COPY" if connection.info.server_version >= _HAS_STRATEGIES else ""
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{strategy}'.encode())
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@functools.cache
def _migrated() -> str:
    """The name of a database on the cluster that has the newest schema, for copies of it."""
    server, name = _cluster(), "migrated"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    open_database(DatabaseSettings(database_url=SecretStr(f"{server}/{name}"))).dispose()
    return name


@functools.cache
def _cluster() -> str:
    programs, port = _programs(), free_port()
    if programs is None:
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not installed")
    # In memory a new database takes a fifth of the time; another folder may be closed to PostgreSQL's user.
    parent = str(MEMORY) if os.environ.get(TEMPORARY_ROOT) == str(MEMORY) else None
    arguments = json.dumps([_account(), *map(str, programs), port, parent])
    guard = subprocess.Popen(
        [sys.executable, "-c", _GUARD, arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert guard.stdout is not None
    said = guard.stdout.readline()
    if said != "started\n":
        raise RuntimeError(f"the PostgreSQL cluster did not start: {said}")
    _guards.append(guard)
    url = f"postgresql://postgres@127.0.0.1:{port}"
    _wait_for(url)
    return url


_guards: list[subprocess.Popen[str]] = []  # a guard that is collected as garbage would close its pipe


def _wait_for(url: str) -> None:

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(f"{url}/postgres").close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _programs() -> tuple[Path, Path] | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: path.parts[-3])
    on_path = shutil.which("postgres")
    postgres = found[-1] if found else Path(on_path) if on_path else None
    return (postgres.with_name("initdb"), postgres) if postgres else None


def _account() -> str | None:
    """PostgreSQL refuses to run as root: then as the user of Debian's package."""
    return "postgres" if hasattr(os, "geteuid") and os.geteuid() == 0 else None

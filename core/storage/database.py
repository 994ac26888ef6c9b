"""The SQL database: opening it with its schema brought up to date, and the one way to write to it."""

import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Executable,
    FromClause,
    Table,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from core.contract.errors import Conflict, DatabaseError
from core.runtime.env_file import settings_sources
from core.runtime.private_files import whose
from core.runtime.settings import DatabaseSettings
from core.storage.migrations.head import SCHEMA_HEAD

log = logging.getLogger(__name__)

_NEVER_RELEASED: Final = "0001"
"""What 0002, the first schema that was released, began from while it was written."""
_ADVISORY_LOCK: Final = 0x7072696E74657273  # "printers": one migration at a time on a PostgreSQL server
_BUSY_SECONDS: Final = 30
_SECRETS_OF_URLS: Final = ("password", "sslpassword")
"""Where libpq takes a password from, too: postgresql://host/name?password=..."""
_ONE_MOMENT: Final = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_IN_PASSING_MS: Final = 100
_WAL_TRIES: Final = 50
_SHARED_MEMORY_BYTES: Final = 32_768


class NoDatabase(DatabaseError):
    """There is no database yet at the place that the settings name."""


class NewerDatabase(DatabaseError):
    """A newer program wrote the database."""


def open_database(settings: DatabaseSettings) -> Engine:
    """Return the engine of DATABASE_URL or DATA_DIR/db.sqlite3, its schema upgraded first, under a lock.

    Raises DatabaseError where the database cannot be opened or was written by a newer program.
    """
    engine = _engine(settings.url)
    with _sentences(settings):
        upgrade(engine)
    return engine


def open_existing_database(settings: DatabaseSettings) -> Engine:
    """Do the same for a database that exists; raise NoDatabase, and create nothing, where there is none."""
    engine = open_unchanged(settings)
    with _sentences(settings):
        upgrade(engine)
    return engine


def open_unchanged(settings: DatabaseSettings) -> Engine:
    """Return the engine of the database there is, whatever schema it has; for what saves or replaces it.

    Raises NoDatabase where there is none, DatabaseError where it cannot be opened.
    """
    file = sqlite_file(settings.url)
    try:
        is_there = file is None or file.is_file()
    except OSError as error:
        owner = whose(file) if file else ""
        why = f"{error.strerror} ({owner})." if owner else f"{error.strerror}. May you enter its folder?"
        raise DatabaseError(f"the database {file and file.absolute()} cannot be opened: {why}") from error
    if file is not None and not is_there:
        raise NoDatabase(f"there is no database {file.absolute()}{_how_to_find_it()}")
    engine = _engine(settings.url)
    with _sentences(settings), engine.connect() as connection:
        revision = stored_schema(connection)
    if revision is None:
        engine.dispose()
        raise NoDatabase(
            f"the database {database_place(settings)} is empty: no service has used it{_how_to_find_it()}"
        )
    return engine


def database_place(settings: DatabaseSettings) -> str:
    """Return where the database is, for a sentence: the whole path of a file, or a URL without password."""
    file = sqlite_file(settings.url)
    if file is not None:
        return str(file.absolute())
    return shown_url(make_url(settings.url).set(drivername="postgresql"))


def shown_url(url: URL) -> str:
    """Return the address of a database for a sentence: without the passwords that are in it."""
    hidden = {name: "***" for name in _SECRETS_OF_URLS if name in url.query}
    return url.update_query_dict(hidden).render_as_string(hide_password=True)


def _how_to_find_it() -> str:
    return (
        f". Settings come from {settings_sources()}; `printers --env-file FILE` reads those of "
        "the services. `printers up` and `printers import` create a database."
    )


@contextmanager
def _sentences(settings: DatabaseSettings) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        file = sqlite_file(settings.url)
        where = file.absolute() if file else shown_url(make_url(settings.url))
        why = _why_not(file) if file else ""
        told = f"{database_said(error)} ({why})" if why else database_said(error)
        raise DatabaseError(f"the database {where} cannot be opened: {told}") from error


def _why_not(file: Path) -> str:
    """Return what SQLite does not say of a file that it cannot use; "" where the file shows no reason."""
    if _is_full(file):
        return "no space is left on its disk"
    return whose(file)


def _is_full(file: Path) -> bool:
    """Return whether SQLite has no room for its shared memory: it calls that an I/O error."""
    try:
        return shutil.disk_usage(file.parent).free < _SHARED_MEMORY_BYTES
    except OSError:
        return False


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database; None for one in memory, a server, or no address."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    return None if parsed.database.startswith((":", "file:")) else Path(parsed.database)


def upgrade(engine: Engine) -> None:
    """Bring the schema to SCHEMA_HEAD; safe when several processes do it at once."""
    with engine.connect() as connection:
        if stored_schema(connection) == SCHEMA_HEAD:
            return
    with engine.connect() as connection:
        connection = connection.execution_options(writing=True)  # noqa: PLW2901
        with _without_foreign_keys(connection), connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            current = stored_schema(connection)
            if current == SCHEMA_HEAD:
                return
            _migrate(connection, current)
            if current is not None:
                log.info("the database was brought from schema %s to %s", current, SCHEMA_HEAD)


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Have SQLite not check foreign keys: a migration replaces whole tables that others refer to.

    The rows are copied as they are, keys included. Inside a transaction this cannot be changed.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


@contextmanager
def nobody_else_opens(engine: Engine) -> Iterator[None]:
    """Have whoever opens an empty PostgreSQL database wait: its tables are being restored."""
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")  # noqa: PLW2901
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})


def _migrate(connection: Connection, current: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current == _NEVER_RELEASED:
        raise DatabaseError(
            f"the database has schema {current}, which no release of this program has made and "
            f"which cannot be brought to {SCHEMA_HEAD}: move the database away and begin with an empty one."
        )
    if current is not None and current not in known:
        raise NewerDatabase(
            f"the database has schema {current}, this program knows up to {SCHEMA_HEAD}: "
            "install the newer program."
        )
    command.upgrade(config, "head")


def stored_schema(connection: Connection) -> str | None:
    """Return the schema that a database has; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _engine(url: str) -> Engine:
    # hide_parameters: an error must not write rows of data into the log.
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            file = sqlite_file(url)
            if file is not None:
                _make_private(file)
            engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})
            event.listen(engine, "connect", _on_sqlite_connect)
            event.listen(engine, "begin", _on_sqlite_begin)
            return engine
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    except (ArgumentError, ValueError, ModuleNotFoundError) as error:  # a port that is no number
        why = "it is no address of PostgreSQL (postgresql://user:password@host/name) or SQLite"
        raise DatabaseError(f"DATABASE_URL cannot be used: {why}.") from error
    except OSError as error:
        why = f"{error.strerror}: {error.filename}"
        raise DatabaseError(f"the folder of the database cannot be made ({why}): see DATA_DIR.") from error


def _make_private(file: Path) -> None:
    """Make the database file its owner's alone: it holds mails and password hashes."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)


def _on_sqlite_connect(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin by our own BEGIN, see _on_sqlite_begin
    for attempt in range(_WAL_TRIES):  # switching to WAL does not wait for a lock by itself
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or attempt == _WAL_TRIES - 1:
                raise
            time.sleep(0.1)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _on_sqlite_begin(connection: Connection) -> None:
    # A transaction that reads first and then writes fails at once when another one wrote between
    # (SQLITE_BUSY_SNAPSHOT), whatever the timeout: writers take the lock before they read.
    kind = "IMMEDIATE" if connection.get_execution_options().get("writing") else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open one transaction that will write: committed at the end, rolled back on an error."""
    with engine.connect() as connection:
        connection = connection.execution_options(writing=True)  # noqa: PLW2901
        with connection.begin():
            yield connection


def hold(connection: Connection, name: str) -> None:
    """Take the lock of that name until this transaction ends; waits for its present holder.

    For a check of several rows before a write: on PostgreSQL two transactions do not see what the other one
    has not committed, so both would pass it. The first statement after this sees what the one before wrote.
    On SQLite there is one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def note_in_passing(engine: Engine, statement: Executable) -> None:
    """Write what may as well be left out (when somebody was last here): not where that means waiting."""
    with suppress(OperationalError), engine.connect() as connection:
        connection = connection.execution_options(writing=True)  # noqa: PLW2901
        with _impatient(connection), connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = {_IN_PASSING_MS}"))
            connection.execute(statement)


@contextmanager
def _impatient(connection: Connection) -> Iterator[None]:
    """Shorten the wait for a lock; on SQLite that is a matter of the connection, not of its transaction."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute(f"PRAGMA busy_timeout = {_IN_PASSING_MS}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a view of all tables as of one moment, that of the first statement; never waits for a writer.

    On SQLite that is what a transaction sees (WAL). On PostgreSQL nothing can be written through it; the
    pool gives the connection back as it was.
    """
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(**_ONE_MOMENT)  # noqa: PLW2901
        with connection.begin():
            yield connection


def update_seen(
    connection: Connection, table: Table, seen: tuple[int | str, int], values: Mapping[str, Any], what: str
) -> None:
    """Write columns of a row by its primary key and version as `seen`, and raise its version.

    Raises Conflict, which calls it `what`, where somebody else has changed or deleted the row since.
    """
    (key,), (its_key, version) = table.primary_key, seen
    statement = update(table).where(key == its_key, table.c.version == version)
    changed_one(connection.execute(statement.values(**values, version=version + 1)).rowcount, what)


def count_rows(connection: Connection, rows: FromClause, *conditions: ColumnElement[bool]) -> int:
    """Return how many rows of a table or join meet all of these conditions."""
    counted = select(func.count()).select_from(rows).where(*conditions)
    return int(connection.execute(counted).scalar_one())


def changed_one(rowcount: int, what: str) -> None:
    """Raise Conflict unless a statement for a row as it was seen has changed exactly one."""
    if rowcount != 1:
        raise conflict(what)


def conflict(what: str) -> Conflict:
    """Return the Conflict to raise where the row was changed by somebody else."""
    return Conflict(f"{what} was changed by somebody else in the meantime: look at it again.")


def is_unavailable(error: Exception) -> bool:
    """Return whether the database is away or busy (try again later) rather than refusing the statement."""
    return isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


def database_said(error: DBAPIError) -> str:
    """Return the first line of what the database says of an error."""
    return str(error.orig).strip().splitlines()[0] if error.orig else str(error)

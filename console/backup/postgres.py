"""A PostgreSQL database, saved and put back by PostgreSQL's own programs: pg_dump and pg_restore.

Only our tables are saved and replaced: others may live in the same database. The password goes to the
programs by their environment, never by their arguments, which every user of the machine can read.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, inspect, make_url
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateSchema, DropSchema

from console.transfer import our_tables
from core.contract.errors import UserError
from core.runtime.settings import DatabaseSettings
from core.storage.database import database_place, database_said, nobody_else_opens, writing

_PACKAGE: Final = "PostgreSQL's client programs (Debian: postgresql-client)"
_OLDER_THAN_SERVER: Final = "server version mismatch"
_OLDER_THAN_FILE: Final = "unsupported version"
_REVISION: Final = "alembic_version"


class NoProgram(UserError):
    """A program of PostgreSQL's is not installed here."""


def dump(settings: DatabaseSettings, file: Path) -> None:
    """Save our tables into a file, as they are at one moment, while everything runs."""
    tables = [f"--table={name}" for name in (*our_tables(), _REVISION)]
    try:
        _run("pg_dump", settings, ["--format=custom", *tables, f"--file={file}"])
    except NoProgram as error:
        raise NoProgram(f"{error} Or leave the database to its own backups: --without-database.") from error


def check_dump(settings: DatabaseSettings, file: Path) -> None:
    """Raise where what `dump` has written cannot be read here: pg_restore is missing or older."""
    _run("pg_restore", settings, ["--list", str(file)], connect=False)


def restore(settings: DatabaseSettings, file: Path, aside: str) -> bool:
    """Put saved tables into the database; return whether there were any before.

    Those are in the schema `aside` then. Where the file cannot be put back, everything is as it was.
    """
    engine = create_engine(settings.url, hide_parameters=True)
    try:
        with nobody_else_opens(engine):
            moved = _set_aside(engine, aside)
            try:
                options = ["--single-transaction", "--no-owner", "--no-privileges"]
                _run("pg_restore", settings, [*options, str(file)])
            except BaseException:
                _bring_back(engine, moved, aside)
                raise
    finally:
        engine.dispose()
    return bool(moved)


def _set_aside(engine: Engine, schema: str) -> list[str]:
    """Move our tables with what belongs to them into a new schema; return their names."""
    with writing(engine) as connection:
        there = set(inspect(connection).get_table_names())
        tables = [name for name in (*our_tables(), _REVISION) if name in there]
        try:
            if tables:
                connection.execute(CreateSchema(schema))
            for name in tables:
                connection.exec_driver_sql(f'ALTER TABLE "{name}" SET SCHEMA "{schema}"')
        except ProgrammingError as error:
            raise UserError(
                f"the tables that are there cannot be set aside ({database_said(error)}): the user of "
                "DATABASE_URL must own them and be allowed to make schemas (GRANT CREATE ON DATABASE)."
            ) from error
    return tables


def _bring_back(engine: Engine, tables: Sequence[str], schema: str) -> None:
    if not tables:
        return
    with writing(engine) as connection:
        usual = inspect(connection).default_schema_name
        for name in tables:
            connection.exec_driver_sql(f'ALTER TABLE "{schema}"."{name}" SET SCHEMA "{usual}"')
        connection.execute(DropSchema(schema))


def _run(name: str, settings: DatabaseSettings, arguments: list[str], *, connect: bool = True) -> None:
    """Run a program of PostgreSQL's to its end; what it complains about becomes our sentence."""
    program = shutil.which(name)
    place = database_place(settings)
    if program is None:
        raise NoProgram(f"{name} is not installed here: the database {place} needs {_PACKAGE}.")
    where, secrets = _connection(settings) if connect else ([], {})
    environment = {**os.environ, "LC_ALL": "C", **secrets}
    try:
        done = subprocess.run(
            [program, *where, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
    except OSError as error:
        raise UserError(f"{program} cannot be run: {error.strerror}.") from error
    if done.returncode:
        raise UserError(_sentence(name, place, done.stderr.decode(errors="replace")))


def _connection(settings: DatabaseSettings) -> tuple[list[str], dict[str, str]]:
    """Return how the programs reach the database: arguments, and the secrets for their environment."""
    url = make_url(settings.url)
    _, given = url.get_dialect()().create_connect_args(url)
    known = {name: value for name, value in given.items() if isinstance(value, str | int)}
    password = known.pop("password", None)
    if "sslpassword" in known:
        raise UserError(
            "DATABASE_URL has an sslpassword, which PostgreSQL's programs take in no safe way: use a key "
            "without one, or save the database yourself (--without-database)."
        )
    # With a host of its own Debian's wrapper takes the newest of several installed versions.
    host = [f"--host={known.pop('host')}"] if "host" in known else []
    conninfo = " ".join(f"{name}={_quoted(value)}" for name, value in known.items())
    return (
        [*host, "--no-password", f"--dbname={conninfo}"],
        {} if password is None else {"PGPASSWORD": str(password)},
    )


def _quoted(value: Any) -> str:
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _sentence(name: str, place: str, complaint: str) -> str:
    lines = [line.removeprefix(f"{name}: ").removeprefix("error: ") for line in complaint.splitlines()]
    if _OLDER_THAN_SERVER in complaint:
        versions = next((line for line in lines if "server version:" in line), "").removeprefix("detail: ")
        return f"{name} is older than the database server ({versions.strip()}): install a newer {_PACKAGE}."
    if _OLDER_THAN_FILE in complaint:
        return f"{name} is older than the one that made the backup: install a newer {_PACKAGE}."
    reason = " ".join((lines[0] if lines else "it says nothing").split())
    return f"{name} fails at the database {place}: {reason}"

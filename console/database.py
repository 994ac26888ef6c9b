"""Open the database for commands: reading creates none, writing says where it created one."""

from pydantic import SecretStr
from sqlalchemy import Engine

from console.terminal import make_console, plain
from core.runtime.changeable_settings import Block
from core.runtime.env_file import settings_sources
from core.runtime.settings import DatabaseSettings, load
from core.storage.database import (
    NoDatabase,
    database_place,
    open_database,
    open_existing_database,
    reading,
)
from core.storage.stored_settings import load_now


def open_to_read() -> Engine:
    """Return the engine of the database there is; raise NoDatabase, and create nothing, where there is none.

    For changes of rows that must be there already, too.
    """
    return open_existing_database(load(DatabaseSettings))


def open_to_write() -> Engine:
    """Return the engine of the database, which is created where there is none; standard error says so."""
    settings = load(DatabaseSettings)
    try:
        return open_existing_database(settings)
    except NoDatabase:
        engine = open_database(settings)
    note = f"A new database was created: {database_place(settings)}. Settings come from {settings_sources()}."
    make_console(stderr=True).print(plain(note), style="yellow", soft_wrap=True)
    return engine


def settings_now(block: type[Block]) -> Block:
    """Return a block of settings with what was changed in the database, where there is one."""
    with reading(open_to_preview()) as connection:
        return load_now(connection, block)


def open_to_preview() -> Engine:
    """Return the engine of the database there is, else of an empty one in memory."""
    try:
        return open_to_read()
    except NoDatabase:
        return open_database(DatabaseSettings(database_url=SecretStr("sqlite://")))

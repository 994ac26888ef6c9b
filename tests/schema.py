"""What the databases of a test process share: the newest schema, and the statements that are compiled."""

import functools
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.util import LRUCache

from core.runtime.settings import DatabaseSettings
from core.storage import database

Upgrade = Callable[[Engine], None]

_STATEMENTS: Final = 5000
"""So many compiled ones are kept, of all tests; of one engine it would be 500."""


@contextmanager
def shared() -> Iterator[Upgrade]:
    """Make new SQLite databases of this process by copying one; give what migrates step by step instead.

    Each engine would also compile each statement anew, which takes longer than to run it.
    """
    upgrade, make_engine = database.upgrade, database._engine  # there is no other door to them
    dialects: dict[str, Engine] = {}

    def copy(engine: Engine) -> None:
        file = database.sqlite_file(str(engine.url))
        with _copying, suppress(OSError):  # what cannot be read or written is said by what upgrades
            if file is not None and not any(
                each.stat().st_size for each in file.parent.glob(f"{file.name}*")
            ):
                file.write_bytes(_newest(upgrade))
        upgrade(engine)

    def engine_of(url: str) -> Engine:
        engine = make_engine(url)
        first = dialects.setdefault(engine.dialect.name, engine)
        if getattr(first.dialect, "server_version_info", None) is None:  # it has not been connected yet
            engine._compiled_cache = LRUCache(_STATEMENTS)
            dialects[engine.dialect.name] = engine
        else:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    database.upgrade, database._engine = copy, engine_of
    try:
        yield upgrade
    finally:
        database.upgrade, database._engine = upgrade, make_engine


_copying: Final = threading.Lock()


@functools.cache
def _newest(upgrade: Upgrade) -> bytes:
    """The file of a database that the migrations have just made."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "db.sqlite3"
        engine = database._engine(DatabaseSettings(data_dir=file.parent, database_url=None).url)
        upgrade(engine)
        engine.dispose()
        return file.read_bytes()

"""What is in the database, for tests of commands that write it."""

from typing import Any

from sqlalchemy import Engine, select, text

from console.transfer import exported_tables
from core.runtime.settings import DatabaseSettings, load
from core.storage.database import open_database, reading


def stored_printers() -> dict[str, dict[str, Any]]:
    """The printers table, by id."""
    with reading(open_database(load(DatabaseSettings))) as connection:
        rows = connection.execute(text("SELECT * FROM printers ORDER BY printer_id")).mappings()
        return {row["printer_id"]: dict(row) for row in rows}


def everything(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every exported table, by name; its rows by their keys."""
    with reading(engine) as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in exported_tables()
        }

"""INSERT ... ON CONFLICT, which SQLAlchemy has for each kind of database by itself."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

Upsert = sqlite.Insert | postgresql.Insert


def insert_into(table: Table, dialect: str) -> Upsert:
    """Return an INSERT that can have an ON CONFLICT clause; `dialect` is the name of a connection's."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)

"""Alembic's entry: runs on the connection (and in the transaction) that core.storage.database hands over."""

from alembic import context
from sqlmodel import SQLModel

from core.storage import (  # noqa: F401 (they register in SQLModel.metadata)
    mail_tables,
    people_tables,
    stock_tables,
    supply_tables,
    tables,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

"""Sites apart: collectors of one name at two sites, and the sites that a printer has left."""

import json
import warnings
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moves = op.create_table(
        "printer_moves",
        sa.Column("printer_id", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("printer_id", "site"),
    )
    if found := _earlier_moves(op.get_bind()):
        op.bulk_insert(moves, found)
    op.execute("UPDATE services SET site = '' WHERE site IS NULL")
    # SQLite's copy of the table declares the former key and is then given the new one: that is meant.
    with (
        warnings.catch_warnings(action="ignore", category=sa.exc.SAWarning),
        op.batch_alter_table("services", schema=None) as batch_op,
    ):
        batch_op.alter_column("site", existing_type=sa.String(), nullable=False, server_default="")
        if op.get_bind().dialect.name == "postgresql":
            batch_op.drop_constraint("services_pkey", type_="primary")
        batch_op.create_primary_key("services_pkey", ["service", "instance", "site"])


def _earlier_moves(connection: sa.Connection) -> list[dict[str, Any]]:
    """Return the moves that the audit knows, the last one from each site."""
    audit = sa.table(
        "audit",
        sa.column("id", sa.BigInteger()),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("action", sa.String()),
        sa.column("subject", sa.String()),
        sa.column("details", sa.JSON()),
    )
    changes = sa.select(audit.c.at, audit.c.subject, audit.c.details)
    changes = changes.where(audit.c.action == "printer.changed").order_by(audit.c.id)
    left: dict[tuple[str, str], datetime] = {}
    for at, printer_id, details in connection.execute(changes):
        changed = json.loads(details) if isinstance(details, str) else details
        if isinstance(changed, dict) and changed.get("site"):
            left[printer_id, str(changed["site"][0])] = at
    return [{"printer_id": printer, "site": site, "left_at": at} for (printer, site), at in left.items()]

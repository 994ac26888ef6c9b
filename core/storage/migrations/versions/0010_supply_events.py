"""The cartridge ledger, and the calendar that forecasts go by."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "supply_events",
        sa.Column("id", BIG, nullable=False),
        sa.Column("printer_id", sa.String(), nullable=False),
        sa.Column("supply_index", sa.String(), nullable=False),
        sa.Column("device", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("supply_type", sa.String(), nullable=False),
        sa.Column("color", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("part_number", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("old_serial", sa.String(), nullable=False),
        sa.Column("old_percent", sa.Integer(), nullable=True),
        sa.Column("new_percent", sa.Integer(), nullable=True),
        sa.Column("life_count", BIG, nullable=True),
        sa.Column("pages", BIG, nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_percent", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.String(), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("supply_events", schema=None) as batch_op:
        batch_op.create_index("supply_events_once", ["printer_id", "supply_index", "at"], unique=True)
        batch_op.create_index("supply_events_at", ["at"], unique=False)
        batch_op.create_index(
            "supply_events_owed",
            ["id"],
            unique=False,
            sqlite_where=sa.text("owed"),
            postgresql_where=sa.text("owed"),
        )
    op.create_table(
        "calendar_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by", sa.String(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("calendar_periods", schema=None) as batch_op:
        batch_op.create_index("calendar_periods_once", ["kind", "first_day", "last_day", "name"], unique=True)

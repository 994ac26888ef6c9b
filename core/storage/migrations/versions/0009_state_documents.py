"""States in a table of their own: a reading that says what the last one said does not write them again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "state_documents",
        sa.Column("printer_id", sa.String(), nullable=False),
        sa.Column("memory", _JSON, nullable=False),
        sa.Column("payload", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("printer_id"),
    )
    op.execute(
        "INSERT INTO state_documents (printer_id, memory, payload)"
        " SELECT printer_id, memory, payload FROM snapshots WHERE reading_id <> ''"
    )
    with op.batch_alter_table("snapshots", schema=None) as batch_op:
        batch_op.drop_column("payload")
        batch_op.drop_column("memory")
        batch_op.add_column(sa.Column("repeats", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("uptime_ticks", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("said", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("said_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("point", sa.Text(), server_default="", nullable=False))

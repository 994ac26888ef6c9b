"""Issues and flags of a device that has been exchanged; services that are gone for good."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ONE_PER_FLAG = "kind = 'device' AND status NOT IN ('resolved', 'closed') AND NOT earlier_device"


def upgrade() -> None:
    with op.batch_alter_table("attention", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(), server_default="", nullable=False))

    with op.batch_alter_table("issues", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("earlier_device", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.drop_index("issues_one_per_flag")
        batch_op.create_index(
            "issues_one_per_flag",
            ["printer_id", "attention_code", "attention_subject"],
            unique=True,
            sqlite_where=sa.text(_ONE_PER_FLAG),
            postgresql_where=sa.text(_ONE_PER_FLAG),
        )

    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.add_column(sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True))

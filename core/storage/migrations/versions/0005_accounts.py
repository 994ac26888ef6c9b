"""Second factors with recovery codes, first passwords that expire, and when a session was confirmed."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("password_expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("second_factor", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("second_factor_step", BIG_ID, server_default="0", nullable=False))
    with op.batch_alter_table("login_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("method", sa.String(), server_default="password", nullable=False))
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("user_id", "code_hash"),
    )

    # First passwords that are still in use have as long from now on as new ones.
    users = sa.table(
        "users",
        sa.column("must_change_password", sa.Boolean()),
        sa.column("password_expires_at", sa.DateTime(timezone=True)),
    )
    expires_at = datetime.now(UTC) + timedelta(days=7)
    op.execute(users.update().where(users.c.must_change_password).values(password_expires_at=expires_at))

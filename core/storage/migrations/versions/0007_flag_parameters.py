"""Flags with the parameters of their sentences; those stored before have none and keep their message."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("attention", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parameters", _JSON, nullable=True))

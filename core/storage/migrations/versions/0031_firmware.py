"""Which firmware a printer runs, so that it can be searched and counted by model."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("firmware", sa.String(), server_default="", nullable=False))

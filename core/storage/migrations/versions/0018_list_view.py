"""How somebody wants the list of printers to look, kept with their account."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("list_view", sa.String(), nullable=False, server_default=""))

"""Cost centers: who pays for the pages of a printer."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("printers", sa.Column("cost_center", sa.String(), nullable=False, server_default=""))

"""What a person says to have done about a flag on site: who, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("triage", sa.Column("done_by", sa.String(), nullable=False, server_default=""))
    op.add_column("triage", sa.Column("done_at", sa.DateTime(timezone=True), nullable=True))
    done = sa.text("done_at IS NOT NULL")
    op.create_index("triage_done", "triage", ["done_at"], sqlite_where=done, postgresql_where=done)

"""Issues that are duplicates of another one: who follows them follows that."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("issues", sa.Column("merged_into", sa.Integer(), nullable=True))
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("issues_merged", "issues", ["merged_into"], sqlite_where=merged, postgresql_where=merged)

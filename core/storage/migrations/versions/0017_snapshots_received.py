"""Snapshots by the arrival of their readings: the dashboard reads what has changed."""

from alembic import op

revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("snapshots_received", "snapshots", ["received_at"])

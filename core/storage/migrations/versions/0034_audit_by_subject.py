"""The audit by what was changed: a printer's page shows its own entries."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("audit_subject", "audit", ["subject", "at"])

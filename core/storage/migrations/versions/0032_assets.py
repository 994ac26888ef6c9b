"""Printers as assets: their tag, since when they are in use, warranty and contract."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("asset_tag", "contract"):
        op.add_column("printers", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("in_use_since", "warranty_until", "contract_until"):
        op.add_column("printers", sa.Column(name, sa.Date(), nullable=True))

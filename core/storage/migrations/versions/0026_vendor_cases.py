"""Issues that a vendor works on: whose case it is, its number, since when, and when a visit is expected."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("vendor", "vendor_case"):
        op.add_column("issues", sa.Column(name, sa.String(), nullable=False, server_default=""))
    for name in ("vendor_opened_on", "vendor_visit_on"):
        op.add_column("issues", sa.Column(name, sa.Date(), nullable=True))
    named = sa.text("vendor <> ''")
    op.create_index("issues_vendor", "issues", ["vendor"], sqlite_where=named, postgresql_where=named)

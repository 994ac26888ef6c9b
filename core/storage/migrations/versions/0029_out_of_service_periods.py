"""When printers were out of service, kept for reports when it is over."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "out_of_service_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("printer_id", sa.String(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("out_of_service_periods_printer", "out_of_service_periods", ["printer_id", "since_at"])
    op.create_index("out_of_service_periods_until", "out_of_service_periods", ["until_at"])

"""Outages, the issues that hang below one, and whether a printer has ever answered."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("snapshots", sa.Column("reached", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("issues", sa.Column("parent_id", sa.Integer(), nullable=True))
    op.add_column("notices", sa.Column("outage_id", sa.Integer(), nullable=True))
    under = sa.text("parent_id IS NOT NULL")
    op.create_index("issues_parent", "issues", ["parent_id"], sqlite_where=under, postgresql_where=under)
    op.create_table(
        "outages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("silent", sa.Integer(), nullable=False),
        sa.Column("printers", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issues.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    on = sa.text("ended_at IS NULL")
    op.create_index(
        "outages_on", "outages", ["scope", "name"], unique=True, sqlite_where=on, postgresql_where=on
    )
    answered = "payload ->> 'answered_at' IS NOT NULL"
    if op.get_bind().dialect.name == "sqlite":
        answered = "json_extract(payload, '$.answered_at') IS NOT NULL"
    op.execute(
        "UPDATE snapshots SET reached = true WHERE reachable OR printer_id IN "  # noqa: S608 (no value in it)
        f"(SELECT printer_id FROM state_documents WHERE {answered})"
    )

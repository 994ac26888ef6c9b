"""Mails as each person has chosen them, and what a daily summary has told: the next one says what is new."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_CHOICES = ("summary", "notices", "notice_places")


def upgrade() -> None:
    for name in _CHOICES:
        op.add_column("users", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE users SET summary = 'always' WHERE receives_summary")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("receives_summary")
    op.add_column("summary_windows", sa.Column("told", _JSON, nullable=True))

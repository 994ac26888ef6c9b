"""The issue that a mail is about: mails about spam are not sent."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail_outbox", sa.Column("issue_id", sa.Integer(), nullable=True))

"""Remove what is no longer needed: delivered messages, and records of notices sent long ago."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, select

from core.storage.core_tables import MAILS, NOTICES
from core.storage.database import reading, writing

_DONE: Final = ("sent", "failed", "cancelled")


def tidy(engine: Engine, keep_days: int, now: datetime) -> None:
    """Forget what is older than MAIL_KEEP_DAYS: mails hold names and addresses of people."""
    before = now - timedelta(days=keep_days)
    old_mails = (MAILS.c.status.in_(_DONE), MAILS.c.created_at < before)
    old_notices = (NOTICES.c.resolved_at.is_not(None), NOTICES.c.resolved_at < before)
    with reading(engine) as connection:
        found = [
            connection.execute(select(MAILS.c.id).where(*old_mails).limit(1)).first(),
            connection.execute(select(NOTICES.c.attention_id).where(*old_notices).limit(1)).first(),
        ]
    if any(found):
        with writing(engine) as connection:
            connection.execute(delete(MAILS).where(*old_mails))
            connection.execute(delete(NOTICES).where(*old_notices))

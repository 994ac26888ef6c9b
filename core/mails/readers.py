"""The users that mails of the system may go to, with what each has chosen."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.domain.mail_addresses import is_address
from core.domain.mail_choices import MailChoices, may_subscribe, read_places
from core.domain.permissions import role_of
from core.storage.core_tables import USERS


@dataclass(frozen=True)
class MailReader:
    """An active user with a mail address, whose role may see what stands in the mails."""

    name: str
    full_name: str
    email: str
    choices: MailChoices


def mail_readers(connection: Connection) -> list[MailReader]:
    """Return them, by name."""
    columns = USERS.c["name", "full_name", "email", "role", "summary", "notices", "notice_places"]
    query = select(*columns).where(USERS.c.active, USERS.c.email != "")
    return [
        MailReader(
            row.name,
            row.full_name,
            row.email,
            MailChoices(row.summary, row.notices, read_places(row.notice_places)),
        )
        for row in connection.execute(query.order_by(USERS.c.name))
        if is_address(row.email) and may_subscribe(role_of(row.role))
    ]

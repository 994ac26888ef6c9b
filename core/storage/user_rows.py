"""An account as it was read, for those who change it, mail its owner, or let them in."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from core.domain.mail_choices import MailChoices, read_places
from core.storage.core_tables import USERS
from core.storage.database import update_seen

EDITABLE: Final = ("full_name", "email", "role", "active", "summary", "notices", "notice_places")
"""What edit_user changes."""


@dataclass(frozen=True, slots=True)
class UserRow:
    """An account as it was read: who changes it says by this what they have seen."""

    id: int
    name: str
    full_name: str
    email: str
    role: str
    password_hash: str = field(repr=False)
    active: bool
    summary: str
    notices: str
    notice_places: str
    must_change_password: bool
    password_expires_at: datetime | None
    second_factor: str = field(repr=False)
    second_factor_step: int
    subject: str
    created_at: datetime
    updated_at: datetime
    signed_in_at: datetime | None
    version: int

    @property
    def choices(self) -> MailChoices:
        """What they have chosen of the mails."""
        return MailChoices(self.summary, self.notices, read_places(self.notice_places))

    @property
    def receives_summary(self) -> bool:
        """Whether they receive the daily summary by their account, wherever their address stands."""
        return self.choices.receives_summary(listed=False)

    def editable(self) -> dict[str, str | bool]:
        """Return what can be edited, by name."""
        return {name: getattr(self, name) for name in EDITABLE}


USER_COLUMNS: Final = tuple(USERS.c[each.name] for each in fields(UserRow))
"""What is selected for a UserRow: `UserRow(*row)`."""

UserEdit = Mapping[str, str | bool]
"""What is wanted of an account, by names of EDITABLE."""


def update_user(
    connection: Connection, seen: UserRow, values: Mapping[str, object], *, now: datetime
) -> None:
    """Write these columns of an account; raises Conflict where somebody has changed it since it was read."""
    written = {**values, "updated_at": now}
    update_seen(connection, USERS, (seen.id, seen.version), written, f"user {seen.name}")

"""Who made a token or a link: what they may do now counts, not what they could do when they made it."""

from typing import Final, NamedTuple

from core.domain.permissions import Permission, role_of
from core.storage.core_tables import USERS


class Maker(NamedTuple):
    """The account that gave something out, as it is now."""

    active: bool
    role: str

    def may(self, permission: Permission) -> bool:
        """Return whether they have this permission now."""
        return self.active and role_of(self.role).may(permission)


MAKER_COLUMNS: Final = (USERS.c.active, USERS.c.role)
"""What is selected for a Maker, of the account whose name is in `created_by`, outer-joined."""


def read_maker(active: bool | None, role: str | None) -> Maker | None:
    """Return the maker by their columns; None where it was made on the command line, by no account."""
    return None if active is None or role is None else Maker(active, role)

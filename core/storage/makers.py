"""Who made a token or a link: what they may do now counts, not what they could do when they made it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, select

from core.domain.permissions import Permission, role_of
from core.storage.core_tables import USERS


class Maker(NamedTuple):
    """The account that gave something out, as it is now."""

    active: bool
    role: str

    def may(self, permission: Permission) -> bool:
        """Return whether they have this permission now."""
        return self.active and role_of(self.role).may(permission)


def select_with_makers(table: Table, columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
    """Return a query of these columns, and behind them what read_maker() takes of who made each row."""
    made = table.outerjoin(USERS, USERS.c.name == table.c.created_by)
    return select(*columns, *USERS.c["active", "role"]).select_from(made)


def read_maker(active: bool | None, role: str | None) -> Maker | None:
    """Return the maker by their columns; None where it was made on the command line, by no account."""
    return None if active is None or role is None else Maker(active, role)

"""Who looks: a person with a role, a program with a token, or nobody in particular; and what each may do."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from fleet.errors import FleetError
from fleet.people_tables import Role


class Rank(IntEnum):
    """Roles in order: each includes those below it."""

    ANONYMOUS = 0
    TECHNICIAN = 1
    MANAGER = 2
    ADMIN = 3


_RANKS: Final = {Role.TECHNICIAN: Rank.TECHNICIAN, Role.MANAGER: Rank.MANAGER, Role.ADMIN: Rank.ADMIN}


class Forbidden(FleetError):
    """The viewer may not do that."""


@dataclass(frozen=True)
class Viewer:
    """Who asks for a page, an action or a route."""

    rank: Rank
    name: str = ""
    """What they sign in with, and the actor of what they do; "" for nobody in particular."""
    full_name: str = ""
    email: str = ""
    user_id: int | None = None
    session: str = ""
    """The token_hash of the session; "" without one."""
    csrf: str = ""
    must_change_password: bool = False
    """Somebody else has set it: nothing but a new one is open to them."""

    @property
    def sees_addresses(self) -> bool:
        """Whether hosts, serial numbers and contacts are shown."""
        return self.rank >= Rank.TECHNICIAN

    def require(self, rank: Rank) -> None:
        """Raise Forbidden unless the viewer has at least this rank."""
        if self.rank < rank:
            raise Forbidden(f"This needs the role {rank.name.lower()}: ask an administrator for it.")


ANONYMOUS: Final = Viewer(Rank.ANONYMOUS)


def rank_of(role: str) -> Rank:
    """The rank of a stored role; the lowest signed-in one where the name is not known."""
    return _RANKS.get(Role(role), Rank.TECHNICIAN) if role in set(Role) else Rank.TECHNICIAN

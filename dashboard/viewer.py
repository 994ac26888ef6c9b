"""Viewers: a person with a role, a program with a token, or somebody anonymous; and what each may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.contract.errors import UserError
from core.domain.permissions import NOBODY, Permission, Role, roles_with

CONFIRMED_FOR: Final = timedelta(minutes=15)
"""After this time, users, tokens and secrets are changed only by who proves again who they are."""


class Forbidden(UserError):
    """The viewer may not do that."""

    def __init__(self, sentence: str, viewer: "Viewer | None" = None) -> None:
        super().__init__(sentence)
        self.viewer = viewer


class ConfirmationNeeded(UserError):
    """The viewer has to prove again who they are before this is done."""


@dataclass(frozen=True)
class Viewer:
    """The person or program that asks for a page, an action or a route."""

    role: Role
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
    must_set_second_factor: bool = False
    """ADMIN_SECOND_FACTOR is set and they have none: nothing but setting it up is open to them."""
    method: str = ""
    """How they signed in: password, provider or proxy; "" without a session."""
    list_view: str = ""
    """How they want the list of printers (web/routes/list_view.py); "" where they have not said."""
    confirmed_at: datetime | None = None
    """When they last proved who they are."""

    @property
    def is_restricted(self) -> bool:
        """Whether nothing but their own account is open to them, until they have done what is asked there."""
        return self.must_change_password or self.must_set_second_factor

    def is_confirmed(self, now: datetime) -> bool:
        """Return whether they have proved who they are within CONFIRMED_FOR."""
        return self.confirmed_at is not None and now - self.confirmed_at <= CONFIRMED_FOR

    def require_confirmed(self, now: datetime) -> None:
        """Raise ConfirmationNeeded unless they have proved who they are within CONFIRMED_FOR."""
        if not self.is_confirmed(now):
            raise ConfirmationNeeded(
                "Confirm that it is you at the top of this page, then do this again: what you have entered "
                "is still there."
            )

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return self.role == NOBODY

    def may(self, permission: Permission) -> bool:
        """Return whether the viewer's role has this permission."""
        return self.role.may(permission)

    @property
    def sees_addresses(self) -> bool:
        """Whether addresses, serial numbers and printers' own words are shown to them."""
        return self.may(Permission.SEE_ADDRESSES)

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless the viewer has this permission."""
        if not self.may(permission):
            least = roles_with(permission)[0]
            raise Forbidden(f"This needs the role {least}: ask an administrator for it.", self)


ANONYMOUS: Final = Viewer(NOBODY)

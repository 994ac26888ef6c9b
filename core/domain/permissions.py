"""Permissions, and the roles that have them: a role is one entry of ROLES.

Pages, routes, actions and queries ask for a permission and never for a role. A role is added, or changed,
here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that can be done or seen."""

    SEE_PRINTERS = "see printers"
    REFRESH_PRINTERS = "refresh printers"
    REPORT_PROBLEMS = "report problems"
    OWN_ACCOUNT = "own account"
    """See and change one's own account."""
    SEE_ADDRESSES = "see addresses"
    """See hosts, serial numbers, contacts, and what printers say in words of their own."""
    WORK_ISSUES = "work issues"
    """See all issues, edit them and comment on them."""
    PRINT_LABELS = "print labels"
    READ_METRICS = "read metrics"
    CONFIRM_DEVICES = "confirm devices"
    """Take the device that answers for a printer's."""
    TRIAGE_ATTENTION = "triage attention"
    ANNOUNCE = "announce"
    """Say something to everybody who prints in a place."""
    USE_STOCK = "use stock"
    """See the purchase list and the stock, count shelves, take parts, say what has arrived."""
    ORDER_SUPPLIES = "order supplies"
    """Order, set prices and minimums, edit parts and store rooms."""
    SEE_REPORTS = "see reports"
    WATCH_SYSTEM = "watch system"
    """See the services and messages, dismiss services, send messages again."""
    MANAGE_INVENTORY = "manage inventory"
    MANAGE_USERS = "manage users"
    """Make and change accounts of any role: whoever has it can give themselves all of the others."""
    MANAGE_TOKENS = "manage tokens"
    """Make and revoke API tokens of any role: the same."""
    MANAGE_SCREENS = "manage screens"
    """Make and revoke the links of wall screens."""
    SEE_SETTINGS = "see settings"
    CHANGE_SETTINGS = "change settings"
    SEE_AUDIT = "see audit"


_SHOW_ADDRESSES: Final = frozenset(
    {
        Permission.CONFIRM_DEVICES,
        Permission.TRIAGE_ATTENTION,
        Permission.USE_STOCK,
        Permission.ORDER_SUPPLIES,
        Permission.WATCH_SYSTEM,
        Permission.MANAGE_INVENTORY,
        Permission.SEE_AUDIT,
    }
)
"""What cannot be done without SEE_ADDRESSES, because it is about them or about printers' own words."""


@dataclass(frozen=True)
class Role:
    """A named set of permissions. Raises ValueError where one of them needs another that is not there."""

    name: str
    """As it is stored, and given on the command line and in OIDC_ROLES."""
    title: str
    summary: str
    """What the role is for, after the title: `Technician: portal and issues`."""
    permissions: frozenset[Permission]

    def __post_init__(self) -> None:
        needing = self.permissions & _SHOW_ADDRESSES
        if needing and Permission.SEE_ADDRESSES not in self.permissions:
            names = ", ".join(sorted(needing))
            raise ValueError(f"the role {self.name}: {names} needs {Permission.SEE_ADDRESSES.value}")

    def may(self, permission: Permission) -> bool:
        """Return whether the role has this permission."""
        return permission in self.permissions


_EVERYBODY: Final = frozenset(
    {Permission.SEE_PRINTERS, Permission.REFRESH_PRINTERS, Permission.REPORT_PROBLEMS}
)
_TECHNICIAN: Final = _EVERYBODY | {
    Permission.OWN_ACCOUNT,
    Permission.SEE_ADDRESSES,
    Permission.WORK_ISSUES,
    Permission.PRINT_LABELS,
    Permission.READ_METRICS,
    Permission.CONFIRM_DEVICES,
    Permission.USE_STOCK,
}
_MANAGER: Final = _TECHNICIAN | {
    Permission.TRIAGE_ATTENTION,
    Permission.ANNOUNCE,
    Permission.ORDER_SUPPLIES,
    Permission.SEE_REPORTS,
    Permission.WATCH_SYSTEM,
}

NOBODY: Final = Role("anonymous", "Anonymous", "the portal, where it is public", _EVERYBODY)
"""The role of whoever is not signed in; where the portal is not public, the gate asks them to sign in."""

FIRST_ROLE: Final = "technician"
"""The role of a new account unless another one is chosen."""

_ENTRIES: Final = (
    Role("technician", "Technician", "portal, issues and stock", _TECHNICIAN),
    Role("manager", "Manager", "everything but administration", _MANAGER),
    Role("admin", "Admin", "everything", frozenset(Permission)),
)

ROLES: Final[dict[str, Role]] = {role.name: role for role in _ENTRIES}
"""The roles that accounts and API tokens can have, by name, in the order in which they are offered."""


def role_of(name: str) -> Role:
    """Return the role of a stored name; one that can do no more than anybody where it is not known."""
    return ROLES.get(name) or Role(
        name, name.capitalize(), "not known any more", _EVERYBODY | {Permission.OWN_ACCOUNT}
    )


def at_most(role: Role, limit: Role) -> Role:
    """Return what both roles may do: a role that was given out, held by somebody who may do less now."""
    if role.permissions <= limit.permissions:
        return role
    if limit.permissions <= role.permissions:
        return limit
    return Role(role.name, role.title, role.summary, role.permissions & limit.permissions)


def highest(names: Iterable[str]) -> Role:
    """Return the role with the most permissions; `names` has at least one."""
    return max(map(role_of, names), key=lambda role: len(role.permissions))


def roles_with(permission: Permission) -> tuple[str, ...]:
    """Return the names of the roles that have a permission, the one that can do least first."""
    found = [role for role in ROLES.values() if role.may(permission)]
    return tuple(role.name for role in sorted(found, key=lambda role: len(role.permissions)))


def role_titles() -> Mapping[str, str]:
    """Return what each role is called and for, by name, for those who choose one."""
    return {role.name: f"{role.title}: {role.summary}" for role in ROLES.values()}

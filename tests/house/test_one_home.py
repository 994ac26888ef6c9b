"""Each concept of the field has one home in core/domain; its rule is written nowhere else."""

import ast
from collections.abc import Iterator
from typing import get_args

from core.contract.messages import Fixer
from core.domain.permissions import ROLES, Permission
from tests.house.sources import PACKAGES, name_of, sources, tree_of

ROLES_BY_NAME = {
    "console/demo/accounts.py": "the demo has one account of each",
    "console/django/people.py": "another system's words for roles are translated",
}


def nodes(*homes: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node of our packages outside these files, with where it stands."""
    for path in sources(*PACKAGES):
        if name_of(path) not in homes:
            for node in ast.walk(tree_of(path)):
                yield f"{name_of(path)}:{getattr(node, 'lineno', 0)}", node


def test_pages_routes_and_actions_ask_for_permissions_and_never_for_a_role() -> None:
    homes = ("core/domain/permissions.py", *ROLES_BY_NAME)
    names = set(ROLES) - set(get_args(Fixer))  # who can mend something is called a technician, too
    named = [where for where, node in nodes(*homes) if isinstance(node, ast.Constant) and node.value in names]
    assert named == []


def test_a_permission_belongs_to_a_role_and_is_asked_for() -> None:
    asked = {
        node.attr
        for _, node in nodes("core/domain/permissions.py")
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Permission"
    }
    assert asked == {permission.name for permission in Permission}
    assert set(Permission) == set().union(*(role.permissions for role in ROLES.values()))

"""Each concept of the field has one home in core/domain; its rule is written nowhere else."""

import ast
import re
from collections.abc import Iterator
from functools import cache
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
    for name, found in _nodes().items():
        if name not in homes:
            yield from found


@cache
def _nodes() -> dict[str, list[tuple[str, ast.AST]]]:
    """Those of each file: all of the tests below look at them."""
    return {
        (name := name_of(path)): [
            (f"{name}:{getattr(node, 'lineno', 0)}", node) for node in ast.walk(tree_of(path))
        ]
        for path in sources(*PACKAGES)
    }


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


FRESHNESS = ("core/domain/freshness.py", "core/storage/freshness.py")


def test_when_a_printer_is_stale_and_a_service_silent_is_said_in_one_place() -> None:
    """No other file compares `stale_at`, has a limit of its own for silence, or writes the rule in SQL."""
    found = []
    for where, node in nodes(*FRESHNESS):
        if isinstance(node, ast.Compare) and "stale_at" in names_in(node):
            found.append(f"{where} compares stale_at")
        if isinstance(node, ast.Compare) and names_in(node) & {"believed_until", "SILENT_AFTER", "MAX_AHEAD"}:
            found.append(f"{where} has the rule of a time that is ahead, or of silence")
        limit = (
            "".join(names_in(node.target)) if isinstance(node, ast.AnnAssign) and is_time(node.value) else ""
        )
        if re.search(r"SILENT|STALE|AHEAD|FIRST_READING", limit):
            found.append(f"{where} has a limit of its own: {limit}")
    assert found == []


def is_time(value: ast.AST | None) -> bool:
    """Whether that is a number, or timedelta(...)."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float)
    return isinstance(value, ast.Call) and "timedelta" in names_in(value.func)


def names_in(tree: ast.AST) -> set[str]:
    """The names, attributes and subscripts by text that a piece of code has."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            found.add(str(node.slice.value))
    return found


REFUSED_OR_KEPT_AS_IT_IS = {
    "core/domain/inventory/fields.py": "a cell that is plain already is passed on at once",
    "core/domain/text.py": "the home",
    "core/storage/api_tokens.py": "a name with anything hidden is refused",
    "dashboard/web/gate/gate.py": "a path with anything hidden is refused",
    "dashboard/web/sign_in/forms.py": "so is an address to lead back to",
    "collector/capture/lines.py": "a recording has what is not plain as octets",
    "console/poll_view.py": "so has a value that is shown raw",
}


def test_text_from_elsewhere_is_cleaned_in_one_place() -> None:
    """No other file removes characters by their kind, or has a class of controls or of marks of direction."""
    found = []
    for where, node in nodes(*REFUSED_OR_KEPT_AS_IT_IS):
        if isinstance(node, ast.Attribute) and node.attr == "isprintable":
            found.append(f"{where} asks for characters that can be printed")
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if re.search(r"[\u202a-\u202e\u2066-\u2069]|\x1f-?\x7f|\\x1f\\x7f", text):
            found.append(f"{where} has a class of controls")
    assert found == []


IN_WORDS = {"counted", "number", "size", "lasting", "ago", "clock", "day_and_time", "moment", "duration"}
TIMES_OF_SERIES = "core/timeseries/points.py"
"""Its moment() is the time of a point, no words."""


def test_numbers_sizes_and_times_are_put_into_words_in_one_place() -> None:
    """No other file defines such a function, divides seconds into days, or octets into megabytes."""
    found = []
    for where, node in nodes("core/domain/units.py", TIMES_OF_SERIES):
        if isinstance(node, ast.FunctionDef) and node.name.strip("_") in IN_WORDS and returns_text(node):
            found.append(f"{where} has its own {node.name}()")
        if isinstance(node, ast.FormattedValue) and "1000000" in ast.unparse(node):
            found.append(f"{where} puts a size into words")
        if isinstance(node, ast.JoinedStr) and re.search(r" if \w+ == 1 else '\w*s'", ast.unparse(node)):
            found.append(f"{where} makes a plural")
    assert found == []


def returns_text(function: ast.FunctionDef) -> bool:
    """Whether that is what its annotation says."""
    return isinstance(function.returns, ast.Name) and function.returns.id == "str"


KNOW_ADDRESSES = {
    "core/domain/addresses.py": "the home",
    "core/domain/networks.py": "the home of networks",
    "core/domain/inventory/discovery_plan.py": "orders addresses, and asks whether a host is one",
    "collector/discovery/allowed_networks.py": "the networks of this machine, as the system tells them",
    "collector/capture/lines.py": "four octets of a recording",
    "collector/capture/anonymize.py": "words of a recording that look like addresses",
    "console/up/embedded.py": "the one address a broker listens at",
    "dashboard/web/gate/request_origin.py": "who is a trusted proxy is asked of the address as it came",
    "simulator/recording.py": "four octets of a recording",
}


def test_hosts_ports_and_addresses_are_read_in_one_place() -> None:
    """No other file parses an address, or takes HOST:PORT apart."""
    found = []
    for where, node in nodes(*KNOW_ADDRESSES):
        if isinstance(node, ast.Import) and any(alias.name == "ipaddress" for alias in node.names):
            found.append(f"{where} imports ipaddress")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "0-9a-f]{12}" in node.value:
            found.append(f"{where} reads a MAC address")
    assert found == []


def test_the_moment_is_asked_of_one_clock() -> None:
    asked = [
        where
        for where, node in nodes("core/runtime/wall_clock.py")
        if isinstance(node, ast.Call) and ast.unparse(node) == "datetime.now(UTC)"
    ]
    assert asked == []


def test_a_class_name_is_that_of_one_class() -> None:
    homes: dict[str, list[str]] = {}
    for where, node in nodes():
        if isinstance(node, ast.ClassDef):
            homes.setdefault(node.name, []).append(where)
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}

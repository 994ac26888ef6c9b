"""What tests share stands in plain modules: a file of tests is read by pytest alone."""

import ast

from tests.house.sources import name_of, sources, tree_of


def imported(tree: ast.Module) -> set[str]:
    """The last part of each module that a file imports, at its top or in a function."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} if (node.module or "").startswith("tests") else set()
            found |= {(node.module or "").rpartition(".")[2], *names}
        elif isinstance(node, ast.Import):
            found |= {alias.name.rpartition(".")[2] for alias in node.names}
    return found


def test_no_module_imports_from_a_file_of_tests() -> None:
    """Move what two files need into a module beside them whose name does not start with `test_`."""
    found = [
        f"{name_of(path)} imports {name}"
        for path in sources("tests")
        for name in sorted(imported(tree_of(path)))
        if name.startswith("test_") or name == "conftest"
    ]
    assert found == []

"""Docstrings that say what is raised name errors that exist."""

import ast
import builtins
import re
from collections.abc import Iterator
from typing import Final

from tests.house.sources import PACKAGES, name_of, sources, tree_of

RAISES: Final = re.compile(r"\b[Rr]aises? ((?:[A-Z]\w+(?:, and |, or |, | and | or )?)+)")


def test_every_error_that_a_docstring_names_is_a_class_of_ours_or_known_to_its_file() -> None:
    ours = {
        node.name
        for path in sources(*PACKAGES, "scripts")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
    }
    unknown = []
    for path in sources(*PACKAGES, "scripts"):
        known = ours | set(dir(builtins)) | imported_names(tree_of(path))
        for docstring in docstrings(tree_of(path)):
            named = {name for words in RAISES.findall(docstring) for name in re.findall(r"[A-Z]\w+", words)}
            unknown += [f"{name_of(path)}: {name}" for name in sorted(named - known)]
    assert unknown == []


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Yield the strings that stand alone, with a space for each line break."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield " ".join(str(node.value.value).split())


def imported_names(tree: ast.Module) -> set[str]:
    """Return the names that a file imports, from libraries too."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom))
    return {alias.asname or alias.name for node in imports for alias in node.names}

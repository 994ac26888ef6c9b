"""Our Python files, as the tests of the house read them."""

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.paths import ROOT

SERVICES = ("collector", "processor", "notifier", "dashboard", "console")
PACKAGES = ("core", "simulator", *SERVICES)
GENERATED = {"core/contract/mib_names.py"}


def sources(*folders: str) -> list[Path]:
    """Our Python files, without generated ones and without migrations, which are written once."""
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return [path for path in found if "migrations" not in path.parts and name_of(path) not in GENERATED]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def tracked(pattern: str = "") -> list[Path]:
    """The files of the project, by git where this is a clone, which knows what is run-time litter."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("this is no git clone: which files belong to the project is not known")
    command = ["git", "ls-files", "-z", *([pattern] if pattern else [])]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]

"""What the house rules say and no linter checks: who imports which library, nothing done at import."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.sources import PACKAGES, module_of, name_of, sources, tree_of
from tests.paths import ROOT

# What other libraries need of us without our importing it, each with its reason in pyproject.toml.
NEEDED_UNSEEN = {"psycopg", "tzdata"}
# Libraries that reach out of the process: one module of a package knows each.
EDGE_LIBRARIES = (
    *("alembic", "amqtt", "influxdb_client", "paho", "prometheus_client"),
    *("psutil", "psycopg", "pysnmp", "uvloop"),
    *("apprise", "jinja2", "schedule", "smtplib"),
)

# The folder that is named for a library in another way: reader and writer of its store stand together.
FOLDERS = {"influxdb_client": "influx"}


def libraries(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


_OPENING = re.compile(r'(?:#.*\n)*"""(.*?)(?:\n\n|""")', re.DOTALL)


def test_a_module_opens_with_a_sentence_saying_what_it_is_for() -> None:
    for path in sources(*PACKAGES, "scripts", "tests"):
        if text := path.read_text(encoding="utf-8").strip():
            opening = _OPENING.match(text)  # to parse all of them would take seconds
            assert opening, f"{name_of(path)} does not say what it is for"
            assert opening[1].strip().endswith((".", ":", "?")), f"{name_of(path)} opens with no sentence"


def test_the_contract_is_imported_piece_by_piece() -> None:
    assert (ROOT / "core" / "__init__.py").read_text(encoding="utf-8") == ""


def edge_of(path: Path, library: str) -> str:
    """The module that knows a library; where a folder is named for it, the folder."""
    folder = path.parent
    return name_of(folder if folder.name in {f"{library}_adapter", FOLDERS.get(library)} else path)


def test_each_library_of_the_outside_world_is_known_to_one_place_of_a_package() -> None:
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in sources(*PACKAGES):
        for library in libraries(path) & set(EDGE_LIBRARIES):
            users[name_of(path).split("/")[0], library].add(edge_of(path, library))
    assert {key: places for key, places in users.items() if len(places) > 1} == {}
    assert users.get(("core", "paho"), set()) <= {"core/runtime/mqtt_link.py"}


def test_what_is_imported_is_a_dependency_and_what_is_not_imported_is_none() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {Requirement(requirement).name for requirement in project["dependencies"]}
    distributions = packages_distributions()
    imported = {
        canonicalize_name(distribution)
        for path in sources(*PACKAGES)
        for library in libraries(path)
        for distribution in distributions.get(library, [])
    }
    assert imported - declared == set(), "add it to pyproject.toml and run scripts/lock.py"
    assert declared - imported == NEEDED_UNSEEN, "remove it from pyproject.toml and run scripts/lock.py"


WATCHED_IMPORT = """
import importlib, json, os, sys, threading
import pydantic
pydantic.create_model("First")  # pydantic looks for its plugins on disk when the first model is made
ours, modules = sys.argv[1], sys.argv[2:]
deeds = []
def watch(event, arguments):
    if event.startswith(("socket.", "sqlite3.", "subprocess.")) or event in {
        "open", "os.mkdir", "os.putenv", "os.remove", "os.rename"}:
        frame = sys._getframe(1)
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return  # the import of a module itself
        if event == "open" and str(arguments[0]).endswith(".py") and arguments[1] in {"r", "rb"}:
            return  # a decorator that reads the source of what it decorates (st.cache_data)
        # Whose module body is it that does this?
        while frame and frame.f_code.co_name != "<module>":
            frame = frame.f_back
        file = frame.f_code.co_filename if frame else ""
        if file.startswith(ours) and os.sep + ".venv" + os.sep not in file:
            deeds.append(f"{os.path.relpath(file, ours)}:{frame.f_lineno} {event} {arguments[:1]}")
def start(thread):
    deeds.append(f"thread {thread.name}")
threading.Thread.start = start
sys.addaudithook(watch)
for module in modules:
    importlib.import_module(module)
print(json.dumps(deeds))
"""


def test_nothing_happens_at_import() -> None:
    modules = [module_of(path) for path in sources(*PACKAGES, "scripts")]
    command = [sys.executable, "-c", WATCHED_IMPORT, str(ROOT), *modules]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == []
    # Streamlit warns where its caches are made outside of its server.
    assert [line for line in result.stderr.splitlines() if "No runtime found" not in line] == []


def test_the_watch_over_imports_sees_what_a_module_does(tmp_path: Path) -> None:
    lines = (
        "import socket, threading",
        "open('x', 'w').close()",
        "socket.socket().close()",
        "threading.Thread(target=print, name='worker').start()",
    )
    (tmp_path / "busy.py").write_text("\n".join(lines), encoding="utf-8")
    command = [sys.executable, "-c", WATCHED_IMPORT, str(tmp_path), "busy"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    deeds = json.loads(result.stdout)
    assert [deed.split("(")[0].strip() for deed in deeds] == [
        "busy.py:2 open",
        "busy.py:3 socket.__new__",
        "thread worker",
    ]

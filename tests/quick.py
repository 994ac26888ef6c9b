"""`--quick` leaves out what needs a server, a browser or another process, and stops whatever starts one.

A test is left out when it or a fixture of it leads to `subprocess` through the code of tests, when it is for
PostgreSQL, or when it has the mark `processes`: a command that it calls starts some.
"""

import inspect
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any, Final

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.postgres import database, fresh_postgres

FOLDERS: Final = ("browser", "pipeline")
"""They start whole services for everything: their files are not even read."""

SERVERS: Final = ("postgresql", "victoria")
"""Parameters by which a test asks for one."""

EXAMPLES: Final = 20
"""Of each test that has them generated."""

_STARTS: Final = {"subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec", "os.system"}
_LEADS_THERE: Final = (subprocess, fresh_postgres)


def is_quick(item: pytest.Item) -> bool:
    """Whether a test starts no process, as far as its code and its marks tell."""
    if not isinstance(item, pytest.Function) or item.get_closest_marker("processes"):
        return False
    given = item.callspec.params.values() if hasattr(item, "callspec") else ()
    if any(server in given for server in SERVERS):
        return False
    fixtures = [made.func for each in item._fixtureinfo.name2fixturedefs.values() for made in each]
    return not any(_starts_processes(each) for each in (item.function, *fixtures))


def _starts_processes(start: Callable[..., Any]) -> bool:
    """Whether a function leads to the module `subprocess`, by what it names of the code of tests."""
    seen: set[Any] = set()
    ahead: list[Any] = [start]
    while ahead:
        found = inspect.unwrap(ahead.pop())
        if found in seen or found in _harmless:
            continue
        seen.add(found)
        if inspect.isclass(found):
            ahead += [each for each in vars(found).values() if inspect.isfunction(each)]
        if not inspect.isfunction(found) or not found.__module__.startswith("tests."):
            continue
        for name in _names(found.__code__):
            value = found.__globals__.get(name)
            if name == "create_subprocess_exec" or any(value is each for each in _LEADS_THERE):
                return True
            values = value.values() if isinstance(value, dict) else (value,)
            ahead += [each for each in values if inspect.isroutine(each) or inspect.isclass(each)]
    _harmless.update(seen)
    return False


_harmless: set[Any] = {inspect.unwrap(database)}  # it starts PostgreSQL only where it is asked for that


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


def few_examples(items: list[pytest.Item]) -> None:
    """Give tests that ask for a number of generated examples at most as many as all others have."""
    for item in items:
        test = getattr(item, "obj", None)
        if is_hypothesis_test(test) and hasattr(test, _WANTED):
            wanted: settings = getattr(test, _WANTED)
            setattr(test, _WANTED, settings(wanted, max_examples=min(wanted.max_examples, EXAMPLES)))


_WANTED: Final = "_hypothesis_internal_use_settings"


def long_files_first(items: list[pytest.Item]) -> None:
    """Sort by files, so that no worker is left with a long one at the end: small ones fill the gaps."""
    slow: set[Path] = set()
    for item in items:
        if item.path not in slow and not is_quick(item):
            slow.add(item.path)

    def rank(item: pytest.Item) -> int:
        if item.path.name == "test_static_checks.py":
            return 0
        return 1 if item.path.parent.name in FOLDERS else 2 if item.path in slow else 3

    items.sort(key=rank)


class Guard:
    """Stops whatever starts a process while a test runs."""

    def __init__(self) -> None:
        self.test = ""
        self.elsewhere: list[str] = []
        sys.addaudithook(self._heard)  # Python has no way to take it back: it is idle outside of tests

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.test or event not in _STARTS:
            return
        what = repr(arguments[:2])[:200]
        said = f"{self.test} starts a process ({event} {what}): mark it with pytest.mark.processes."
        if threading.current_thread() is not threading.main_thread():
            self.elsewhere.append(said)
        pytest.fail(said, pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Listen while a test runs with its fixtures."""
        self.test = item.nodeid
        try:
            return (yield)
        finally:
            self.test = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Iterator[None]:
        """Fail a test of which another thread tried to start a process."""
        try:
            return (yield)
        finally:
            said, self.elsewhere = self.elsewhere, []
            if said:
                pytest.fail(said[0], pytrace=False)

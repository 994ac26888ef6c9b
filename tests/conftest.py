"""Every test runs in an empty folder, without the settings of the machine it runs on."""

import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine

from core.domain import passwords
from core.runtime.env_file import ENV_FILE_VARIABLE
from core.runtime.importing import importing
from core.runtime.settings import DatabaseSettings
from core.runtime.settings_doc import BLOCKS
from core.runtime.shutdown import LIFELINE_VARIABLE
from core.storage import database as storage
from tests import quick, schema
from tests.paths import MEMORY, TEMPORARY_ROOT
from tests.postgres import DATABASES, database

OURS: Final = {name.upper() for block in BLOCKS for name in block.model_fields}
"""The names of all settings."""

# The same examples each time, however slow the machine: a test fails for a change, not by chance. New ones
# are looked for by `--hypothesis-profile=search`.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.register_profile("quick", settings.get_profile("same"), max_examples=quick.EXAMPLES)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Know `--quick`."""
    parser.getgroup("printers", "Printer System").addoption(
        "--quick",
        action="store_true",
        help="only what needs no server, no browser and no other process, with few generated examples",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Put the folders of tests into memory; have whatever starts a process fail in quick tests."""
    # Images of containers often forbid it: then each worker would compile all tests, and each program of a
    # test all of ours, each time.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # What a shell starts in the background ignores Ctrl-C, and so would every program of a test.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if MEMORY.is_dir() and _can_hold_tests(MEMORY):
        os.environ.setdefault(TEMPORARY_ROOT, str(MEMORY))
    if config.getoption("quick"):
        settings.load_profile("quick")
        config.pluginmanager.register(quick.Guard())


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Have two workers a processor for `-n auto`: most of the time a test waits for a process."""
    return (os.cpu_count() or 1) * (1 if config.getoption("quick") else 2)


def _can_hold_tests(folder: Path) -> bool:
    """Whether there are 2 GB, and programs that a test writes can be run there."""
    if sys.platform != "linux":
        return False
    else:  # noqa: RET505 (types on other systems: these have neither function)
        found = os.statvfs(folder)
        return found.f_bavail * found.f_frsize > 2 * 2**30 and not found.f_flag & os.ST_NOEXEC


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not read the files of which no test is quick."""
    folder = collection_path.relative_to(config.rootpath / "tests").parts[:1]
    return True if config.getoption("quick") and folder and folder[0] in quick.FOLDERS else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not quick when asked to; begin with what takes long."""
    if config.getoption("quick"):
        kept = {item: quick.is_quick(item) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not kept[item]])
        items[:] = [item for item in items if kept[item]]
        quick.few_examples(items)
    else:
        quick.long_files_first(items)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Import the tests as a service its modules: they stay to the end."""
    with importing():
        return (yield)


@pytest.fixture(autouse=True)
def clean_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env, no settings, no data of a developer reach a test."""
    for variable in list(os.environ):
        if variable.upper().removesuffix("_FILE") in OURS or variable == LIFELINE_VARIABLE:
            monkeypatch.delenv(variable)
    monkeypatch.setenv(ENV_FILE_VARIABLE, "")  # set, so that what a command makes of it ends with the test
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=DATABASES)
def database_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseSettings]:
    """An empty database, of each kind in turn."""
    with database(request.param, tmp_path) as settings:
        yield settings


@pytest.fixture
def engine(database_settings: DatabaseSettings) -> Iterator[Engine]:
    """The database, opened."""
    engine = storage.open_database(database_settings)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def shared_schema() -> Iterator[schema.Upgrade]:
    """New SQLite databases are copied: migrating each takes 0.1 s, and there are more than a thousand."""
    with schema.shared() as upgrade:
        yield upgrade


@pytest.fixture
def real_migrations(shared_schema: schema.Upgrade, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migrations themselves, for tests about them."""
    monkeypatch.setattr(storage, "upgrade", shared_schema)


@pytest.fixture(scope="session")
def real_hasher() -> Callable[[], PasswordHash]:
    """What makes and checks hashes of passwords outside of tests, for those about it."""
    return passwords._hasher


@pytest.fixture(scope="session", autouse=True)
def cheap_hashes(real_hasher: Callable[[], PasswordHash]) -> Iterator[None]:
    """Hash passwords by the same method with its lowest parameters: the real ones take 20 ms each time."""
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", lambda: hasher)
        yield

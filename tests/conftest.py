"""Every test runs in an empty folder, without the settings of the machine it runs on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from core.runtime.env_file import ENV_FILE_VARIABLE
from core.runtime.settings_doc import BLOCKS
from core.runtime.shutdown import LIFELINE_VARIABLE
from core.storage import database
from tests import schema

# The same examples each time, however slow the machine: a test fails for a change, not by chance. New ones
# are looked for by `--hypothesis-profile=search`.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def clean_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env, no settings, no data of a developer reach a test."""
    ours = {name.upper() for block in BLOCKS for name in block.model_fields}
    for variable in list(os.environ):
        if variable.upper().removesuffix("_FILE") in ours or variable == LIFELINE_VARIABLE:
            monkeypatch.delenv(variable)
    monkeypatch.setenv(ENV_FILE_VARIABLE, "")  # set, so that what a command makes of it ends with the test
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def copied_schema() -> Iterator[schema.Migrate]:
    """New SQLite databases are copied: migrating each takes 0.1 s, and there are more than a thousand."""
    with schema.copied() as migrate:
        yield migrate


@pytest.fixture
def real_migrations(copied_schema: schema.Migrate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migrations themselves, for tests about them."""
    monkeypatch.setattr(database, "_migrate", copied_schema)

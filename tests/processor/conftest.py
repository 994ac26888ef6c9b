"""Databases and brokers of both kinds for the processor's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database
from tests.brokers import BROKERS, BrokerProcess, mosquitto
from tests.postgres import DATABASES, database


@pytest.fixture(params=DATABASES)
def database_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseSettings]:
    """An empty database, of each kind in turn."""
    with database(request.param, tmp_path) as settings:
        yield settings


@pytest.fixture
def engine(database_settings: DatabaseSettings) -> Iterator[Engine]:
    """The database, opened."""
    engine = open_database(database_settings)
    yield engine
    engine.dispose()


@pytest.fixture(params=list(BROKERS))
def broker(request: pytest.FixtureRequest) -> Iterator[BrokerProcess]:
    """A broker, of each kind in turn."""
    with BROKERS[request.param]() as running:
        yield running


@pytest.fixture
def one_broker() -> Iterator[BrokerProcess]:
    """A broker, of the usual kind."""
    with mosquitto() as running:
        yield running

"""Brokers of both kinds for the processor's tests."""

from collections.abc import Iterator

import pytest

from tests.brokers import BROKERS, BrokerProcess, mosquitto


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

"""Importing without searching for garbage."""

import gc

import pytest

from core.runtime.importing import importing


@pytest.fixture(params=[True, False])
def searched(request: pytest.FixtureRequest) -> bool:
    """Whether garbage is searched for before."""
    return bool(request.param)


def test_nothing_is_searched_meanwhile_and_afterwards_it_is_as_before(searched: bool) -> None:
    if not searched:
        gc.disable()
    try:
        with importing():
            assert not gc.isenabled()
        assert gc.isenabled() == searched
        with pytest.raises(ImportError), importing():
            raise ImportError("it is not installed")
        assert gc.isenabled() == searched
    finally:
        gc.enable()

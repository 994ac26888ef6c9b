"""What tests of the manager's pages begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.app_context import AppContext
from tests.dashboard.drawing import troubled


@pytest.fixture
def app_context(tmp_path: Path) -> Iterator[AppContext]:
    """A dashboard on the college in trouble."""
    with troubled(tmp_path) as made:
        yield made

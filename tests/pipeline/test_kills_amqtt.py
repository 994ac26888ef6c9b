"""kill -9 of anything at any time loses nothing and doubles nothing: with amqtt, which forgets everything."""

from pathlib import Path

import pytest

from tests.pipeline.kills import run
from tests.postgres import DATABASES


@pytest.mark.parametrize("kind", DATABASES)
def test_with_the_embedded_time_series(kind: str, tmp_path: Path) -> None:
    run(tmp_path, "amqtt", kind)

"""kill -9 of anything at any time loses nothing and doubles nothing: with mosquitto, on SQLite."""

from pathlib import Path

from tests.pipeline.kills import run


def test_with_the_embedded_time_series(tmp_path: Path) -> None:
    run(tmp_path, "mosquitto", "sqlite")

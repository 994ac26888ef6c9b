"""kill -9 of anything at any time loses nothing: with amqtt, which forgets all, on PostgreSQL."""

from pathlib import Path

from tests.pipeline.kills import run


def test_with_victoria_metrics(tmp_path: Path) -> None:
    run(tmp_path, "amqtt", "postgresql", victoria=True)

"""Thresholds that are changed while the processor runs: the next readings are judged by them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.storage.database import writing
from core.storage.stored_settings import change_settings
from tests.brokers import mosquitto
from tests.patience import until
from tests.postgres import DATABASES, database
from tests.processor.service_parts import Client, client, prepared, processor, recent

STATE = "printers/p-1/state"


def flags(collector: Client) -> set[str]:
    return {
        flag["code"] for flag in json.loads(collector.retained.get(STATE, b'{"attention": []}'))["attention"]
    }


@pytest.mark.parametrize("kind", DATABASES)
def test_a_threshold_counts_from_the_next_reading_on(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with database(kind, tmp_path) as settings:
        engine = prepared(settings)
        with mosquitto() as broker, client(broker.port) as collector, processor(settings, broker.port):
            collector.send_until_receipted([recent(1, "p-1", level=40)])
            until(lambda: collector.of(STATE), "a state")
            assert flags(collector) == set()
            with writing(engine) as connection:
                change_settings(connection, {"SUPPLY_LOW_PERCENT": "50"}, actor="ada", now=datetime.now(UTC))
            until(lambda: "settings were changed: SUPPLY_LOW_PERCENT" in caplog.text, "it is noticed")
            collector.send_until_receipted([recent(2, "p-1", level=39)])
            until(lambda: flags(collector) == {"supply_low"}, "a flag by the new threshold")
        engine.dispose()

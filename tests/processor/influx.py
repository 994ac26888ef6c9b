"""A real InfluxDB for tests: the one that TEST_INFLUXDB_URL names, with buckets of our own.

TEST_INFLUXDB_TOKEN is a token that may make buckets and tasks in TEST_INFLUXDB_ORG (default: printers).
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient
from pydantic import SecretStr

from core.runtime.settings import HistorySettings
from core.timeseries.influx.layout import daily_bucket
from core.timeseries.influx.setup import set_up


def server_settings(url: str, **values: Any) -> HistorySettings:
    """Settings for a server of that API."""
    given: dict[str, Any] = {"influxdb_token": SecretStr("t"), "influxdb_confirm_seconds": 0.0}
    return HistorySettings(influxdb_url=url, **given | values)


@contextmanager
def influx() -> Iterator[HistorySettings]:
    """Buckets and tasks that are removed again; skips where no server is named."""
    url, token = os.environ.get("TEST_INFLUXDB_URL"), os.environ.get("TEST_INFLUXDB_TOKEN", "")
    if not url:
        pytest.skip("TEST_INFLUXDB_URL names no InfluxDB")
    settings = server_settings(
        url,
        influxdb_token=SecretStr(token),
        influxdb_org=os.environ.get("TEST_INFLUXDB_ORG", "printers"),
        influxdb_bucket=f"test-{uuid.uuid4().hex[:12]}",
    )
    list(set_up(settings))
    try:
        yield settings
    finally:
        with InfluxDBClient(url=url, token=token, org=settings.influxdb_org) as client:
            for name in (settings.influxdb_bucket, daily_bucket(settings)):
                client.buckets_api().delete_bucket(client.buckets_api().find_bucket_by_name(name))
            for task in client.tasks_api().find_tasks(name=f"{settings.influxdb_bucket}: days"):
                client.tasks_api().delete_task(task.id)

"""Buckets and tasks of InfluxDB: what `printers influx setup` looks at, makes and changes."""

from typing import Any, Final

from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules
from influxdb_client.domain.task_create_request import TaskCreateRequest
from influxdb_client.domain.task_update_request import TaskUpdateRequest

from core.runtime.settings import HistorySettings
from core.timeseries.influx.client import NOT_FOUND, Answered, open_client, told

_TIMEOUT_MILLISECONDS: Final = 600_000
"""Scripts that sum up a month of points take long."""
_DAY_SECONDS: Final = 86_400


class InfluxServer:
    """Buckets and tasks of the server; every call raises TimeSeriesUnavailable."""

    def __init__(self, settings: HistorySettings) -> None:
        self._where = settings.influxdb_url or ""
        self._org = settings.influxdb_org
        self._client = open_client(settings, _TIMEOUT_MILLISECONDS)

    def kept_days(self, bucket: str) -> int | None:
        """Return how many days a bucket keeps points, 0 for ever; None where there is no such bucket."""
        found = self._bucket(bucket)
        if found is None:
            return None
        return int(sum(rule.every_seconds for rule in found.retention_rules)) // _DAY_SECONDS

    def make_bucket(self, bucket: str, days: int) -> None:
        """Make a bucket."""
        with told(self._where):
            self._client.buckets_api().create_bucket(
                bucket_name=bucket, retention_rules=_retention(days), org=self._org
            )

    def keep_days(self, bucket: str, days: int) -> None:
        """Change how long a bucket keeps points."""
        found = self._bucket(bucket)
        if found is not None:
            found.retention_rules = [_retention(days)]
            with told(self._where):
                self._client.buckets_api().update_bucket(found)

    def put_task(self, name: str, script: str) -> str:
        """Make the task of that name, or bring it up to date: made, changed or unchanged."""
        api: Any = self._client.tasks_api()  # its methods are not annotated
        with told(self._where):
            found = [task for task in api.find_tasks(name=name, org=self._org) if task.name == name]
            if not found:
                api.create_task(task_create_request=TaskCreateRequest(org=self._org, flux=script))  # type: ignore[no-untyped-call]
                return "made"
            if found[0].flux == script:
                return "unchanged"
            api.update_task_request(found[0].id, TaskUpdateRequest(flux=script))  # type: ignore[no-untyped-call]
            return "changed"

    def run(self, script: str) -> None:
        """Run a script that writes."""
        with told(self._where):
            self._client.query_api().query_raw(script).read()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call]

    def _bucket(self, name: str) -> Any:
        try:
            with told(self._where):
                api: Any = self._client.buckets_api()  # its methods are not annotated
                found = api.find_buckets(name=name, org=self._org).buckets
        except Answered as answer:
            if answer.status == NOT_FOUND:
                return None
            raise
        return next((bucket for bucket in found if bucket.name == name), None)


def _retention(days: int) -> BucketRetentionRules:
    return BucketRetentionRules(type="expire", every_seconds=days * _DAY_SECONDS)  # type: ignore[no-untyped-call]

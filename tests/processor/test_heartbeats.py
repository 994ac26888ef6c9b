"""Heartbeats as the System page will see them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from core.contract.messages import Presence
from core.runtime.mqtt_link import MqttLink
from processor.heartbeats import MOST_INSTANCES, Heartbeats
from processor.tables import SERVICES
from tests.processor.making import documents, rows

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class Wire:
    """Only what Heartbeats uses of a connection."""

    prefix = "printers"

    def __init__(self) -> None:
        self.connects: list[Callable[[], None]] = []

    def on_connect(self, callback: Callable[[], None]) -> None:
        self.connects.append(callback)


@pytest.fixture
def heartbeats(engine: Engine) -> Heartbeats:
    return Heartbeats(engine, cast(MqttLink, Wire()))


def beat(heartbeats: Heartbeats, status: str = "online", **fields: Any) -> Presence | None:
    fields = {
        "service": "collector",
        "instance": "a",
        "at": LONG_AGO,
        "site": "main",
        "counters": {"n": 1.0},
    } | fields
    payload = Presence(status=status, **fields).model_dump_json().encode()  # type: ignore[arg-type]
    return heartbeats.arrived(f"printers/$sites/{fields['site']}/presence/{fields['instance']}", payload)


def stored(engine: Engine) -> dict[str, Any]:
    (row,) = rows(engine, SERVICES)
    return dict(row)


def is_fresh(at: datetime) -> bool:
    return datetime.now(UTC) - at < timedelta(minutes=1)


def test_a_retained_heartbeat_of_long_ago_is_not_taken_for_a_live_one(
    heartbeats: Heartbeats, engine: Engine
) -> None:
    beat(heartbeats)
    heartbeats.step()
    assert stored(engine)["seen_at"] == LONG_AGO
    beat(heartbeats)  # live, whatever the clock over there says
    heartbeats.step()
    assert is_fresh(stored(engine)["seen_at"])


def test_a_will_is_stored_with_the_last_counters(heartbeats: Heartbeats, engine: Engine) -> None:
    assert beat(heartbeats) is not None
    assert beat(heartbeats, counters={"n": 2.0}) is None
    heartbeats.step()
    gone = beat(heartbeats, "offline", counters={})
    assert gone is not None and gone.status == "offline"
    heartbeats.step()
    row = stored(engine)
    assert (row["status"], documents([row["counters"]])) == ("offline", [{"n": 2.0}])
    assert is_fresh(row["seen_at"])


def test_a_service_that_comes_back_is_news(heartbeats: Heartbeats) -> None:
    beat(heartbeats)
    beat(heartbeats, "offline", counters={})
    assert beat(heartbeats) is not None
    assert beat(heartbeats, counters={}) is not None  # the greeting of a new connection


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b'{"service":"x"}'])
def test_what_is_no_presence_is_ignored(heartbeats: Heartbeats, engine: Engine, payload: bytes) -> None:
    assert heartbeats.arrived("printers/$sites/main/presence/a", payload) is None
    heartbeats.step()
    assert rows(engine, SERVICES) == []


def test_a_presence_speaks_for_its_own_topic_only(heartbeats: Heartbeats, engine: Engine) -> None:
    assert beat(heartbeats, service="processor") is None
    heartbeats.step()
    assert rows(engine, SERVICES) == []


def test_instances_without_end_fill_neither_memory_nor_table_and_take_no_place_of_others(
    heartbeats: Heartbeats, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(MOST_INSTANCES + 100):
        beat(heartbeats, instance=f"made-up-{number}")
    assert beat(heartbeats, "offline", instance="made-up-0") is not None
    assert beat(heartbeats, site="library") is not None
    heartbeats.step()
    assert len(rows(engine, SERVICES)) == MOST_INSTANCES + 1
    assert [record.getMessage() for record in caplog.records] == [
        "more than 50 instances of collector of the site main report; new ones are ignored"
    ]


def test_the_collector_of_a_site_says_nothing_about_that_of_another(
    heartbeats: Heartbeats, engine: Engine
) -> None:
    beat(heartbeats)
    claimed = Presence(service="collector", instance="a", site="main", status="offline", at=LONG_AGO)
    payload = claimed.model_dump_json().encode()
    assert heartbeats.arrived("printers/$sites/library/presence/a", payload) is None
    assert heartbeats.arrived("printers/$services/collector/a", payload) is None
    assert beat(heartbeats, "offline", site="library") is not None  # of one name, at another site
    heartbeats.step()
    assert sorted(rows(engine, SERVICES, "site", "status")) == [("library", "offline"), ("main", "online")]

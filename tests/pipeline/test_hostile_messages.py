"""Messages that somebody forged: each is stored or refused on its own, and nothing else waits for it."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import MqttSettings, RuleSettings
from core.storage.database import reading
from core.storage.fleet_states import read_states
from core.storage.services import read_services
from processor.batch.batches import Batches, BatchLimits
from processor.batch.inbox import Arrival
from processor.counters import Counters
from processor.heartbeats import Heartbeats
from processor.publish.rejected import Rejections
from tests.processor.making import add_printers, varbinds

_HUGE = 10**40
_ESCAPES = "\x00\x1b[2J\x07\r\n\u202e\u2028" * 20
_OCTETS = (_ESCAPES.encode() + b"\xed\xa0\x80\xff").hex()
_LONG_INDEX = "1." * 3000 + "1"


def _link() -> MqttLink:
    return MqttLink(MqttSettings(mqtt_host="127.0.0.1"), "processor", "test")


def _rows(index: str, count: int = 1) -> dict[str, Any]:
    """Everything a printer could say about supplies and alerts, at its worst."""
    made: dict[str, Any] = {}
    for number in range(count):
        row = f"{index}{number}" if count > 1 else index
        for column, oid in COLUMN_OID.items():
            if column.startswith(("prtMarkerSupplies", "prtAlert", "prtInput", "prtCover")):
                made[f"{oid}.{row}"] = _OCTETS if column.endswith(("Description", "Name")) else number % 9
        made[f"{COLUMN_OID['prtMarkerSuppliesLevel']}.{row}"] = 0
        made[f"{COLUMN_OID['prtMarkerSuppliesMaxCapacity']}.{row}"] = 100
        made[f"{COLUMN_OID['prtAlertSeverityLevel']}.{row}"] = 3
        made[f"{COLUMN_OID['prtAlertCode']}.{row}"] = 8
    return made


_FORGED: tuple[dict[str, Any], ...] = (
    {"seq": _HUGE},
    {"seq": 2**63},
    {"duration_ms": _HUGE},
    {"interval_seconds": 1e308},
    {"interval_seconds": -1e308},
    {"interval_seconds": float("nan")},
    {"interval_seconds": float("inf")},
    {"taken_at": "0001-01-01T00:00:00+14:00"},
    {"taken_at": "9999-12-31T23:59:59-14:00"},
    {"reachable": False, "error": _ESCAPES},
    {"reachable": False, "error": "x" * 100_000},
    {"refresh_id": _ESCAPES},
    {"id": "\x00\x1b[2J"},
    {"site": "../../x"},
    {"varbinds": {"\x00": 1, "x": "zz", f"{COLUMN_OID['prtMarkerSuppliesLevel']}.1.1": "zz"}},
    {"varbinds": _rows("1.1")},
    {"varbinds": _rows("1.", 200)},
    {"varbinds": _rows(_LONG_INDEX)},
    {"varbinds": _rows(f"1.{_HUGE}")},
    {"varbinds": {f"{COLUMN_OID['prtMarkerSuppliesLevel']}.1.1": _HUGE}},
    {"tables": {"\x00" * 50: "complete"}},
)


def _arrival(number: int, **changes: Any) -> Arrival:
    now = datetime.now(UTC)
    fields = {
        "id": f"r-{number}",
        "printer_id": "lib-1",
        "site": "main",
        "seq": number,
        "taken_at": (now + timedelta(milliseconds=number)).isoformat(),
        "reachable": True,
        "tables": dict.fromkeys(POLL_TABLES, "complete"),
        "varbinds": varbinds(),
    }
    return Arrival("printers/lib-1/reading/main", json.dumps(fields | changes).encode(), now)


def _batches(engine: Engine) -> Batches:
    link = _link()
    limits = BatchLimits(RuleSettings())
    return Batches(engine, link, limits, Rejections(engine, link), Counters())


@pytest.mark.parametrize("forged", _FORGED, ids=lambda forged: f"{next(iter(forged))}")
def test_a_forged_reading_holds_up_no_other(engine: Engine, forged: dict[str, Any]) -> None:
    """Readings before and after it, also in its batch, are committed."""
    add_printers(engine, "lib-1")
    batches, stopping = _batches(engine), threading.Event()
    giving_up = threading.Timer(20, stopping.set)
    giving_up.start()
    for first in (0, 10, 20):  # several in a row, so that flags become issues
        outcome = batches.handle(
            [_arrival(first), _arrival(first + 1, **forged), _arrival(first + 2)], stopping
        )
        ids = {stored.reading.id for stored in outcome.stored}
        assert {f"r-{first}", f"r-{first + 2}"} <= ids
    last = batches.handle([_arrival(30, **forged), _arrival(31, **forged), _arrival(32)], stopping)
    giving_up.cancel()
    assert "r-32" in {stored.reading.id for stored in last.stored}
    with reading(engine) as connection:
        state = read_states(connection, datetime.now(UTC))[0]
    assert "\x1b" not in json.dumps(state.as_json(), ensure_ascii=False)


_FORGED_PRESENCES: tuple[dict[str, Any], ...] = (
    {"at": "0001-01-01T00:00:00+14:00"},
    {"at": "9999-12-31T23:59:59-14:00"},
    {"started_at": "0001-01-01T00:00:00+14:00"},
    {"started_at": "9999-12-31T23:59:59-14:00"},
    {"site": _ESCAPES},
    {"site": "x" * 100_000},
    {"version": _ESCAPES},
    {"instance": _ESCAPES},
    {"counters": {"a": float("nan"), "b": float("inf")}},
    {"counters": {_ESCAPES: 1.0}},
    {"counters": {str(number): 1.0 for number in range(20_000)}},
)


@pytest.mark.parametrize("forged", _FORGED_PRESENCES, ids=lambda forged: f"{next(iter(forged))}")
def test_a_forged_presence_holds_up_no_other(engine: Engine, forged: dict[str, Any]) -> None:
    """Another service's heartbeat is stored beside it, now and later."""
    heartbeats = Heartbeats(engine, _link())
    now = datetime.now(UTC).isoformat()
    fields: dict[str, Any] = {"service": "collector", "instance": "evil", "site": "main", "status": "online"}
    fields |= {"at": now, "counters": {"a": 1}}
    bad = fields | forged
    heartbeats.arrived(f"printers/$sites/main/presence/{bad['instance']}", json.dumps(bad).encode())
    good = fields | {"instance": "good", "at": now}
    heartbeats.arrived("printers/$sites/main/presence/good", json.dumps(good).encode())
    heartbeats.step()
    with reading(engine) as connection:
        lives = {life.instance: life for life in read_services(connection)}
    assert lives["good"].counters == {"a": 1}
    shown = "".join(f"{life.instance}{life.site}{life.counters}" for life in lives.values())
    assert "\x1b" not in shown
    assert len(shown) < 20_000

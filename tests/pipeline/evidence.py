"""What is left when everything has settled: the history, the snapshots, what others were told."""

import json
import sqlite3
import threading
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine, func, select
from sqlmodel import SQLModel

from console.broker.credentials import BrokerCredentials
from core.storage.database import reading
from core.storage.tables import Outbox, Snapshot
from tests.console.embedded import eventually
from tests.patience import PATIENCE_SECONDS

Points = Counter[tuple[str, int]]
"""How often each (printer_id, milliseconds) is in the history."""


def embedded_points(data: Path) -> Points:
    """What the embedded time series holds."""
    with closing(sqlite3.connect(f"file:{data / 'history.sqlite3'}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT printers.printer_id, points.at FROM points JOIN printers ON printers.id = points.printer"
        )
        return Counter((printer_id, at) for printer_id, at in rows)


def victoria_points(url: str) -> Points:
    """What victoria-metrics holds, by its export."""
    urllib.request.urlopen(f"{url}/internal/force_flush", timeout=PATIENCE_SECONDS).read()  # noqa: S310 (ours, on loopback)
    query = urllib.parse.urlencode({"match[]": "printer_state_code"})
    found: Points = Counter()
    with urllib.request.urlopen(f"{url}/api/v1/export?{query}", timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
        for line in answer:
            series = json.loads(line)
            found.update((series["metric"]["printer_id"], at) for at in series["timestamps"])
    return found


def rows(engine: Engine, table: type[SQLModel]) -> int:
    """How many rows a table has."""
    with reading(engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def outbox_rows(engine: Engine) -> int:
    """Points on their way."""
    return rows(engine, Outbox)


def snapshots(engine: Engine) -> dict[str, Any]:
    """Snapshot rows by printer."""
    table = SQLModel.metadata.tables[str(Snapshot.__tablename__)]
    with reading(engine) as connection:
        return {row.printer_id: row for row in connection.execute(select(table))}


def retained_states(credentials: BrokerCredentials, count: int) -> dict[str, Any]:
    """The states other systems are told, by printer."""
    states: dict[str, Any] = {}
    ready = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="evidence")
    client.username_pw_set("reader", credentials.passwords["reader"])

    def take(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        states[message.topic.split("/")[1]] = json.loads(bytes(message.payload))
        if len(states) >= count:
            ready.set()

    client.on_message = take
    client.connect(credentials.host, credentials.port)
    client.subscribe("printers/+/state", qos=1)
    client.loop_start()
    ready.wait(PATIENCE_SECONDS)
    client.disconnect()
    client.loop_stop()
    return states


def settled(points: Callable[[], Points], wanted: Points, seconds: float) -> Points:
    """The points once all that are wanted are there, or when the time is over."""
    return (
        eventually(lambda: found if wanted.keys() <= (found := points()).keys() else None, seconds)
        or points()
    )

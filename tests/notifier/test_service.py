"""The whole service: a summary that is due leaves by mail, the broker sees it come and go."""

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.brokers import mosquitto
from tests.builders import printer, put
from tests.notifier.making import flag, outbox, store
from tests.notifier.processes import notifier
from tests.notifier.smtp_servers import Mailbox, mail_server
from tests.patience import until
from tests.processor.service_parts import client

PRESENCE = "printers/$services/notifier/test"


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends a process there without a word")
def test_what_is_due_is_sent_and_presence_has_its_counters(tmp_path: Path) -> None:
    data_dir, mailbox, now = tmp_path / "data", Mailbox(), datetime.now(UTC)
    with (
        store("sqlite", data_dir) as (engine, _),
        mosquitto() as broker,
        mail_server(mailbox) as port,
        client(broker.port) as listener,
    ):
        put(engine, printer("lib", created_at=now - timedelta(days=9)))
        put(engine, flag("lib", "jam", since_at=now - timedelta(hours=1)))
        settings = {
            "MQTT_HOST": "127.0.0.1",
            "MQTT_PORT": str(broker.port),
            "ISSUE_SUMMARY_RECIPIENT": "lead@example.org",
            "NOTIFY_URLS": "desk@example.org",
        }
        with notifier(data_dir, port, **settings) as one:
            until(lambda: len(mailbox.received) == 2, "the summary and a notice")
            until(lambda: len(outbox(engine, status="sent")) == 2, "a record of both")
            until(lambda: "sent" in counters(listener.retained), "a heartbeat with counters")
            assert counters(listener.retained)["failed"] == 0
            assert one.process is not None
            os.kill(one.process.pid, signal.SIGTERM)
            assert one.process.wait(30) == 0
            until(lambda: b'"offline"' in listener.retained[PRESENCE], "a goodbye")
    assert {row["kind"] for row in outbox(engine)} == {"summary", "digest"}


def counters(retained: dict[str, bytes]) -> dict[str, float]:
    presence = json.loads(retained.get(PRESENCE, b"{}"))
    found: dict[str, float] = presence.get("counters", {})
    return found

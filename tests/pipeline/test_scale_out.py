"""More of everything: processors that share the readings, collectors that have a site each."""

import csv
import json
import random
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from console.broker.credentials import broker_folder, write_private
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, reading
from core.storage.fleet_states import read_states
from processor.batch.inbox import BatchSize
from processor.tables import ATTENTION, ISSUES
from tests.brokers import mosquitto
from tests.console.embedded import end, eventually, start
from tests.patience import until
from tests.pipeline.plant import Plant, agents, plant
from tests.postgres import database
from tests.processor.making import JAMMED, rows
from tests.processor.service_parts import (
    PRINTERS,
    are_online,
    client,
    history_is_whole,
    newest_are_stored,
    prepared,
    processor,
    processor_process,
    recent,
)

SHARING = {"PROCESSOR_GROUP": "processors"}
SMALL = BatchSize(40, 0.01)


def test_processors_of_a_group_share_readings_and_one_that_is_killed_loses_and_doubles_nothing(
    tmp_path: Path,
) -> None:
    with database("postgresql", tmp_path) as settings, mosquitto() as broker:
        engine = prepared(settings)
        jams = [recent(n, printer, bits=JAMMED) for n in range(60) for printer in PRINTERS]
        shared, rest = jams[:200], jams[200:]
        random.Random(3).shuffle(rest)
        with (
            processor_process(settings, broker.port, SMALL, INSTANCE="one", **SHARING) as one,
            processor(settings, broker.port, SMALL, INSTANCE="two", **SHARING),
            client(broker.port) as other,
        ):
            until(lambda: are_online(other, "one", "two"), "two processors")
            time.sleep(1)  # online is said before the broker has taken the subscription
            other.send(*shared)
            until(lambda: not other.unreceipted(shared), "receipts of both")
            assert set(Counter(other.stored).values()) == {1}, "each reading goes to one of them"
            sender = threading.Thread(target=other.send_until_receipted, args=(rest,))
            sender.start()
            time.sleep(0.8)
            one.kill()
            sender.join()
            newest_are_stored(engine, 60)
            assert len(rows(engine, ATTENTION)) == len(rows(engine, ISSUES)) == len(PRINTERS)
            history_is_whole(engine, settings.data_dir, len(jams))
            assert other.refused == {}
        engine.dispose()


def parted(inventory: Path) -> dict[str, str]:
    """The inventory with every second printer at the site `annex`; each one's site."""
    with inventory.open(encoding="utf-8-sig", newline="") as file:
        printers = list(csv.DictReader(file))
    for number, printer in enumerate(printers):
        printer["site"] = "annex" if number % 2 else "main"
    with inventory.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, printers[0].keys())
        writer.writeheader()
        writer.writerows(printers)
    return {printer["printer_id"]: printer["site"] for printer in printers}


def states(built: Plant) -> dict[str, Any]:
    engine = open_database(built.database)
    with reading(engine) as connection:
        found = read_states(connection, datetime.now(UTC))
    engine.dispose()
    return {state.printer_id: state.as_json() for state in found}


def test_every_site_has_a_collector_of_its_own_and_one_that_is_gone_is_that_sites_matter(
    tmp_path: Path,
) -> None:
    settings = DatabaseSettings(data_dir=tmp_path / "data")
    with plant(tmp_path, "mosquitto", settings) as built, agents(tmp_path, 6) as inventory:
        sites = parted(inventory)
        built.settings |= {"SNMP_POLL_INTERVAL_SECONDS": "3", "SNMP_TIMEOUT": "3"}
        built.command("import", str(inventory))
        kept = json.dumps({"host": "127.0.0.1", "port": 1, "passwords": {"collector-annex": "of the annex"}})
        write_private(broker_folder(built.data) / "credentials.json", kept)
        built.start("broker")
        built.wait_for_broker()
        built.start("processor")
        collectors, users = {}, {"main": "collector", "annex": "collector-annex"}
        for site in ("main", "annex"):
            there = {**built.environment(users[site]), "SITE": site, "DATA_DIR": str(tmp_path / site)}
            command = [sys.executable, "-m", "collector"]
            collectors[site] = start(command, tmp_path / f"collector-{site}.log", there)
        try:
            assert eventually(lambda: all(state["taken_at"] for state in states(built).values()))
            assert {name: state["site"] for name, state in states(built).items()} == sites
            collectors["annex"].kill()
            at = datetime.now(UTC) + timedelta(seconds=1)

            def parted_ways() -> bool:
                found = states(built).values()
                newer = [datetime.fromisoformat(state["taken_at"]) > at for state in found]
                here = [state["site"] == "main" for state in found]
                return newer == here and all(s["stale"] == (s["site"] == "annex") for s in found)

            assert eventually(parted_ways), built.log("processor")
        finally:
            collectors["annex"].wait()
            end(collectors["main"])

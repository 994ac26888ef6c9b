"""Printers as devices of Home Assistant: by its documented schema, by its templates, on a real broker."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.sandbox import SandboxedEnvironment
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from core.contract.messages import PrinterState, RefreshRequest
from core.runtime.mqtt_link import MqttLink
from core.storage.database import writing
from processor.publish.decommissioned import DecommissionedPrinters
from processor.publish.homeassistant import config_topic, device_id, device_payload
from processor.publish.homeassistant_discovery import HomeAssistantDiscovery
from processor.publish.states import PendingStates
from tests.brokers import mosquitto
from tests.paths import ROOT
from tests.patience import until
from tests.processor.fakes import Wire
from tests.processor.making import add_printers, edit, put_readings
from tests.processor.service_parts import client, prepared, processor, recent, sqlite_in

SCHEMA: Final = json.loads((Path(__file__).parent / "homeassistant_schema.json").read_text(encoding="utf-8"))
GOLDEN: Final = json.loads((ROOT / "tests/core/golden_messages.json").read_text(encoding="utf-8"))
STATE: Final[dict[str, Any]] = GOLDEN["PrinterState"]


def rendered(template: str, message: Any = None) -> str:
    """As Home Assistant renders it: Jinja2 with the message as value_json."""
    tools = {"utcnow": lambda: datetime.now(UTC), "value_json": message}
    return SandboxedEnvironment().from_string(template).render(tools)


def available(component: dict[str, Any], state: dict[str, Any]) -> list[str]:
    return [rendered(c["value_template"], state) for c in component["availability"]]


def test_the_announcement_fits_the_documented_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for processor_instance in ("", "vm"):
        payload = device_payload("printers", STATE, processor_instance)
        Draft202012Validator(SCHEMA).validate(payload)
    assert payload["device"]["name"] == "Library"
    assert payload["device"]["suggested_area"] == "Library, ground floor"
    assert {"state", "problem", "refresh", "pages", "supply_1_1"} <= set(payload["components"])
    ids = [component["unique_id"] for component in payload["components"].values()]
    assert len(set(ids)) == len(ids)


def test_the_schema_finds_what_home_assistant_would_refuse() -> None:
    good = device_payload("printers", STATE)
    changes: tuple[dict[str, Any], ...] = (
        {"device": {"name": "no identifiers"}},
        {"components": {"x": {"platform": "sensor", "unique_id": "x", "unit_of_measurement": 5}}},
        {"components": {"x": {"platform": "button", "unique_id": "x"}}},
        {"components": {"x": {"unique_id": "x"}}},
        {"origin": {}},
        {"qos": 3},
    )
    for change in changes:
        assert not Draft202012Validator(SCHEMA).is_valid({**good, **change}), change


def test_templates_read_a_state_and_what_is_not_measured_is_unavailable() -> None:
    payload = device_payload("printers", STATE, "vm")
    parts = payload["components"]
    assert rendered(parts["state"]["value_template"], STATE) == "idle"
    assert rendered(parts["problem"]["value_template"], STATE) == "ON"
    assert rendered(parts["problem"]["value_template"], {**STATE, "severity": None}) == "OFF"
    out = {"since_at": "2026-01-31T12:00:00Z", "until_at": None, "note": "repair"}
    assert rendered(parts["problem"]["value_template"], {**STATE, "out_of_service": out}) == "OFF"
    flags = rendered(parts["problem"]["json_attributes_template"], STATE)
    assert json.loads(flags) == {"flags": ["Black Toner is low (7 %)."]}
    assert rendered(parts["pages"]["value_template"], STATE) == str(STATE["marker_life_count"])
    supply = parts["supply_1_1"]
    level = STATE["supplies"][0]["level_percent"]
    assert rendered(supply["value_template"], STATE) == str(level)
    presence, state = supply["availability"]
    assert rendered(presence["value_template"], {"status": "offline"}) == "offline"
    assert rendered(state["value_template"], STATE) == "online"
    unmeasured = {**STATE, "supplies": [{**STATE["supplies"][0], "level_percent": None}]}
    assert rendered(state["value_template"], unmeasured) == "offline"
    assert rendered(state["value_template"], {**STATE, "supplies": []}) == "offline"
    zero = {**STATE, "supplies": [{**STATE["supplies"][0], "level_percent": 0}]}
    assert rendered(state["value_template"], zero) == "online"


def test_a_press_of_the_button_is_a_refresh_request() -> None:
    button = device_payload("printers", STATE)["components"]["refresh"]
    assert button["command_topic"] == "printers/library-1/refresh"
    pressed = [rendered(button["command_template"]) for _ in range(2)]
    requests = [RefreshRequest.model_validate_json(payload) for payload in pressed]
    assert requests[0].id != requests[1].id
    assert requests[0].id.startswith("homeassistant-")


def test_a_printer_without_numbers_has_no_sensors_for_them() -> None:
    bare = json.loads(PrinterState(printer_id="a.b").model_dump_json())
    payload = device_payload("printers", bare)
    Draft202012Validator(SCHEMA).validate(payload)
    assert set(payload["components"]) == {"state", "problem", "refresh"}
    assert payload["device"]["name"] == "a.b"


def test_an_index_that_is_none_does_not_get_into_a_template() -> None:
    evil = {**STATE["supplies"][0], "index": "1.1') | list }}{{ 7*7 }}"}
    payload = device_payload("printers", {**STATE, "supplies": [evil]})
    assert not [key for key in payload["components"] if key.startswith("supply")]


@given(st.lists(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True), min_size=2, unique=True))
def test_every_printer_has_a_topic_of_its_own_that_home_assistant_accepts(printers: list[str]) -> None:
    names = [device_id("college/print", printer) for printer in printers]
    assert len(set(names)) == len(names)
    Draft202012Validator({"items": {"pattern": "^[a-zA-Z0-9_-]+$"}}).validate(names)
    assert config_topic("homeassistant", "printers", "lib-1") == "homeassistant/device/printers_lib-1/config"


def test_only_what_changes_is_announced_and_what_is_gone_is_taken_back() -> None:
    announcer = HomeAssistantDiscovery("printers", "vm")
    assert announcer.due("library-1", STATE)
    assert announcer.due("library-1", {**STATE, "state": "printing"}) is None
    announced = announcer.due("library-1", {**STATE, "supplies": []})
    assert announced
    assert json.loads(announced[1])["components"]["supply_1_1"] == {"platform": "sensor"}
    Draft202012Validator(SCHEMA).validate(json.loads(announced[1]))
    announcer.forget()
    assert announcer.due("library-1", {**STATE, "supplies": []})


def test_an_announcement_is_owed_like_a_state_and_cleared_with_it(engine: Engine) -> None:
    wire = Wire()
    add_printers(engine, "lib-1")
    put_readings(engine, 1)
    announcer = HomeAssistantDiscovery("printers", "vm")
    publisher = PendingStates(engine, cast(MqttLink, wire), announcer)
    topic = "homeassistant/device/printers_lib-1/config"
    publisher.step()
    assert topic in wire.take()
    wire.acknowledge()
    put_readings(engine, 2, bits="80")
    publisher.step()
    assert topic not in wire.take()
    wire.acknowledge()
    wire.connect()
    publisher.step()
    assert topic in wire.take()
    wire.acknowledge()
    edit(engine, "UPDATE printers SET enabled = false")
    retired = DecommissionedPrinters(engine, cast(MqttLink, wire), announcer)
    retired.step()
    assert (topic, b"") in wire.sent


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_the_processor_announces_where_it_is_wanted(wanted: str, tmp_path: Path) -> None:
    database = sqlite_in(tmp_path)
    engine = prepared(database)
    with (
        mosquitto() as broker,
        client(broker.port) as collector,
        processor(database, broker.port, HOMEASSISTANT_DISCOVERY=wanted),
    ):
        heard: dict[str, bytes] = {}
        listener = MqttLink(collector.link.settings, "tester", "homeassistant")
        listener.subscribe("homeassistant/#", heard.__setitem__)
        listener.start()
        collector.send_until_receipted([recent(1, "p-1")])
        topic = "homeassistant/device/printers_p-1/config"
        until(lambda: collector.of("printers/p-1/state"), "a state")
        if wanted == "true":
            until(lambda: heard.get(topic), "the announcement")
            Draft202012Validator(SCHEMA).validate(json.loads(heard[topic]))
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE printers SET enabled = false WHERE printer_id = 'p-1'")
        until(lambda: collector.retained.get("printers/p-1/state") == b"", "the state cleared")
        if wanted == "true":
            until(lambda: heard[topic] == b"", "the announcement cleared")
        listener.stop()
    assert set(heard) == ({topic} if wanted == "true" else set())

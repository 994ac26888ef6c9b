"""`printers homeassistant remove`: our announcements go, those of others stay."""

import json
from pathlib import Path

import pytest

from console.broker.credentials import Credentials
from processor.homeassistant import config_topic, device_payload
from tests.brokers import mosquitto
from tests.console.cli import printers
from tests.console.embedded import KINDS, running_broker
from tests.console.raw_client import RawClient

FOREIGN = {"origin": {"name": "Zigbee2MQTT"}, "state_topic": "zigbee2mqtt/lamp"}


def environment(credentials: Credentials, user: str) -> dict[str, str]:
    return {**credentials.environment(user), "MQTT_TOPIC_PREFIX": "printers"}


def announce(client: RawClient) -> None:
    for printer_id in ("lib-1", "lib-2"):
        topic = config_topic("homeassistant", "printers", printer_id)
        client.publish(topic, json.dumps(device_payload("printers", {"printer_id": printer_id})), retain=True)
    client.publish("homeassistant/device/lamp/config", json.dumps(FOREIGN), retain=True)
    other = json.dumps(device_payload("college", {"printer_id": "lib-1"}))
    client.publish(config_topic("homeassistant", "college", "lib-1"), other, retain=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_console_takes_back_our_devices_and_no_others(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The access list lets the console do it also while nothing is announced any more.
    with running_broker(kind, tmp_path) as (_, credentials):
        done = printers("homeassistant", "remove", env=environment(credentials, "console"))
    assert (done.exit_code, done.output.strip()) == (0, "0 devices removed from Home Assistant.")
    monkeypatch.setenv("HOMEASSISTANT_DISCOVERY", "true")
    with running_broker(kind, tmp_path) as (_, credentials):
        with RawClient(credentials, "processor") as processor:
            announce(processor)
            env = environment(credentials, "console")
            refused = printers("homeassistant", "remove", env=env)
            assert refused.exit_code == 2
            assert "HOMEASSISTANT_DISCOVERY is on" in refused.output
            done = printers("homeassistant", "remove", "--force", env=env)
        assert done.exit_code == 0, done.output
        assert "2 devices removed" in done.output
        with RawClient(credentials, "homeassistant") as client:
            client.subscribe("homeassistant/device/+/config")
            client.wait_for(lambda: len(client.received) == 2)
            assert {topic for topic, _ in client.received} == {
                "homeassistant/device/lamp/config",
                "homeassistant/device/college_lib-1/config",
            }


def test_a_user_without_the_right_is_told_which_one_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEASSISTANT_DISCOVERY", "true")
    with running_broker("mosquitto", tmp_path) as (_, credentials):
        with RawClient(credentials, "processor") as processor:
            announce(processor)
        env = environment(credentials, "homeassistant")
        done = printers("homeassistant", "remove", "--force", env=env)
    assert done.exit_code == 1
    assert "does not let the user 'homeassistant' publish homeassistant/device/+/config" in " ".join(
        done.output.split()
    )


def test_a_broker_that_is_not_there_is_one_sentence() -> None:
    with mosquitto() as broker:
        port = broker.port
    done = printers("homeassistant", "remove", env={"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(port)})
    assert done.exit_code == 2
    assert "Traceback" not in done.output

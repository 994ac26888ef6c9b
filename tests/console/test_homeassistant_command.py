"""`printers homeassistant remove`: our announcements go, those of others stay."""

import json
from pathlib import Path

import pytest

from console.broker.credentials import BrokerCredentials
from processor.publish.homeassistant import config_topic, device_payload
from tests.console.cli import printers
from tests.console.embedded import KINDS, running_broker
from tests.console.raw_client import RawClient

FOREIGN = {"origin": {"name": "Zigbee2MQTT"}, "state_topic": "zigbee2mqtt/lamp"}


def environment(credentials: BrokerCredentials, user: str) -> dict[str, str]:
    return {**credentials.environment(user), "MQTT_TOPIC_PREFIX": "printers"}


def announce(client: RawClient) -> None:
    for printer_id in ("lib-1", "lib-2"):
        topic = config_topic("homeassistant", "printers", printer_id)
        client.publish(topic, json.dumps(device_payload("printers", {"printer_id": printer_id})), retain=True)
    client.publish("homeassistant/device/lamp/config", json.dumps(FOREIGN), retain=True)
    other = json.dumps(device_payload("college", {"printer_id": "lib-1"}))
    client.publish(config_topic("homeassistant", "college", "lib-1"), other, retain=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("user", ["console", "up"])
def test_our_devices_are_taken_back_and_no_others(
    user: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The access list lets these users do it also while nothing is announced any more.
    with running_broker(kind, tmp_path) as (_, credentials):
        done = printers("homeassistant", "remove", env=environment(credentials, user))
    assert (done.exit_code, done.output.strip()) == (0, "0 devices removed from Home Assistant.")
    monkeypatch.setenv("HOMEASSISTANT_DISCOVERY", "true")
    with running_broker(kind, tmp_path) as (_, credentials):
        with RawClient(credentials, "processor") as processor:
            announce(processor)
            env = environment(credentials, user)
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


@pytest.mark.parametrize("kind", KINDS)
def test_the_console_of_the_broker_of_printers_up_needs_no_settings(kind: str, tmp_path: Path) -> None:
    with running_broker(kind, tmp_path):
        done = printers("homeassistant", "remove", env={"DATA_DIR": str(tmp_path / "data")})
    assert (done.exit_code, done.output.strip()) == (0, "0 devices removed from Home Assistant.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("user", "stay"), [("homeassistant", ": 2 devices stay announced"), ("reader", "")])
def test_a_user_without_the_right_is_told_whose_it_is(
    user: str, stay: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMEASSISTANT_DISCOVERY", "true")
    with running_broker(kind, tmp_path) as (_, credentials):
        with RawClient(credentials, "processor") as processor:
            announce(processor)
        done = printers("homeassistant", "remove", "--force", env=environment(credentials, user))
    assert done.exit_code == 2
    assert done.output == (
        f"error: the broker does not let the user '{user}' read and publish homeassistant/device/+/config"
        f"{stay}. Set MQTT_USERNAME=console, with its password, or give this user the right in the access "
        "list.\n"
    )


def test_a_broker_that_is_not_there_or_refuses_us_is_one_sentence(tmp_path: Path) -> None:
    with running_broker("mosquitto", tmp_path) as (_, credentials):
        port = credentials.port
        env = {**environment(credentials, "console"), "MQTT_PASSWORD": "wrong"}
        refused = printers("homeassistant", "remove", env=env)
    away = printers("homeassistant", "remove", env={"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(port)})
    assert (refused.exit_code, away.exit_code) == (2, 2)
    broker = f"error: the broker at 127.0.0.1:{port} does not take"
    assert refused.output == f"{broker} the user 'console': Not authorized.\n"
    assert away.output == f"{broker} us: Connection refused.\n"

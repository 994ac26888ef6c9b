"""`printers homeassistant remove`: our announcements go, those of others stay."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.broker.credentials import BrokerCredentials
from processor.publish.homeassistant import config_topic, device_payload
from tests.brokers import free_port
from tests.console.cli import printers
from tests.console.embedded import KINDS, running_broker
from tests.console.raw_client import RawClient

FOREIGN = {"origin": {"name": "Zigbee2MQTT"}, "state_topic": "zigbee2mqtt/lamp"}


ANNOUNCES = {"HOMEASSISTANT_DISCOVERY": "true"}


@pytest.fixture(scope="module", params=KINDS)
def quiet(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BrokerCredentials, Path]]:
    """A broker of each kind to which nothing is announced, and its DATA_DIR."""
    folder = tmp_path_factory.mktemp("quiet")
    with running_broker(request.param, folder) as (_, credentials):
        yield credentials, folder / "data"


@pytest.fixture(scope="module", params=KINDS)
def announcing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrokerCredentials]:
    """A broker of each kind with an access list for announcements."""
    with running_broker(request.param, tmp_path_factory.mktemp("announcing"), ANNOUNCES) as (_, credentials):
        yield credentials


def environment(credentials: BrokerCredentials, user: str) -> dict[str, str]:
    return {**credentials.environment(user), "MQTT_TOPIC_PREFIX": "printers"}


def announce(client: RawClient) -> None:
    for printer_id in ("lib-1", "lib-2"):
        topic = config_topic("homeassistant", "printers", printer_id)
        client.publish(topic, json.dumps(device_payload("printers", {"printer_id": printer_id})), retain=True)
    client.publish("homeassistant/device/lamp/config", json.dumps(FOREIGN), retain=True)
    other = json.dumps(device_payload("college", {"printer_id": "lib-1"}))
    client.publish(config_topic("homeassistant", "college", "lib-1"), other, retain=True)


@pytest.mark.parametrize("user", ["console", "up"])
def test_these_users_may_do_it_also_while_nothing_is_announced_any_more(
    user: str, quiet: tuple[BrokerCredentials, Path]
) -> None:
    done = printers("homeassistant", "remove", env=environment(quiet[0], user))
    assert (done.exit_code, done.output.strip()) == (0, "0 devices removed from Home Assistant.")


@pytest.mark.parametrize("user", ["console", "up"])
def test_our_devices_are_taken_back_and_no_others(user: str, announcing: BrokerCredentials) -> None:
    with RawClient(announcing, "processor") as processor:
        announce(processor)
        env = environment(announcing, user) | ANNOUNCES
        refused = printers("homeassistant", "remove", env=env)
        assert refused.exit_code == 2
        assert "HOMEASSISTANT_DISCOVERY is on" in refused.output
        done = printers("homeassistant", "remove", "--force", env=env)
    assert done.exit_code == 0, done.output
    assert "2 devices removed" in done.output
    with RawClient(announcing, "homeassistant") as client:
        client.subscribe("homeassistant/device/+/config")
        client.wait_for(lambda: len(client.received) == 2)
        assert {topic for topic, _ in client.received} == {
            "homeassistant/device/lamp/config",
            "homeassistant/device/college_lib-1/config",
        }


def test_the_console_of_the_broker_of_printers_up_needs_no_settings(
    quiet: tuple[BrokerCredentials, Path],
) -> None:
    done = printers("homeassistant", "remove", env={"DATA_DIR": str(quiet[1])})
    assert (done.exit_code, done.output.strip()) == (0, "0 devices removed from Home Assistant.")


@pytest.mark.parametrize(("user", "stay"), [("homeassistant", ": 2 devices stay announced"), ("reader", "")])
def test_a_user_without_the_right_is_told_whose_it_is(
    user: str, stay: str, announcing: BrokerCredentials
) -> None:
    with RawClient(announcing, "processor") as processor:
        announce(processor)
    done = printers("homeassistant", "remove", "--force", env=environment(announcing, user) | ANNOUNCES)
    assert done.exit_code == 2
    assert done.output == (
        f"error: the broker does not let the user '{user}' read and publish homeassistant/device/+/config"
        f"{stay}. Set MQTT_USERNAME=console, with its password, or give this user the right in the access "
        "list.\n"
    )


def test_a_broker_that_is_not_there_or_refuses_us_is_one_sentence(
    quiet: tuple[BrokerCredentials, Path],
) -> None:
    port, nobodys = quiet[0].port, free_port()
    env = {**environment(quiet[0], "console"), "MQTT_PASSWORD": "wrong"}
    refused = printers("homeassistant", "remove", env=env)
    away = printers("homeassistant", "remove", env={"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(nobodys)})
    assert (refused.exit_code, away.exit_code) == (2, 2)
    refusal = f"error: the broker at 127.0.0.1:{port} does not take the user 'console': Not authorized.\n"
    assert refused.output == refusal
    assert away.output == f"error: the broker at 127.0.0.1:{nobodys} does not take us: Connection refused.\n"

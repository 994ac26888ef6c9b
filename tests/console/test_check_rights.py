"""A user of the broker that is to do everything: what it may not is named within seconds."""

import json
from pathlib import Path

import pytest

from console.broker.credentials import BrokerCredentials
from console.check.mqtt import Visit
from console.check.rights import check_rights
from console.lock import DataDirLock, up_is_running
from core.runtime.settings import CommonSettings, load
from tests.brokers import mosquitto
from tests.console.cli import printers
from tests.console.embedded import KINDS, running_broker


def findings(credentials: BrokerCredentials, user: str) -> dict[str, str]:
    with Visit(credentials.settings(user)) as visit:
        return {each.level: f"{each.text} {each.mend}" for each in check_rights(visit, "printers", "main")}


@pytest.mark.parametrize("kind", KINDS)
def test_the_user_up_has_every_right_and_of_others_the_missing_ones_are_named(
    kind: str, tmp_path: Path
) -> None:
    with running_broker(kind, tmp_path) as (_, credentials):
        assert list(findings(credentials, "up")) == ["ok"]
        told = findings(credentials, "collector")["error"]
    assert "printers/$sites/main/stored (receipts from processor to collector)" in told
    assert "printers/+/reading/main (readings from collector to processor)" in told
    assert "MQTT_USERNAME=up" in told


def test_check_looks_at_the_rights_where_printers_up_uses_a_broker_of_its_owner(tmp_path: Path) -> None:
    with mosquitto() as broker:
        env = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(broker.port)}
        before = printers("check", "--json", env=env).stdout
        with DataDirLock(load(CommonSettings).data_dir, "printers up"):
            found = json.loads(printers("check", "--json", env=env).stdout)["findings"]
    text = "this user may do what all services of `printers up` do"
    assert text not in before
    assert text in [each["text"] for each in found]


def test_a_run_is_known_by_its_lock(tmp_path: Path) -> None:
    assert not up_is_running(tmp_path)
    with DataDirLock(tmp_path, "printers up"):
        assert up_is_running(tmp_path)
    assert not up_is_running(tmp_path)
    with DataDirLock(tmp_path, "printers restore"):
        assert not up_is_running(tmp_path)

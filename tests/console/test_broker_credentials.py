"""Passwords are made once, kept for their owner alone, and reach a process by its environment."""

import os
from pathlib import Path

import pytest

from console.broker.access import HOME_ASSISTANT, USERS, BrokerDeployment, grants
from console.broker.credentials import make_credentials, read_credentials
from core.contract.errors import BrokerError
from core.runtime.settings import CommonSettings, MqttSettings, load
from tests.console.cli import printers


def test_nothing_is_known_where_no_broker_has_run(tmp_path: Path) -> None:
    assert read_credentials(tmp_path) is None


def test_every_user_has_a_password_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    first = make_credentials(tmp_path, "127.0.0.1", 1883)
    assert set(first.passwords) == {*USERS, HOME_ASSISTANT}
    assert len(set(first.passwords.values())) == len(first.passwords)
    second = make_credentials(tmp_path, "127.0.0.1", 1999)
    assert (second.passwords, second.port) == (first.passwords, 1999)
    assert read_credentials(tmp_path) == second


def test_a_user_who_is_new_gets_a_password_and_the_others_keep_theirs(tmp_path: Path) -> None:
    first = make_credentials(tmp_path, "127.0.0.1", 1883)
    path = tmp_path / "broker" / "credentials.json"
    path.write_text(path.read_text().replace('"reader"', '"guest"'))
    second = make_credentials(tmp_path, "127.0.0.1", 1883)
    assert second.passwords["collector"] == first.passwords["collector"]
    assert second.passwords["reader"] not in ("", first.passwords["reader"])


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    make_credentials(tmp_path, "127.0.0.1", 1883)
    path = tmp_path / "broker" / "credentials.json"
    path.chmod(0o644)
    make_credentials(tmp_path, "127.0.0.1", 1884)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "credentials.json").write_text("[]")
    with pytest.raises(BrokerError, match=r"credentials\.json is not what it should be: delete it"):
        read_credentials(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"host": "h", "port": "p", "passwords": {}}'])
def test_every_broken_file_is_told_apart_from_a_missing_one(text: str, tmp_path: Path) -> None:
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "credentials.json").write_text(text)
    with pytest.raises(BrokerError, match="delete it"):
        make_credentials(tmp_path, "127.0.0.1", 1883)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "broker" / "credentials.json.new").mkdir(parents=True)
    with pytest.raises(BrokerError, match=r"credentials\.json cannot be written"):
        make_credentials(tmp_path, "127.0.0.1", 1883)


def test_a_process_reads_its_settings_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = make_credentials(tmp_path, "127.0.0.1", 1884)
    for name, value in credentials.environment("collector").items():
        monkeypatch.setenv(name, value)
    found = load(MqttSettings)
    assert found == credentials.settings("collector")
    assert found.mqtt_password is not None
    assert found.mqtt_password.get_secret_value() == credentials.passwords["collector"]


def test_a_site_gets_a_user_of_its_own_at_the_broker_of_printers_up() -> None:
    done = printers("secrets", "--site", "library")
    assert done.exit_code == 0, done.output
    kept = read_credentials(load(CommonSettings).data_dir)
    assert kept is not None
    assert f"MQTT_PASSWORD={kept.passwords['collector-library']}" in done.stdout
    again = printers("secrets", "--site", "library")
    assert again.stdout == done.stdout
    allowed = grants(BrokerDeployment.of_settings(kept.passwords))
    assert allowed["collector-library"].publish[0] == "printers/+/reading/library"


@pytest.mark.parametrize("arguments", [(), ("--site", "No Site"), ("made", "--site", "a/b")])
def test_secrets_without_a_place_or_with_a_name_that_is_none_is_one_sentence(
    arguments: tuple[str, ...],
) -> None:
    done = printers("secrets", *arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_each_site_named_once_keeps_its_user_in_the_access_list(tmp_path: Path) -> None:
    assert printers("secrets", "made", "--site", "library").exit_code == 0
    password = (tmp_path / "made" / "mqtt_collector-library").read_text(encoding="utf-8")
    assert printers("secrets", "made", "--site", "annex").exit_code == 0
    assert (tmp_path / "made" / "mqtt_collector-library").read_text(encoding="utf-8") == password
    acl = (tmp_path / "made" / "mosquitto_acl").read_text(encoding="utf-8")
    users = (tmp_path / "made" / "mosquitto_passwords").read_text(encoding="utf-8")
    for site in ("library", "annex"):
        assert f"user collector-{site}\ntopic write printers/+/reading/{site}" in acl
        assert f"collector-{site}:$7$" in users

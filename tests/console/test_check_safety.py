"""`check`: what works and should be safer."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import update

from console.check.safety import secrets_in
from core.runtime.env_file import parse_env_file
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import USERS
from core.storage.database import open_database, writing
from core.storage.users import NewUser, add_user
from tests.console.checked import findings, levels, said
from tests.console.cli import printers


def test_what_should_be_safer_is_recommended() -> None:
    Path(".env").write_text("DEBUG=true\nSNMP_COMMUNITY=public\n")
    printers("add", "127.0.0.1:1")
    env = {
        "MQTT_HOST": "broker.invalid",
        "ALLOWED_HOSTS": "*",
        "SNMP_TIMEOUT": "0.1",
        "SNMP_RETRIES": "0",
    }
    text = said(findings(env), "safety")
    for word in ("community", "password", "MQTT_TLS", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "users invite"):
        assert word in text


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_files_that_every_user_can_read_are_told_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """`printers secrets` makes readable files, for containers, in a folder that only its owner may enter."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.chdir(folder)
        assert printers("secrets", "secrets").exit_code == 0
        Path("token").write_text("t0ken", encoding="utf-8")
        Path("token").chmod(0o644)
        files = {"MQTT_PASSWORD_FILE": "secrets/mqtt_console", "INFLUXDB_TOKEN_FILE": "token"}
        lines = "".join(f"{name}={file}\n" for name, file in files.items())
        Path(".env").write_text(f"MQTT_USERNAME=console\n{lines}", encoding="utf-8")
        Path(".env").chmod(0o644)
        text = said(findings(), "safety")
        assert "chmod 600 .env" not in text, "it says where the secrets are, and holds none"
        assert "chmod 600 token" in text
        assert "secrets/mqtt_console" not in text
        Path("secrets").chmod(0o755)
        assert "chmod 600 secrets/mqtt_console" in said(findings(), "safety")
        monkeypatch.undo()


@pytest.mark.parametrize(
    ("line", "is_secret"),
    [
        ("SNMP_COMMUNITY=hush", True),
        ("SNMP_COMMUNITY=public", False),
        ('SNMP_PROFILES={"a": {"community": "hush"}}', True),
        ("SNMP_PROFILES={}", False),
        ("SECRET_KEY=", False),
        ("SECRET_KEY_FILE=/run/secrets/key", False),
        ("NOTIFY_URLS=ntfys://ntfy.sh/hush", True),
        ("HEARTBEAT_URL=https://hc.example/hush", True),
        ("DATABASE_URL=postgresql://printers@db/printers", False),
        ("DATABASE_URL=postgresql://printers:hush@db/printers", True),
        ("DATABASE_URL=postgresql://db/printers?user=printers&password=hush", True),
        ("INFLUXDB_URL=https://influx.example:8086", False),
        ("INFLUXDB_URL=https://printers:hush@influx.example:8086", True),
        ("DEFAULT_FROM_EMAIL=Printers <printers@college.example>", False),
        ("TIME_ZONE=Europe/Berlin", False),
    ],
)
def test_a_settings_file_is_to_be_closed_where_it_holds_a_secret(line: str, is_secret: bool) -> None:
    held = secrets_in(parse_env_file(line, ".env"))
    assert held == ([line.partition("=")[0]] if is_secret else [])


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_a_readable_settings_file_is_told_with_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.chdir(folder)
        Path(".env").write_text("SNMP_COMMUNITY=hush\nTIME_ZONE=UTC\n", encoding="utf-8")
        Path(".env").chmod(0o644)
        text = said(findings(), "safety")
        assert "can read .env, which holds SNMP_COMMUNITY chmod 600 .env" in text
        assert "hush" not in text
        monkeypatch.undo()


def test_an_account_that_is_called_like_a_part_of_the_system_is_told() -> None:
    engine = open_database(DatabaseSettings())
    with writing(engine) as connection:  # as an older version made them
        for name in ("console", "notifier", "maya"):
            add_user(connection, NewUser("tom"), actor="ada", now=datetime.now(UTC))
            connection.execute(update(USERS).where(USERS.c.name == "tom").values(name=name))
    engine.dispose()
    told = [each["text"] for each in findings()["safety"] if "an account be called" in each["text"]]
    assert [re.findall("be called ([a-z]+),", text) for text in told] == [["console"], ["notifier"]]
    assert ["tokens made on the command line" in text for text in told] == [True, False]


def test_nothing_is_recommended_where_all_is_done() -> None:
    env = {"SECRET_KEY": "x" * 40, "SNMP_COMMUNITY": "not the usual one"}
    printers("users", "add", "ada", "--role", "admin")
    assert levels(findings(env), "safety") == ["ok"]
    assert "x" * 40 not in str(findings(env))

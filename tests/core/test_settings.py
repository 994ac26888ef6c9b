"""Settings: old names and defaults, secrets from files, and errors a person can act on."""

import json
import os
import stat
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.contract.errors import SettingsError
from core.runtime.mail_settings import MailSettings, SummarySettings
from core.runtime.settings import (
    CommonSettings,
    DatabaseSettings,
    HistorySettings,
    MqttSettings,
    RuleSettings,
    Settings,
    SnmpSettings,
    load,
)
from core.runtime.settings_doc import BLOCKS
from core.runtime.web_settings import DashboardSettings, SignOnSettings, WebSettings


def test_the_old_names_keep_their_defaults() -> None:
    snmp = load(SnmpSettings)
    assert snmp.snmp_community.get_secret_value() == "public"
    assert (snmp.snmp_timeout, snmp.snmp_retries, snmp.snmp_poll_interval_seconds) == (3, 1, 300)
    assert load(CommonSettings).data_dir == Path("data")


def test_a_variable_beats_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SNMP_TIMEOUT=7\nSNMP_RETRIES=4\n")
    monkeypatch.setenv("SNMP_TIMEOUT", "2.5")
    snmp = load(SnmpSettings)
    assert (snmp.snmp_timeout, snmp.snmp_retries) == (2.5, 4)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MQTT_HOST", "")
    assert load(MqttSettings).mqtt_host is None


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    monkeypatch.setenv("MQTT_USERNAME", "console")
    monkeypatch.setenv("MQTT_PASSWORD_FILE", str(tmp_path / "password"))
    password = load(MqttSettings).mqtt_password
    assert password is not None
    assert password.get_secret_value() == "s3cret"


def test_profiles_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profile = {"version": "3", "user": "monitor", "auth_protocol": "SHA256", "auth_password": "long enough"}
    (tmp_path / "profiles.json").write_text(json.dumps({"secure": profile}))
    monkeypatch.setenv("SNMP_PROFILES_FILE", str(tmp_path / "profiles.json"))
    secure = load(SnmpSettings).profile("secure")
    assert secure is not None
    assert (secure.version, secure.user) == ("3", "monitor")


@pytest.mark.parametrize(
    ("variable", "text", "says"),
    [
        ("SNMP_TIMEOUT", "soon", "SNMP_TIMEOUT"),
        ("SNMP_PROFILES", "{not json", "SNMP_PROFILES: JSON is wanted"),
        ("SNMP_PROFILES", '{"a": {"version": "3"}}', "SNMP_PROFILES.a: version 3 needs `user`"),
        (
            "SNMP_PROFILES",
            '{"a": {"comunity": "hush"}}',
            "SNMP_PROFILES.a.comunity: there is nothing of that name. Correct it",
        ),
        ("SNMP_POLL_INTERVAL_SECONDS", "0", "SNMP_POLL_INTERVAL_SECONDS: at least 1 is wanted."),
        (
            "SNMP_PROFILES_FILE",
            "/does/not/exist",
            "SNMP_PROFILES_FILE: the file /does/not/exist cannot be read",
        ),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, says: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingsError) as caught:
        load(SnmpSettings)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("block", "variable", "text", "says"),
    [
        (MqttSettings, "MQTT_PORT", "99999", "MQTT_PORT: at most 65535 is wanted."),
        (MqttSettings, "MQTT_TLS", "perhaps", "MQTT_TLS: true or false is wanted."),
        (MqttSettings, "MQTT_HOST", "mqtt://broker", "MQTT_HOST: a host name or an address alone is wanted"),
        (MqttSettings, "MQTT_HOST", "broker:1883", "MQTT_HOST: a host name or an address alone is wanted"),
        (MqttSettings, "MQTT_HOST", "x" * 64, "MQTT_HOST: a host name or an address alone is wanted"),
        (MailSettings, "EMAIL_HOST", "mail.example:587", "EMAIL_HOST: a host name or an address alone"),
        (SnmpSettings, "SNMP_TIMEOUT", "soon", "SNMP_TIMEOUT: a number is wanted."),
        (
            SnmpSettings,
            "SNMP_CHECK_INTERVAL_SECONDS",
            "0.05",
            "SNMP_CHECK_INTERVAL_SECONDS: 0 (never) or at least 1 is wanted.",
        ),
        (
            HistorySettings,
            "INFLUXDB_CONFIRM_SECONDS",
            "inf",
            "INFLUXDB_CONFIRM_SECONDS: at most 86400",
        ),
        (HistorySettings, "HISTORY_RAW_DAYS", "9999999999", "HISTORY_RAW_DAYS: at most 36500 is wanted."),
        (SnmpSettings, "SNMP_VERSION", "4", "SNMP_VERSION: 'auto', '1' or '2c' is wanted."),
        (SummarySettings, "SUMMARY_TIME", "25:99", "SUMMARY_TIME: a time of day such as 07:00 is wanted."),
        (
            DashboardSettings,
            "DASHBOARD_LISTEN",
            "all",
            "'all' is no address with a port: 127.0.0.1",
        ),
        (DashboardSettings, "DASHBOARD_URL", "printers.local", "begins with http:// or https:// is wanted."),
        (CommonSettings, "SITE", "Main Site", "SITE: text of the form ^[a-z0-9]"),
    ],
)
def test_a_refused_value_says_what_is_wanted_instead(
    monkeypatch: pytest.MonkeyPatch, block: type[Settings], variable: str, text: str, says: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SettingsError) as caught:
        load(block)
    assert says in str(caught.value)
    assert "Input should" not in str(caught.value)


@pytest.mark.parametrize(
    ("block", "variables", "says"),
    [
        (
            RuleSettings,
            {"SUPPLY_LOW_PERCENT": "2"},
            "SUPPLY_CRITICAL_PERCENT (5, its default) must not be above SUPPLY_LOW_PERCENT (2).",
        ),
        (
            RuleSettings,
            {"SUPPLY_LOW_PERCENT": "20", "SUPPLY_CRITICAL_PERCENT": "30"},
            "SUPPLY_CRITICAL_PERCENT (30) must not be above SUPPLY_LOW_PERCENT (20).",
        ),
        (MqttSettings, {"MQTT_PASSWORD": "hush-hush"}, "MQTT_PASSWORD needs MQTT_USERNAME."),
        (MqttSettings, {"MQTT_CA": "ca.pem"}, "MQTT_CA needs MQTT_TLS=true."),
        (
            MqttSettings,
            {"MQTT_CLIENT_KEY": "key.pem", "MQTT_TLS": "true"},
            "MQTT_CLIENT_KEY needs MQTT_CLIENT_CERT.",
        ),
        (
            DashboardSettings,
            {"TRUSTED_USER_HEADER": "Remote-User"},
            "TRUSTED_USER_HEADER needs TRUSTED_PROXIES.",
        ),
        (
            DashboardSettings,
            {"TRUSTED_GROUPS_HEADER": "Remote-Groups"},
            "TRUSTED_GROUPS_HEADER needs TRUSTED_USER_HEADER.",
        ),
        (
            DashboardSettings,
            {"PORTAL_NETWORKS": "10.0.0.0/8"},
            "PORTAL_NETWORKS needs PORTAL_PUBLIC=true.",
        ),
        (SignOnSettings, {"OIDC_ISSUER": "https://login.example"}, "OIDC_ISSUER needs OIDC_CLIENT_ID."),
    ],
)
def test_settings_that_contradict_each_other_are_one_sentence_at_the_start(
    monkeypatch: pytest.MonkeyPatch, block: type[Settings], variables: Mapping[str, str], says: str
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(SettingsError) as caught:
        load(block)
    assert str(caught.value) == f"{says} Correct it in the environment or in .env."


@pytest.mark.parametrize(
    "host", ["broker", "broker.college.example.", "10.0.0.7", "fe80::1%eth0", "drücker.example"]
)
def test_hosts_are_names_and_addresses(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("MQTT_HOST", host)
    assert load(MqttSettings).mqtt_host == host


def test_no_secret_shows_in_a_repr_or_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMP_COMMUNITY", "hush-hush")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hush-hush@db/x")
    monkeypatch.setenv("SNMP_PROFILES", '{"a": {"version": "3", "user": "u", "auth_password": "hush-hush"}}')
    assert "hush-hush" not in repr(load(DatabaseSettings))
    with pytest.raises(SettingsError) as caught:
        load(SnmpSettings)
    assert "hush-hush" not in str(caught.value)


def test_postgres_urls_mean_the_driver_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in ("postgres", "postgresql", "postgresql+psycopg"):
        monkeypatch.setenv("DATABASE_URL", f"{prefix}://u@db/x")
        assert load(DatabaseSettings).url == "postgresql+psycopg://u@db/x"


def test_a_signing_key_is_made_once_and_kept_for_its_owner_alone() -> None:
    first, second = load(WebSettings).signing_key(), load(WebSettings).signing_key()
    assert first == second
    assert len(first) >= 48
    if os.name == "posix":
        assert stat.S_IMODE(Path("data/secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize("kept", ["", "\n", "short"])
def test_a_signing_key_that_can_be_guessed_signs_nothing(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file is what a full disk used to leave behind."""
    Path("data").mkdir()
    Path("data/secret_key").write_text(kept)
    with pytest.raises(SettingsError, match="secret_key has fewer than 16 characters"):
        load(WebSettings).signing_key()
    Path("data/secret_key").write_bytes(b"\xff" * 64)
    with pytest.raises(SettingsError, match="secret_key is damaged: put back a saved one"):
        load(WebSettings).signing_key()
    monkeypatch.setenv("SECRET_KEY", "short")
    with pytest.raises(SettingsError, match="SECRET_KEY: has fewer than 16 characters"):
        load(WebSettings).signing_key()


def test_services_that_start_together_make_one_signing_key() -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: load(WebSettings).signing_key(), range(64)))
    assert len(set(keys)) == 1
    assert [path.name for path in Path("data").iterdir()] == ["secret_key"]


def test_a_setting_means_the_same_in_every_block() -> None:
    seen: dict[str, object] = {}
    for block in BLOCKS:
        for name, field in block.model_fields.items():
            default = field.get_default(call_default_factory=True)
            assert seen.setdefault(name, default) == default

"""The settings file: a value is what is written there, or refused with a sentence that does not hold it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.errors import SettingsError
from core.runtime.env_file import ENV_FILE_VARIABLE, parse_env_file, read_env_file
from core.runtime.settings import MqttSettings, SnmpSettings, load


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("public", "public"),
        ("'a${HOME}b'", "a${HOME}b"),
        ("a$HOME-b$$c", "a$HOME-b$$c"),
        ("pa#ss", "pa#ss"),
        ("#start", "#start"),
        ("'pa #ss'", "pa #ss"),
        ("  spaces around  ", "spaces around"),
        ("'  kept inside  '", "  kept inside  "),
        ('"double"', "double"),
        ('"it\'s"', "it's"),
        ("it's", "it's"),
        ("'say \"hi\"'", 'say "hi"'),
        (r"C:\new\table", r"C:\new\table"),
        (r"'C:\new\table'", r"C:\new\table"),
        (r"'\\server\share\\'", r"\\server\share\\"),
        ("'x' # a comment behind quotes", "x"),
        ("a=b=c", "a=b=c"),
        ("''", ""),
        ("", ""),
    ],
)
def test_a_value_is_taken_as_it_is_written(written: str, value: str) -> None:
    assert parse_env_file(f"SNMP_COMMUNITY={written}\nNEXT=1\n", ".env") == {
        "SNMP_COMMUNITY": value,
        "NEXT": "1",
    }


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("hush${HOME}b", "write out what is meant, or put the value into single quotes"),
        ('"hush${HOME}b"', "write out what is meant, or put the value into single quotes"),
        ("hush # or not", "has a # after a blank"),
        ("'hush'b'", "goes on behind its closing quotation mark"),
        ('"hush"b"', "goes on behind its closing quotation mark"),
        ("'hush'#b", "goes on behind its closing quotation mark"),
        ("'hush", "never closed"),
        (r'"hush\table"', "has a backslash in double quotes"),
    ],
)
def test_what_programs_read_differently_is_refused_without_telling_the_value(written: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_env_file(f"# ours\n\nSNMP_COMMUNITY={written}\n", ".env")
    assert str(caught.value).startswith(".env, line 3: SNMP_COMMUNITY ")
    assert says in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("line", ["SNMP_COMMUNITY", "SNMP_COMMUNITY: public", "= public", "[section]"])
def test_a_line_that_is_no_assignment_is_refused(line: str) -> None:
    with pytest.raises(SettingsError, match=r"^\.env, line 2: NAME=value is expected\.$"):
        parse_env_file(f"A=1\n{line}\n", ".env")


def test_names_are_found_as_people_write_them() -> None:
    text = "\n  export A = 1\r\nb=2\r# C=3\nD='{\n \"x\": 1}'\nE=5"
    assert parse_env_file(text, ".env") == {"A": "1", "b": "2", "D": '{\n "x": 1}', "E": "5"}


@given(st.text())
def test_no_text_of_a_file_is_a_surprise(text: str) -> None:
    try:
        parse_env_file(text, ".env")
    except SettingsError as error:
        assert "\n" not in str(error)


@given(st.text(st.characters(exclude_characters="'\r\n"), min_size=1))
def test_single_quotes_keep_any_value(value: str) -> None:
    assert parse_env_file(f"A='{value}'\n", ".env") == {"A": value}


def test_settings_are_not_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    Path(".env").write_text("SNMP_COMMUNITY='a${HOME}b'\n", encoding="utf-8")
    assert load(SnmpSettings).snmp_community.get_secret_value() == "a${HOME}b"


def test_a_wrong_line_is_a_wrong_setting() -> None:
    Path(".env").write_text("SNMP_COMMUNITY='a'b'\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^\.env, line 1: SNMP_COMMUNITY goes on"):
        load(SnmpSettings)


def test_json_of_the_file_is_read_and_a_fault_in_it_is_told_without_the_text() -> None:
    Path(".env").write_text('SNMP_PROFILES=\'{"a": {\n"community": "x${y}"}}\'\n', encoding="utf-8")
    profile = load(SnmpSettings).profile("a")
    assert profile is not None
    assert profile.community.get_secret_value() == "x${y}"
    Path(".env").write_text("SNMP_PROFILES={hush\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^SNMP_PROFILES: JSON is wanted\. Correct it in \.env\.$"):
        load(SnmpSettings)


def test_another_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("MQTT_HOST=here\n", encoding="utf-8")
    other = tmp_path / "printers.env"
    other.write_text("MQTT_HOST=there\nMQTT_USERNAME=me\nMQTT_PASSWORD_FILE=password\n", encoding="utf-8")
    Path("password").write_text("s3cret\n", encoding="utf-8")
    monkeypatch.setenv(ENV_FILE_VARIABLE, str(other))
    settings = load(MqttSettings)
    assert settings.mqtt_host == "there"
    assert settings.mqtt_password is not None
    assert settings.mqtt_password.get_secret_value() == "s3cret"


def test_a_file_that_was_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV_FILE_VARIABLE, "nowhere.env")
    with pytest.raises(SettingsError, match=r"PRINTERS_ENV_FILE: there is no file nowhere\.env"):
        load(MqttSettings)


def test_a_byte_order_mark_hides_no_setting() -> None:
    Path(".env").write_text("MQTT_HOST=here\n", encoding="utf-8-sig")
    assert read_env_file() == {"MQTT_HOST": "here"}


def test_a_file_in_another_encoding_or_a_folder_is_one_sentence() -> None:
    Path(".env").write_text("MQTT_HOST=here\n", encoding="utf-16")
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8"):
        load(MqttSettings)
    Path(".env").unlink()
    Path(".env").mkdir()
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        load(MqttSettings)

"""SNMPv3 as people meet it: `poll` and `check` against Net-SNMP's agent, with right and wrong secrets."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.collector.servers import AUTH_PASSWORD, PRIV_PASSWORD, snmpd
from tests.console.cli import call_printers

RIGHT = {
    "version": "3",
    "user": "sha256aes",
    "auth_protocol": "SHA256",
    "auth_password": AUTH_PASSWORD,
    "priv_protocol": "AES",
    "priv_password": PRIV_PASSWORD,
}
WRONG: dict[str, tuple[Mapping[str, Any], str]] = {
    "user": ({"user": "nobody"}, "does not know the SNMPv3 user 'nobody'"),
    "password": ({"auth_password": "wrongwrong"}, "refused the authentication password"),
    "protocol": ({"auth_protocol": "SHA512"}, "refused the authentication password or protocol"),
    "privacy": ({"priv_password": "wrongwrong"}, "answers SNMPv3, but nothing that user"),
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with snmpd(tmp_path_factory.mktemp("snmpd")) as port:
        yield f"127.0.0.1:{port}"


def settings(**changes: Any) -> dict[str, str]:
    profiles = json.dumps({"secure": RIGHT | changes})
    return {"SNMP_TIMEOUT": "1", "SNMP_RETRIES": "1", "SNMP_PROFILES": profiles}


def test_a_printer_that_speaks_version_3_is_polled(host: str) -> None:
    said = call_printers("poll", host, "--profile", "secure", "--json", env=settings())
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["system_name"] == "printer-1"


@pytest.mark.parametrize("wrong", WRONG)
def test_poll_says_what_is_wrong_and_no_secret(host: str, wrong: str) -> None:
    changes, sentence = WRONG[wrong]
    said = call_printers("poll", host, "--profile", "secure", env=settings(**changes))
    assert said.returncode == 1
    assert sentence in " ".join(said.stdout.split())
    assert not any(
        secret in said.stdout + said.stderr for secret in (AUTH_PASSWORD, PRIV_PASSWORD, "wrongwrong")
    )


def test_check_says_it_too_and_what_to_compare(host: str) -> None:
    assert call_printers("add", host, "--profile", "secure").returncode == 0
    said = call_printers("check", env=settings(auth_password="wrongwrong"))
    words = " ".join(said.stdout.split())
    assert "refused the authentication password" in words
    assert "Compare user, protocols and passwords in SNMP_PROFILES" in words
    assert "wrongwrong" not in said.stdout + said.stderr
    well = " ".join(call_printers("check", env=settings()).stdout.split())
    assert "answered with" in well


def test_check_asks_by_each_profile(host: str) -> None:
    assert call_printers("add", "127.0.0.1:1", "--name", "Before").returncode == 0
    assert call_printers("add", host, "--profile", "secure", "--name", "Other").returncode == 0
    words = " ".join(call_printers("check", env=settings()).stdout.split())
    assert "before of the profile default: 127.0.0.1:1 did not answer" in words
    assert "other of the profile secure answered with" in words

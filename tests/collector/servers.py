"""SNMP agents of others, started for a test: the fleet of recordings, Net-SNMP's snmpd."""

import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.brokers import free_port
from tests.paths import SHARED
from tests.patience import PATIENCE_SECONDS

RECORDINGS = sorted((SHARED / "recordings").glob("*.snmprec"))
AUTH_PASSWORD = "authpassword1"
PRIV_PASSWORD = "privpassword1"

# What Net-SNMP calls our protocols: a user of each pair, named for it.
_AUTH = ("MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512")
_PRIVACY = (None, "DES", "AES", "AES-192", "AES-256")
USERS = {
    f"{auth}{privacy or ''}".replace("-", "").lower(): (auth, privacy)
    for auth in _AUTH
    for privacy in _PRIVACY
}

_ENGINE = "exactEngineID 0x80001f8880aabbccddeeff"
_PRINTER = """
sysDescr Laser 1
sysName printer-1
sysLocation room 1
override .1.3.6.1.2.1.25.3.5.1.1.7 integer 3
override .1.3.6.1.2.1.25.3.5.1.2.7 octet_str " "
override .1.3.6.1.2.1.25.3.2.1.5.7 integer 2
override .1.3.6.1.2.1.25.3.2.1.2.7 object_id .1.3.6.1.2.1.25.3.1.5
override .1.3.6.1.2.1.43.5.1.1.17.7 octet_str "SERIAL 1"
override .1.3.6.1.2.1.43.10.2.1.4.7.1 counter 4294967295
override .1.3.6.1.2.1.43.11.1.1.6.7.1 octet_str "Black Toner"
override .1.3.6.1.2.1.43.11.1.1.6.7.2 octet_str "Waste"
override .1.3.6.1.2.1.43.11.1.1.6.7.300 octet_str "Drum"
override .1.3.6.1.2.1.43.11.1.1.9.7.1 integer -3
override .1.3.6.1.2.1.43.11.1.1.9.7.2 integer 77
override .1.3.6.1.2.1.43.11.1.1.9.7.300 integer -129
override .1.3.6.1.2.1.43.18.1.1.7.7.16400 integer 8
override .1.3.6.1.2.1.43.18.1.1.8.7.16400 octet_str "Paper jam"
"""


@contextmanager
def fleet_of_recordings(*options: str) -> Iterator[int]:
    """The public recordings as agents on 127.0.0.1, 127.0.0.2 ... at the port."""
    if not RECORDINGS or platform.system() != "Linux":
        pytest.skip("the public recordings are absent (../shared), or this is not Linux")
    tool = SHARED / "tools" / "snmp_fleet.py"
    port = free_port(socket.SOCK_DGRAM)
    command = [sys.executable, str(tool), "--port", str(port), *options, *map(str, RECORDINGS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ready")
            yield port
        finally:
            process.kill()


@contextmanager
def snmpd(directory: Path, port: int = 0, memory: str = "persistent") -> Iterator[int]:
    """Net-SNMP's agent on 127.0.0.1, with a small printer, a community and a user of each kind.

    `memory` is where it keeps how often it was started: another one is an agent that has forgotten it.
    """
    program = shutil.which("snmpd") or shutil.which("snmpd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("snmpd (Net-SNMP) is not installed")
    port = port or free_port(socket.SOCK_DGRAM)
    users = [_user(name, *protocols) for name, protocols in USERS.items()]
    configuration = directory / "snmpd.conf"
    configuration.write_text(
        "\n".join([f"agentAddress udp:127.0.0.1:{port}", _ENGINE, "rocommunity public", *users, _PRINTER])
    )
    environment = os.environ | {"MIBS": "", "SNMP_PERSISTENT_DIR": str(directory / memory)}
    command = [program, "-f", "-Lo", "-C", "-c", str(configuration)]
    with (
        (directory / "snmpd.log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            _wait_for(directory / "snmpd.log", process)
            yield port
        finally:
            process.kill()


def _user(name: str, auth: str, privacy: str | None) -> str:
    secret = f' {privacy} "{PRIV_PASSWORD}"' if privacy else ""
    level = "priv" if privacy else "auth"
    return f'createUser {name} {auth} "{AUTH_PASSWORD}"{secret}\nrouser {name} {level}'


def _wait_for(log: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while b"NET-SNMP version" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > until:
            pytest.skip(f"snmpd does not start here: {log.read_text(errors='replace')[-500:]}")
        time.sleep(0.02)

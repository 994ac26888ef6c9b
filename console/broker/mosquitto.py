"""The mosquitto program as our broker: finding it, its generated configuration, running it."""

import base64
import hashlib
import logging
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.broker.access import Grant
from console.broker.credentials import write_private

log = logging.getLogger(__name__)

_OLDEST: Final = (2, 0)  # older ones do not know the password hash below
_ROUNDS: Final = 101
_LEVELS: Final = {"Error": logging.ERROR, "Warning": logging.WARNING}
_DATABASE: Final = "mosquitto.db"
_KNOWN: Final = (
    "should not be run as root",  # who started us as root knows
    "replace `message_size_limit` with `max_packet_size`",  # which would end the connection, over and over
)
"""What mosquitto says at every start and nobody has to read."""


@dataclass(frozen=True)
class Mosquitto:
    """An installed mosquitto."""

    path: str
    version: str


def find_mosquitto() -> Mosquitto | None:
    """Return the mosquitto of this machine; its usual folders are often not on a user's PATH."""
    for candidate in (shutil.which("mosquitto"), *_usual_places()):
        if candidate and (version := _version(candidate)):
            return Mosquitto(candidate, ".".join(map(str, version)))
    return None


def _usual_places() -> list[str]:
    places = [f"{place}/mosquitto" for place in ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")]
    if sys.platform == "win32":
        roots = [os.environ.get(name) for name in ("ProgramFiles", "ProgramW6432", "ProgramFiles(x86)")]
        places = [str(Path(root, "mosquitto", "mosquitto.exe")) for root in roots if root]
    return places


def _version(program: str) -> tuple[int, ...] | None:
    try:
        said = subprocess.run([program, "-h"], capture_output=True, timeout=5, check=False, text=True)
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    found = re.search(r"mosquitto version (\d+)\.(\d+)(?:\.(\d+))?", said.stdout + said.stderr)
    version = tuple(int(part) for part in found.groups() if part) if found else ()
    return version if version[:2] >= _OLDEST else None


def configuration(folder: Path, addresses: tuple[str, ...], port: int, most: int) -> str:
    """Return the text of mosquitto.conf; `most`: bytes of the longest message."""
    place = folder.resolve().as_posix()
    lines = [
        "# Written by `printers up` at every start: changes are lost.",
        *(f"listener {port} {address}" for address in addresses),
        "allow_anonymous false",
        f"password_file {place}/passwords",
        f"acl_file {place}/acl",
        "persistence true",
        f"persistence_location {place}/",
        f"persistence_file {_DATABASE}",
        # It writes all that it holds each time, changed or not: 5 KB a printer. What a broker that was killed
        # has forgotten, the services publish again as soon as they are connected.
        "autosave_interval 300",
        # The defaults drop silently: retained states above 1,000 never reach a new subscriber.
        "max_queued_messages 1000000",
        "max_inflight_messages 0",
        f"message_size_limit {most}",
        "set_tcp_nodelay true",
        "log_dest stderr",
        "log_type error",
        "log_type warning",
        "log_timestamp false",
        "connection_messages false",
    ]
    if sys.platform != "win32" and os.geteuid() == 0:
        lines.append("user root")  # it would change to a user that cannot read these files
    return "\n".join(lines) + "\n"


def access_list(grants: Mapping[str, Grant]) -> str:
    """Return the text of the ACL file."""
    lines: list[str] = []
    for user, grant in grants.items():
        lines += ["", f"user {user}"]
        lines += [f"topic write {topic}" for topic in grant.publish]
        lines += [f"topic read {topic}" for topic in grant.read]
    return "\n".join(lines[1:]) + "\n"


def password_line(user: str, password: str, salt: bytes | None = None) -> str:
    """Return a line of the password file: mosquitto's $7$, PBKDF2 with SHA-512."""
    salt = secrets.token_bytes(12) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ROUNDS)
    return f"{user}:$7${_ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def write_files(folder: Path, text: str, passwords: Mapping[str, str], grants: Mapping[str, Grant]) -> Path:
    """Write what mosquitto reads; the path of its configuration."""
    hashed = [password_line(user, password) for user, password in passwords.items()]
    write_private(folder / "passwords", "\n".join(hashed) + "\n")
    write_private(folder / "acl", access_list(grants))
    write_private(folder / "mosquitto.conf", text)
    return folder / "mosquitto.conf"


def start(program: str, config: Path) -> tuple[subprocess.Popen[str], threading.Thread]:
    """Start it; what it says goes into our log, by a thread that ends when all is said."""
    process = subprocess.Popen(
        [program, "-c", str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    relay = threading.Thread(target=_relay, args=(process, config.parent), name="mosquitto-log", daemon=True)
    relay.start()
    return process, relay


def _relay(process: subprocess.Popen[str], folder: Path) -> None:
    for line in process.stderr or ():
        if any(known in line for known in _KNOWN):
            continue
        kind, _, rest = line.strip().partition(": ")
        log.log(_LEVELS.get(kind, logging.INFO), "%s", rest if kind in _LEVELS else line.strip())
        if kind == "Error" and "persist" in rest.lower():
            _set_aside(folder / _DATABASE)


def _set_aside(database: Path) -> None:
    # Without this a file cut short by a power failure would keep the broker down for ever; nothing
    # that must not be lost is kept there.
    try:
        database.replace(database.with_suffix(".db.unreadable"))
    except OSError:
        return
    log.error("what mosquitto kept in %s could not be read and was set aside", database)

"""Recommendations for production: what works but should not stay so where people depend on it."""

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from console.check.context import Blocks, StoredFleet
from core.domain.addresses import is_loopback
from core.runtime.check_results import CheckResult, ok, warning
from core.runtime.env_file import env_file, read_env_file
from core.runtime.secret_files import secret_names
from core.runtime.settings import DEFAULT_PROFILE, MqttSettings
from core.runtime.settings_doc import BLOCKS, as_written
from core.storage.audit import COMMAND_LINE

_PUBLIC: Final = frozenset({"public", "private"})
_PASSWORD_IN_URL: Final = re.compile(r"://[^/\s:@]*:[^/\s@]+@|[?&]password=[^&\s]", re.IGNORECASE)


def check_safety(
    blocks: Blocks, stored: StoredFleet | None, environment: Mapping[str, str]
) -> Iterator[CheckResult]:
    """Yield every recommendation; one line where there is none."""
    found = [
        *_community(blocks, stored),
        *_broker(blocks.mqtt),
        *_web(blocks),
        *_people(stored),
        *_files(blocks.common.data_dir, environment),
    ]
    yield from found or [ok("nothing to recommend")]


def _community(blocks: Blocks, stored: StoredFleet | None) -> Iterator[CheckResult]:
    used = stored is None or any(printer.profile == DEFAULT_PROFILE for printer in stored.printers)
    if used and blocks.snmp.snmp_community.get_secret_value() in _PUBLIC:
        mend = "Set another one on the printers and in SNMP_COMMUNITY, or use SNMPv3 (SNMP_PROFILES)."
        yield warning("the SNMP community is the one that everybody tries first", mend)


def _broker(mqtt: MqttSettings) -> Iterator[CheckResult]:
    if mqtt.mqtt_host is None or is_loopback(mqtt.mqtt_host):
        return
    if mqtt.mqtt_password is None and mqtt.mqtt_client_cert is None:
        mend = "Give each service a user of its own at the broker: MQTT_USERNAME, MQTT_PASSWORD_FILE."
        yield warning(f"the broker {mqtt.mqtt_host} is used without a password", mend)
    if not mqtt.mqtt_tls:
        mend = "Set MQTT_TLS=true (and MQTT_CA for an authority of your own)."
        yield warning(f"what goes to the broker {mqtt.mqtt_host} can be read on the way", mend)


def _web(blocks: Blocks) -> Iterator[CheckResult]:
    if blocks.web.secret_key is None:
        kept = blocks.web.data_dir / "secret_key"
        mend = "Set SECRET_KEY_FILE where several machines serve pages, or to keep it out of DATA_DIR."
        yield warning(f"SECRET_KEY is unset: one that is made here is kept in {kept}", mend)
    if blocks.common.debug:
        yield warning("DEBUG is on: errors show more than strangers should see", "Unset DEBUG.")
    if "*" in blocks.web.allowed_hosts.split(","):
        mend = "Name the host names of the dashboard in ALLOWED_HOSTS."
        yield warning("ALLOWED_HOSTS is *: a page elsewhere can speak in a user's name", mend)


def _people(stored: StoredFleet | None) -> Iterator[CheckResult]:
    if stored is None:
        return
    if stored.admins == 0:
        mend = "`printers users invite NAME --role admin` prints a link for the first administrator."
        yield warning("nobody can administer the dashboard", mend)
    for name in stored.named_like_parts:
        text = f"an older version let an account be called {name}, which the audit calls a part of the system"
        mend = "Give that person an account of another name (`printers users invite NAME`)."
        if name == COMMAND_LINE:
            text += "; tokens made on the command line can do no more than that account"
            mend += " Make tokens on the page API tokens."
        yield warning(text, mend)


def _files(data_dir: Path, environment: Mapping[str, str]) -> Iterator[CheckResult]:
    """Yield files with secrets that every user of this machine can read."""
    kept = ("secret_key", "secret_key.previous", "db.sqlite3", "broker/credentials.json")
    variables = {f"{name.upper()}_FILE" for block in BLOCKS for name in secret_names(block)}
    given = {**read_env_file(), **environment}
    files = [data_dir / name for name in kept]
    files += [Path(path) for name, path in given.items() if name.upper() in variables and path]
    held = secrets_in(read_env_file())
    told = {env_file(): f", which holds {', '.join(held)}"} if held else {}
    for file, holds in (told | dict.fromkeys(files, "")).items():
        if _is_open_to_all(file):
            yield warning(f"every user of this machine can read {file}{holds}", f"chmod 600 {file}")


def secrets_in(variables: Mapping[str, str]) -> list[str]:
    """Return the variables of a settings file whose values nobody else should read.

    Not a secret at its default, which everybody knows, and not a DATABASE_URL without a password.
    """
    defaults = {
        name.upper(): as_written(block.model_fields[name].default)
        for block in BLOCKS
        for name in secret_names(block)
    }
    return [
        name
        for name, text in variables.items()
        if _PASSWORD_IN_URL.search(text)
        or (text and name != "DATABASE_URL" and text != defaults.get(name, text))
    ]


def _is_open_to_all(file: Path) -> bool:
    """Return whether others can read a file, and its owner could change that.

    Not in a folder that only its owner may enter (`printers secrets` makes such ones), and not where a
    container mounts it read-only.
    """
    try:
        path = file.resolve(strict=True)
        readable = path.stat().st_mode & stat.S_IROTH and not _is_mounted_read_only(path)
        return bool(readable) and all(folder.stat().st_mode & stat.S_IXOTH for folder in path.parents)
    except OSError:
        return False


def _is_mounted_read_only(path: Path) -> bool:
    flag = 1
    if sys.platform != "win32":
        flag = os.statvfs(path).f_flag & os.ST_RDONLY
    return bool(flag)

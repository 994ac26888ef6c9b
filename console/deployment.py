"""`printers secrets`: passwords for a deployment, and what a broker of one's own must know of them."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from console.broker.access import HOME_ASSISTANT, USERS, grants, grants_in_force
from console.broker.mosquitto import access_list, password_line
from console.terminal import counted, make_console, plain
from fleet.errors import EXIT_OK, FleetError
from fleet.integration_settings import HomeAssistantSettings
from fleet.settings import MqttSettings, load

_BROKER_USERS: Final = (*USERS, HOME_ASSISTANT)
_OTHERS: Final = ("postgres_password", "influxdb_password", "influxdb_token", "secret_key")


def make_secrets(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where to write them; a folder of their own.")
    ],
) -> int:
    """Make the passwords of a deployment, one file each, for docker-compose.yml and NAME_FILE settings.

    What is there already is kept, so that it can be called again. The broker's password file and access
    list are written anew each time, with the topics of MQTT_TOPIC_PREFIX and HOMEASSISTANT_PREFIX. The
    folder is its owner's alone; its files are readable, because containers read them as users of their own.

    Example: [bold]printers secrets deploy/secrets[/bold]
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        fresh = [name for name in _names() if _make(folder / name)]
        kept = {name: (folder / name).read_text(encoding="utf-8").strip() for name in _names()}
        for name, text in _derived(kept).items():
            _write(folder / name, text)
    except OSError as error:
        raise FleetError(f"{folder} cannot be written ({error.strerror}): may you write there?") from error
    make_console(stderr=True).print(
        f"{counted(len(fresh), 'password')} made, {len(kept) - len(fresh)} kept in {plain(folder)}."
    )
    return EXIT_OK


def _names() -> list[str]:
    return [*(f"mqtt_{user}" for user in _BROKER_USERS), *_OTHERS]


def _make(path: Path) -> bool:
    if path.exists():
        return False
    _write(path, secrets.token_urlsafe(32))
    return True


def _derived(kept: Mapping[str, str]) -> dict[str, str]:
    passwords = [password_line(user, kept[f"mqtt_{user}"]) for user in _BROKER_USERS]
    allowed = grants_in_force()
    if HOME_ASSISTANT not in allowed:  # ready for the day when discovery is switched on
        prefix = load(HomeAssistantSettings).homeassistant_prefix
        allowed = grants(load(MqttSettings).mqtt_topic_prefix, prefix)
    return {
        "mosquitto_passwords": "\n".join(passwords),
        "mosquitto_acl": access_list(allowed),
        "database_url": f"postgresql://printers:{kept['postgres_password']}@postgres/printers",
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
    path.chmod(0o644)

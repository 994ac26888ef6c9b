"""The passwords of the embedded broker: made once, kept in DATA_DIR/broker for their owner alone."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from console.broker.access import HOME_ASSISTANT, USERS
from core.contract.errors import BrokerError
from core.runtime.private_files import replace_file
from core.runtime.settings import MqttSettings


@dataclass(frozen=True)
class BrokerCredentials:
    """Address of the embedded broker of a DATA_DIR, and the password of each user."""

    host: str
    port: int
    passwords: dict[str, str]

    def environment(self, user: str) -> dict[str, str]:
        """Return the settings a process needs to be this user; TLS belongs to brokers further away."""
        return {
            "MQTT_HOST": self.host,
            "MQTT_PORT": str(self.port),
            "MQTT_USERNAME": user,
            "MQTT_PASSWORD": self.passwords[user],
            "MQTT_TLS": "false",
        }

    def settings(self, user: str) -> MqttSettings:
        """Return the same as settings, for a command that connects itself."""
        return MqttSettings(
            mqtt_host=self.host,
            mqtt_port=self.port,
            mqtt_username=user,
            mqtt_password=self.passwords[user],  # type: ignore[arg-type]
            mqtt_tls=False,
        )


def broker_folder(data_dir: Path) -> Path:
    """Return where everything of the embedded broker is."""
    return data_dir / "broker"


def read_credentials(data_dir: Path) -> BrokerCredentials | None:
    """Return those of the broker that `printers up` runs on this DATA_DIR; None where it has never run."""
    path = _path(data_dir)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        passwords = {str(user): str(password) for user, password in found["passwords"].items()}
        return BrokerCredentials(str(found["host"]), int(found["port"]), passwords)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BrokerError(f"the broker's passwords in {path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BrokerError(
            f"{path} is not what it should be: delete it, `printers up` makes new passwords."
        ) from None


def make_credentials(data_dir: Path, host: str, port: int, more: Iterable[str] = ()) -> BrokerCredentials:
    """Return those kept in DATA_DIR, made where they are missing, with the address of this run.

    `more`: users beside those that there always are, such as the collectors of other sites.
    """
    kept = read_credentials(data_dir)
    users = (*USERS, HOME_ASSISTANT, *more)
    passwords = {user: secrets.token_urlsafe(24) for user in users} | (kept.passwords if kept else {})
    credentials = BrokerCredentials(host, port, passwords)
    if credentials != kept:
        text = json.dumps({"host": host, "port": port, "passwords": passwords}, indent=2)
        write_private(_path(data_dir), text + "\n")
    return credentials


def write_private(path: Path, text: str) -> None:
    """Replace a file by one that its owner alone can read; whole or not at all. Raises BrokerError."""
    try:
        replace_file(path, [text.encode()])
    except OSError as error:
        raise BrokerError(f"{path} cannot be written ({error.strerror}): may you write there?") from error


def _path(data_dir: Path) -> Path:
    return broker_folder(data_dir) / "credentials.json"

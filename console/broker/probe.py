"""Is the port free, and does an MQTT broker answer there? By plain sockets, before anything starts."""

import errno
import secrets
import socket
import time
from typing import Final

from console.broker.processes import who_listens
from console.ports import free_port, try_to_listen
from core.contract.errors import BrokerError
from core.runtime.settings import MqttSettings

ACCEPTED: Final = 0
_TIMEOUT_SECONDS: Final = 5.0
_CONNACK: Final = 0x20


def connack(settings: MqttSettings) -> int | None:
    """Return what a broker says to CONNECT: 0 is accepted, 4 and 5 refused; None: no broker answers."""
    client_id = f"printers-probe-{secrets.token_hex(8)}"
    password = settings.mqtt_password.get_secret_value() if settings.mqtt_password else ""
    address = (settings.mqtt_host or "127.0.0.1", settings.mqtt_port)
    try:
        with socket.create_connection(address, _TIMEOUT_SECONDS) as connection:
            connection.settimeout(_TIMEOUT_SECONDS)
            connection.sendall(_connect(client_id, settings.mqtt_username or "", password))
            answer = connection.recv(4)
            connection.sendall(b"\xe0\x00")  # DISCONNECT
    except OSError:
        return None
    return answer[3] if len(answer) == 4 and answer[0] == _CONNACK else None  # noqa: PLR2004


def wait_until_ready(settings: MqttSettings, seconds: float) -> bool:
    """Wait for a broker that accepts us; False when the time is over."""
    deadline = time.monotonic() + seconds
    while connack(settings) != ACCEPTED:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def require_free(address: str, port: int) -> None:
    """Raise one sentence where a broker of ours could not listen there."""
    try:
        try_to_listen(address, port)
    except PermissionError as error:
        raise BrokerError(
            f"port {port} is not ours to listen on: set MQTT_PORT to a number above 1023."
        ) from error
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise BrokerError(f"{address} is not an address of this machine ({error.strerror}).") from error
        if error.errno != errno.EADDRINUSE:
            raise BrokerError(
                f"{address} cannot be listened on here ({error.strerror}): --listen takes another address."
            ) from error
    else:
        return
    who = who_listens(port)
    broker = connack(MqttSettings(mqtt_host=address, mqtt_port=port, mqtt_username=None)) is not None
    holder = f" by {who}" if who else " by an MQTT broker" if broker else " by another program"
    use_it = f", or MQTT_HOST={address} MQTT_PORT={port} to use that broker" if broker else ""
    raise BrokerError(
        f"port {port} on {address} is taken{holder}: set MQTT_PORT={free_port(address)} "
        f"to run the broker there{use_it}."
    )


def _connect(client_id: str, username: str, password: str) -> bytes:
    """Return an MQTT 3.1.1 CONNECT with a clean session (section 3.1)."""
    flags = 0x02 | (0x80 if username else 0) | (0x40 if username and password else 0)
    fields = [client_id, *([username] if username else []), *([password] if username and password else [])]
    payload = b"".join(len(field.encode()).to_bytes(2, "big") + field.encode() for field in fields)
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + b"\x00\x0a" + payload
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | (0x80 if size else 0))
        if not size:
            return b"\x10" + bytes(length) + body

"""Is the port free, and does an MQTT broker answer there? By plain sockets, before anything starts."""

import os
import secrets
import socket
import time
from typing import Final

from console.broker.processes import who_listens
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
        taken = _is_taken(address, port)
    except OSError as error:
        reason = f"{address} cannot be listened on here ({error.strerror}): --listen takes another address."
        raise BrokerError(reason) from error
    if not taken:
        return
    who = who_listens(port)
    broker = connack(MqttSettings(mqtt_host=address, mqtt_port=port, mqtt_username=None)) is not None
    holder = f" by {who}" if who else " by an MQTT broker" if broker else " by another program"
    use_it = f", or MQTT_HOST={address} MQTT_PORT={port} to use that broker" if broker else ""
    raise BrokerError(
        f"port {port} on {address} is taken{holder}: set MQTT_PORT={free_port(address)} "
        f"to run the broker there{use_it}."
    )


def free_port(address: str = "127.0.0.1") -> int:
    """Return a TCP port nobody listens on at the moment."""
    with socket.socket(_family(address)) as listener:
        listener.bind((address, 0))
        return int(listener.getsockname()[1])


def _is_taken(address: str, port: int) -> bool:
    # Asking first: macOS lets two programs bind one port where the other holds it on all addresses.
    with socket.socket(_family(address)) as caller:
        caller.settimeout(_TIMEOUT_SECONDS)
        if caller.connect_ex((address, port)) == 0:
            return True
    with socket.socket(_family(address)) as listener:
        if os.name == "posix":  # a broker that has just ended leaves connections in TIME_WAIT behind
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except PermissionError as error:
            raise BrokerError(
                f"port {port} is not ours to listen on: set MQTT_PORT to a number above 1023."
            ) from error
        except OSError as error:
            if not _is_ours(address):
                raise BrokerError(
                    f"{address} is not an address of this machine ({error.strerror})."
                ) from error
            return True
    return False


def _is_ours(address: str) -> bool:
    try:
        free_port(address)
    except OSError:
        return False
    return True


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


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

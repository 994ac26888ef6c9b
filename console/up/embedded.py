"""The embedded broker of a run: which program, on which port, with which credentials."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from console.broker.credentials import BrokerCredentials, broker_folder, make_credentials
from console.broker.mosquitto import Mosquitto, find_mosquitto
from console.broker.probe import require_free
from console.broker.processes import PID_FILE, end_remembered
from console.ports import free_port
from console.up.options import LOOPBACK, ChildSpec, UpOptions
from console.up.supervisor import BROKER
from core.contract.errors import BrokerError
from core.runtime.settings import MqttSettings


@dataclass(frozen=True)
class EmbeddedBroker:
    """The broker that this run starts."""

    spec: ChildSpec
    credentials: BrokerCredentials
    title: str
    """What it is and where it listens, for a person."""


def embedded_broker(options: UpOptions, settings: MqttSettings) -> EmbeddedBroker | None:
    """Return what to start; None where MQTT_HOST names a broker. Raises UserError where the port is taken."""
    if settings.mqtt_host:
        return None
    addresses = _addresses(options.listen)
    end_left_over(options.data_dir)
    port = _port(options, settings)
    for address in addresses:
        require_free(address, port)
    program = _program(options)
    credentials = make_credentials(options.data_dir, LOOPBACK, port)
    name = f"mosquitto {program.version}" if program else "amqtt"
    title = f"{name} on {' and '.join(addresses)}, port {port}"
    return EmbeddedBroker(_spec(options.data_dir, addresses, port, program), credentials, title)


def end_left_over(data_dir: Path) -> None:
    """End a broker whose run was killed: who holds the lock of DATA_DIR knows that it has no other."""
    end_remembered(broker_folder(data_dir) / PID_FILE)


def _port(options: UpOptions, settings: MqttSettings) -> int:
    if options.mqtt_port is None:
        return settings.mqtt_port
    return options.mqtt_port or free_port(LOOPBACK)


def _addresses(listen: str) -> tuple[str, ...]:
    try:
        address = ipaddress.ip_address(listen)
    except ValueError:
        raise BrokerError(
            f"--listen takes an IP address of this machine, 0.0.0.0 for all of them; {listen!r} is none."
        ) from None
    covers_loopback = listen in (LOOPBACK, "0.0.0.0")  # noqa: S104 (asked for by a person)
    return (str(address),) if covers_loopback else (LOOPBACK, str(address))


def _program(options: UpOptions) -> Mosquitto | None:
    if options.broker == "amqtt":
        return None
    found = find_mosquitto()
    if found is None and options.broker == "mosquitto":
        raise BrokerError("mosquitto 2 or newer is not installed: install it, or leave out --broker.")
    return found


def _spec(data_dir: Path, addresses: tuple[str, ...], port: int, program: Mosquitto | None) -> ChildSpec:
    arguments = ["--data-dir", str(data_dir), "--port", str(port)]
    for address in addresses:
        arguments += ["--listen", address]
    if program:
        arguments += ["--mosquitto", program.path]
    return ChildSpec(BROKER, "console.broker", tuple(arguments))

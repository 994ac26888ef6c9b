"""The command `printers up`."""

from enum import StrEnum
from typing import Annotated

import typer

from console.up.options import LOOPBACK, UpOptions


class Broker(StrEnum):
    """The choice of --broker."""

    auto = "auto"
    mosquitto = "mosquitto"
    amqtt = "amqtt"


def up(
    listen: Annotated[
        str, typer.Option(help="Let other machines reach the broker at this address (0.0.0.0: at all).")
    ] = LOOPBACK,
    broker: Annotated[Broker, typer.Option(help="Which broker to run; auto: mosquitto if installed.")] = (
        Broker.auto
    ),
    plain: Annotated[bool, typer.Option("--plain", help="Log lines instead of the live view.")] = False,
) -> int:
    """Run everything here: broker, processor, collector, dashboard and notifier, until Ctrl-C.

    What dies is started again. With MQTT_HOST set, that broker is used and none is started.

    Example:  [bold]printers import printers.csv && printers up[/bold]
    """
    from console.up.runner import run_up
    from core.runtime.settings import CommonSettings, load

    data_dir = load(CommonSettings).data_dir
    live = False if plain else None
    return run_up(UpOptions(data_dir=data_dir, listen=listen, broker=broker.value, live=live))

"""Services that `printers up` runs, as data, and the options of one run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

BrokerChoice = Literal["auto", "mosquitto", "amqtt"]
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class ChildSpec:
    """A process that runs while `up` does: `python -m module arguments`."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to the run's environment for this child alone."""
    mqtt_user: str | None = None
    """Whose credentials it gets at the embedded broker; None: it speaks no MQTT and waits for nobody."""


SERVICES: Final = (
    ChildSpec("processor", "processor", mqtt_user="processor"),
    ChildSpec("collector", "collector", mqtt_user="collector"),
    ChildSpec("dashboard", "dashboard", mqtt_user="dashboard"),
    ChildSpec("notifier", "notifier", mqtt_user="notifier"),
)


@dataclass(frozen=True)
class UpOptions:
    """One run of everything."""

    data_dir: Path
    name: str = "printers up"
    """What was typed: the view's title, and what is told to who starts it twice,"""
    elsewhere: str = "use another folder (DATA_DIR)"
    """with what they can do."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Settings of this run, over those of the process: they become the process's own and its children's."""
    directory: Path | None = None
    """Where it runs, and where .env is looked for; None: here."""
    mqtt_port: int | None = None
    """The embedded broker's port; None: MQTT_PORT, 0: a free one is chosen."""
    listen: str = LOOPBACK
    """One more address the embedded broker listens on; loopback it always does."""
    broker: BrokerChoice = "auto"
    extra: tuple[ChildSpec, ...] = ()
    """Processes of this run beside the services."""
    banner: tuple[str, ...] = ()
    """Lines that the view keeps in sight (rich markup), also printed where there is no view."""
    live: bool | None = None
    """The live view; None: where standard output is a terminal."""

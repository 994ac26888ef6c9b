"""`printers homeassistant remove`: what was announced to Home Assistant is taken back at the broker."""

import json
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from console.check.broker import settings_in_force
from console.check.mqtt import Message, Visit
from console.terminal import counted, make_console
from fleet.errors import EXIT_FAILED, EXIT_OK, BrokerError, FleetError
from fleet.integration_settings import HomeAssistantSettings
from fleet.settings import CommonSettings, MqttSettings, load

_FIRST_SECONDS: Final = 5.0
_QUIET_SECONDS: Final = 1.5
"""Retained messages come in one go; after such a pause there are no more."""
_CLEARED_SECONDS: Final = 10.0


def remove(
    force: Annotated[
        bool, typer.Option("--force", help="Also while HOMEASSISTANT_DISCOVERY is on: it is announced again.")
    ] = False,
) -> int:
    """Take back the devices that were announced to Home Assistant.

    For after HOMEASSISTANT_DISCOVERY was switched off: announcements are retained by the broker until
    somebody clears them. Connects as MQTT_USERNAME (the user `console` may do it), or as the user `console`
    of the broker that `printers up` runs. Devices of other systems and other topic prefixes stay.

    Example: [bold]printers homeassistant remove[/bold]
    """
    discovery = load(HomeAssistantSettings)
    if discovery.homeassistant_discovery and not force:
        raise FleetError(
            "HOMEASSISTANT_DISCOVERY is on: the processor would announce the devices again. "
            "Switch it off and start the processor again first."
        )
    settings = settings_in_force(load(MqttSettings), load(CommonSettings).data_dir)
    if settings is None:
        raise BrokerError("MQTT_HOST is unset, and `printers up` has not run here yet: there is no broker.")
    pattern = f"{discovery.homeassistant_prefix}/device/+/config"
    with Visit(settings) as visit:
        if visit.refused([pattern]):
            raise BrokerError(f"the broker does not let {_who(settings)} read {pattern} (access list).")
        ours = [topic for topic, text in _retained(visit) if _is_ours(text, settings.mqtt_topic_prefix)]
        left = _clear(visit, ours)
    console = make_console(stderr=True)
    if left:
        console.print(
            f"[red]{counted(len(left), 'announcement')} stayed: the broker does not let {_who(settings)} "
            f"publish {pattern} (access list).[/red]"
        )
        return EXIT_FAILED
    console.print(f"{counted(len(ours), 'device')} removed from Home Assistant.")
    return EXIT_OK


def _retained(visit: Visit) -> Iterator[Message]:
    seconds = _FIRST_SECONDS
    while found := visit.wait_for(lambda _topic, payload: bool(payload), seconds):
        yield found
        seconds = _QUIET_SECONDS


def _is_ours(text: bytes, prefix: str) -> bool:
    """Whether an announcement is one of our processor's, for printers under this prefix."""
    try:
        announced = json.loads(text)
        origin, topic = announced["origin"]["name"], str(announced["state_topic"])
    except (ValueError, KeyError, TypeError):
        return False
    return bool(origin == "Printer System" and topic.startswith(f"{prefix}/"))


def _clear(visit: Visit, topics: list[str]) -> set[str]:
    """Clear these; return those of which that does not come back: the broker has dropped it."""
    for topic in topics:
        visit.publish(topic, "", retain=True)
    left = set(topics)
    while left and (
        found := visit.wait_for(lambda at, payload: at in left and not payload, _CLEARED_SECONDS)
    ):
        left.discard(found[0])
    return left


def _who(settings: MqttSettings) -> str:
    return f"the user {settings.mqtt_username!r}" if settings.mqtt_username else "us"

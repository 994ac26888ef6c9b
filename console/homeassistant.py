"""`printers homeassistant remove`: what was announced to Home Assistant is taken back at the broker."""

import json
from typing import Annotated, Final

import typer

from console.check.broker import settings_in_force
from console.check.mqtt import Visit
from console.terminal import make_console
from core.contract.errors import EXIT_OK, BrokerError, UserError
from core.contract.topics import CHECKED_PRINTER, HOME_ASSISTANT_PREFIX
from core.domain.units import counted
from core.runtime.integration_settings import HomeAssistantSettings
from core.runtime.settings import CommonSettings, MqttSettings, load

_ECHO_SECONDS: Final = 6.0
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
    somebody clears them. Connects as MQTT_USERNAME (the users `console` and `up` may do it), or as the user
    `console` of the broker that `printers up` runs. Devices of other systems and other topic prefixes stay.

    Example: [bold]printers homeassistant remove[/bold]
    """
    discovery = load(HomeAssistantSettings)
    if discovery.homeassistant_discovery and not force:
        raise UserError(
            "HOMEASSISTANT_DISCOVERY is on: the processor would announce the devices again. "
            "Switch it off and start the processor again first."
        )
    settings = settings_in_force(load(MqttSettings), load(CommonSettings).data_dir)
    if settings is None:
        raise BrokerError("MQTT_HOST is unset, and `printers up` has not run here yet: there is no broker.")
    pattern = f"{HOME_ASSISTANT_PREFIX}/device/+/config"
    try:
        with Visit(settings) as visit:
            proven, announced = _retained(visit, pattern)
            ours = [topic for topic, text in announced.items() if _is_ours(text, settings.mqtt_topic_prefix)]
            left = _clear(visit, ours) if proven else set(ours)
    except BrokerError as refused:
        at = f"{settings.mqtt_host}:{settings.mqtt_port}"
        raise BrokerError(f"the broker at {at} does not take {_who(settings)}: {refused}.") from refused
    if left or not proven:
        stay = f": {counted(len(left), 'device')} stay announced" if left else ""
        raise BrokerError(
            f"the broker does not let {_who(settings)} read and publish {pattern}{stay}. "
            "Set MQTT_USERNAME=console, with its password, or give this user the right in the access list."
        )
    make_console(stderr=True).print(f"{counted(len(ours), 'device')} removed from Home Assistant.")
    return EXIT_OK


def _retained(visit: Visit, pattern: str) -> tuple[bool, dict[str, bytes]]:
    """Return whether this user may read and publish there, and what is retained, by topic.

    A topic under which nothing is announced is cleared. That this comes back proves the right, which brokers
    do not tell: they accept a subscription, and acknowledge a message that they then drop.
    """
    found: dict[str, bytes] = {}
    if visit.refused([pattern]):
        return False, found
    proof = pattern.replace("+", CHECKED_PRINTER)
    proven, seconds = False, _ECHO_SECONDS
    visit.publish(proof, "", retain=True)
    while message := visit.wait_for(lambda _topic, _payload: True, seconds):
        topic, payload = message
        if topic == proof:
            proven, seconds = True, _QUIET_SECONDS
        elif payload:
            found[topic] = payload
    return proven, found


def _is_ours(text: bytes, prefix: str) -> bool:
    """Return whether an announcement is one of our processor's, for printers under this prefix."""
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

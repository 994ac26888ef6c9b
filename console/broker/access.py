"""Who may publish and read which topics at the embedded broker: derived from fleet/topics.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fleet import topics
from fleet.integration_settings import HomeAssistantSettings
from fleet.settings import MqttSettings, load
from fleet.topics import TOPICS, Topic

USERS: Final = ("collector", "processor", "notifier", "dashboard", "console", "reader")
"""One per service; `reader` is for other systems: it reads everything and publishes nothing."""
HOME_ASSISTANT: Final = "homeassistant"
"""A reader that may ask for a refresh; it may do so where devices are announced to it."""

_READ_ALL: Final = ("console", "reader")
_READS: Final[Mapping[str, tuple[Topic, ...]]] = {
    "collector": (topics.INVENTORY, topics.STORED, topics.REFRESH, topics.DISCOVER, topics.PRESENCE),
    # Its own retained topics, too: what is no longer true must be found to be cleared.
    "processor": (topics.READING, topics.PRESENCE, topics.STATE, topics.ATTENTION, topics.INVENTORY),
    "notifier": (topics.PRESENCE,),
    "dashboard": (topics.PRESENCE, topics.DISCOVERED),
}


@dataclass(frozen=True)
class Grant:
    """The topic filters one user may publish to and subscribe to."""

    publish: tuple[str, ...]
    read: tuple[str, ...]


def grants(prefix: str, discovery: str = "") -> dict[str, Grant]:
    """What each user may do under MQTT_TOPIC_PREFIX; everything else is refused.

    `discovery`: the prefix under which the processor announces devices to Home Assistant; empty: it does not.
    """
    found = {user: Grant(_publishes(user, prefix), _reads(user, prefix)) for user in USERS}
    if discovery:
        processor = found["processor"]
        announced = (*processor.publish, f"{discovery}/device/+/config")
        found["processor"] = Grant(announced, processor.read)
        refresh = topics.REFRESH.filter(prefix)
        found[HOME_ASSISTANT] = Grant((refresh, f"{discovery}/status"), (f"{prefix}/#", f"{discovery}/#"))
    return found


def grants_in_force() -> dict[str, Grant]:
    """The grants of the settings."""
    home_assistant = load(HomeAssistantSettings)
    discovery = home_assistant.homeassistant_prefix if home_assistant.homeassistant_discovery else ""
    return grants(load(MqttSettings).mqtt_topic_prefix, discovery)


def _publishes(user: str, prefix: str) -> tuple[str, ...]:
    if user == "reader":
        return ()
    own = tuple(
        topic.filter(prefix) for topic in TOPICS if user in topic.publishers and topic is not topics.PRESENCE
    )
    # Presence is a statement about oneself: nobody speaks for another service.
    return (*own, topics.PRESENCE.filter(prefix, service=user))


def _reads(user: str, prefix: str) -> tuple[str, ...]:
    if user in _READ_ALL:
        return (f"{prefix}/#",)
    return tuple(topic.filter(prefix) for topic in _READS[user])


def covers(allowed: str, asked: str) -> bool:
    """Whether a filter includes all that another filter (or a topic) stands for (MQTT 3.1.1, 4.7)."""
    ours, theirs = allowed.split("/"), asked.split("/")
    for position, level in enumerate(ours):
        if level == "#":
            return True
        if position >= len(theirs) or theirs[position] == "#":
            return False
        if level not in ("+", theirs[position]):
            return False
    return len(ours) == len(theirs)

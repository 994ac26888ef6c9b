"""Grants at the broker, derived from core/contract/topics.py: who may publish and read which topics."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from core.contract import topics
from core.contract.topics import TOPICS, Topic
from core.runtime.integration_settings import HomeAssistantSettings
from core.runtime.settings import CommonSettings, MqttSettings, load

USERS: Final = ("collector", "processor", "notifier", "dashboard", "up", "console", "reader")
"""One per service; `collector` is that of the site SITE. `up` is for `printers up` at a broker of one's
own: one user for all four services. `reader` is for other systems: it reads everything, and may ask for a
printer to be read now."""
HOME_ASSISTANT: Final = "homeassistant"
"""Like `reader`; where devices are announced to it, it may read these, too."""
SITE_USER: Final = "collector-"
"""Before the name of a site: the user of that site's collector."""

_SERVICES: Final = ("collector", "processor", "notifier", "dashboard")
_READS: Final[Mapping[str, tuple[Topic, ...]]] = {
    "collector": (topics.INVENTORY, topics.STORED, topics.REFRESH, topics.DISCOVER, topics.SITE_PRESENCE),
    # Its own retained topics, too: what is no longer true must be found to be cleared.
    "processor": (
        topics.READING,
        topics.SITE_PRESENCE,
        topics.PRESENCE,
        topics.STATE,
        topics.ATTENTION,
        topics.INVENTORY,
    ),
    "notifier": (topics.PRESENCE,),
    "dashboard": (topics.PRESENCE, topics.DISCOVERED),
}


@dataclass(frozen=True)
class Grant:
    """The topic filters one user may publish to and subscribe to."""

    publish: tuple[str, ...]
    read: tuple[str, ...]


@dataclass(frozen=True)
class BrokerDeployment:
    """Facts that the grants depend on."""

    prefix: str = "printers"
    """MQTT_TOPIC_PREFIX."""
    site: str = "main"
    """The site of the user `collector`."""
    sites: tuple[str, ...] = ()
    """Other sites; the collector of each has a user of its own."""
    announces: bool = False
    """Whether the processor announces devices there (HOMEASSISTANT_DISCOVERY)."""

    @classmethod
    def of_settings(cls, users: Iterable[str], *, announces: bool | None = None) -> "BrokerDeployment":
        """Return that of the settings; `users` are those that there are passwords for."""
        integration = load(HomeAssistantSettings)
        return cls(
            prefix=load(MqttSettings).mqtt_topic_prefix,
            site=load(CommonSettings).site,
            sites=tuple(sorted(user.removeprefix(SITE_USER) for user in users if user.startswith(SITE_USER))),
            announces=integration.homeassistant_discovery if announces is None else announces,
        )


def grants(deployment: BrokerDeployment) -> dict[str, Grant]:
    """Return what each user may do; everything else is refused."""
    prefix, discovery = deployment.prefix, topics.HOME_ASSISTANT_PREFIX
    announced, everything = f"{discovery}/device/+/config", (f"{prefix}/#",)
    refresh = topics.REFRESH.filter(prefix)
    found = {service: _service(service, prefix, deployment.site) for service in _SERVICES}
    found |= {f"{SITE_USER}{site}": _service("collector", prefix, site) for site in deployment.sites}
    if deployment.announces:
        processor = found["processor"]
        found["processor"] = Grant((*processor.publish, announced), processor.read)
        found[HOME_ASSISTANT] = Grant((refresh, f"{discovery}/status"), (*everything, f"{discovery}/#"))
    together = [topic for service in _SERVICES for topic in found[service].publish]
    # Announcements are removed by hand, after the discovery was switched off.
    found["up"] = Grant(tuple(dict.fromkeys((*together, announced))), (*everything, announced))
    own = tuple(topic.filter(prefix) for topic in TOPICS if "console" in topic.publishers)
    found["console"] = Grant((*own, announced), (*everything, announced))
    found["reader"] = Grant((refresh,), everything)
    return found


def _service(service: str, prefix: str, site: str) -> Grant:
    """Return the grant of a service; that of a collector is limited to its site."""
    own_site = {"site": site} if service == "collector" else {}
    # Presence is a statement about oneself: nobody speaks for another service.
    levels = {"service": service, **own_site}
    publish = [topic.filter(prefix, **levels) for topic in TOPICS if service in topic.publishers]
    read = [topic.filter(prefix, **own_site) for topic in _READS[service]]
    if service == "collector":
        read.append(topics.PRESENCE.filter(prefix, service="processor"))
    return Grant(tuple(publish), tuple(read))


def covers(allowed: str, asked: str) -> bool:
    """Return whether a filter includes all that another filter (or a topic) stands for (MQTT 3.1.1, 4.7)."""
    ours, theirs = allowed.split("/"), asked.split("/")
    for position, level in enumerate(ours):
        if level == "#":
            return True
        if position >= len(theirs) or theirs[position] == "#":
            return False
        if level not in ("+", theirs[position]):
            return False
    return len(ours) == len(theirs)

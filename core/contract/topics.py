"""Every topic: its pattern, who publishes what on it, QoS and retain; declared once.

Patterns are relative to MQTT_TOPIC_PREFIX (default `printers`). Only plain MQTT 3.1.1 is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.contract import discovery_messages, messages

HOME_ASSISTANT_PREFIX: Final = "homeassistant"
"""Where Home Assistant listens for announced devices, and says that it has started."""


@dataclass(frozen=True)
class Topic:
    """One kind of topic. `pattern` has {names} for its variable levels."""

    pattern: str
    payload: type[messages.Message]
    publishers: tuple[str, ...]
    retain: bool
    purpose: str
    qos: int = 1

    def name(self, prefix: str, **levels: str | int) -> str:
        """Return the topic of one printer, site or service: name("printers", printer_id="lib-1")."""
        return f"{prefix}/{self.pattern.format(**levels)}"

    def filter(self, prefix: str, **levels: str | int) -> str:
        """Return the subscription for it: levels that are not given become `+`."""
        parts = [part.format(**levels) if part[1:-1] in levels else part for part in self.pattern.split("/")]
        return "/".join([prefix, *("+" if part.startswith("{") else part for part in parts)])

    def levels(self, prefix: str, topic: str) -> Mapping[str, str] | None:
        """Return the variable levels of a received topic; None where it is not this kind of topic."""
        if not topic.startswith(f"{prefix}/"):
            return None
        pattern, given = self.pattern.split("/"), topic[len(prefix) + 1 :].split("/")
        if len(pattern) != len(given):
            return None
        found = {}
        for part, level in zip(pattern, given, strict=True):
            if part.startswith("{"):
                found[part[1:-1]] = level
            elif part != level:
                return None
        return found


READING: Final = Topic(
    "{printer_id}/reading/{site}",
    messages.Reading,
    ("collector",),
    False,
    "raw answers of a printer, from the collector of the site",
)
STATE: Final = Topic("{printer_id}/state", messages.PrinterState, ("processor",), True, "everything derived")
ATTENTION: Final = Topic(
    "{printer_id}/attention", messages.PrinterAttention, ("processor",), True, "flags with severity and since"
)
ISSUE: Final = Topic(
    "{printer_id}/issue",
    messages.IssueChange,
    ("processor",),
    False,
    "issue opened, changed, resolved; that of an outage on $outage/issue",
)
OUTAGE_LEVEL: Final = "$outage"
"""In the topic of an outage's issue in the place of a printer: who subscribes to all issues gets it, too."""
SUPPLY_EVENT: Final = Topic(
    "{printer_id}/supply_event",
    messages.SupplyReplaced,
    ("processor",),
    False,
    "a supply replaced: which, when, pages it printed",
)
REFRESH: Final = Topic(
    "{printer_id}/refresh",
    messages.RefreshRequest,
    ("dashboard", "console", "others"),
    False,
    "ask this printer now",
)
INVENTORY: Final = Topic(
    "$sites/{site}/inventory/{chunk}",
    messages.InventoryChunk,
    ("processor",),
    True,
    "what this site's collector polls, in chunks under 100 KiB",
)
STORED: Final = Topic(
    "$sites/{site}/stored", messages.Receipt, ("processor",), False, "receipts: which readings are committed"
)
DISCOVER: Final = Topic(
    "$sites/{site}/discover",
    discovery_messages.DiscoverRequest,
    ("dashboard", "console"),
    False,
    "sweep networks for printers, or stop doing so",
)
DISCOVERED: Final = Topic(
    "$sites/{site}/discovered",
    discovery_messages.Discovered,
    ("collector",),
    False,
    "how a sweep goes on, and what it has found",
)
SITE_PRESENCE: Final = Topic(
    "$sites/{site}/presence/{instance}",
    messages.Presence,
    ("collector",),
    True,
    "presence of a site's collector, with a will and a heartbeat every 30 s with counters",
)
PRESENCE: Final = Topic(
    "$services/{service}/{instance}",
    messages.Presence,
    ("processor", "notifier", "dashboard"),
    True,
    "presence with a will, and a heartbeat every 30 s with counters",
)
REJECTED: Final = Topic(
    "$rejected", messages.RejectedMessage, ("processor",), False, "what could not be parsed, and why"
)

TOPICS: Final = (
    READING,
    STATE,
    ATTENTION,
    ISSUE,
    SUPPLY_EVENT,
    REFRESH,
    INVENTORY,
    STORED,
    DISCOVER,
    DISCOVERED,
    SITE_PRESENCE,
    PRESENCE,
    REJECTED,
)

CHECKED_PRINTER: Final = "printers-check"
"""A printer id that no inventory may have: `printers check` tries the broker with it, services ignore it."""


def presence_topic(prefix: str, service: str, instance: str, site: str | None) -> str:
    """Return where a service publishes its presence: that of a collector belongs to its site."""
    if service == "collector" and site is not None:
        return SITE_PRESENCE.name(prefix, site=site, instance=instance)
    return PRESENCE.name(prefix, service=service, instance=instance)


def named_by_topic(prefix: str, topic: str) -> tuple[str, str, str | None] | None:
    """Return the service, instance and site whose presence a topic carries; None for other topics.

    The broker's access list protects the topic, not the payload: what differs from it is forged.
    """
    if levels := SITE_PRESENCE.levels(prefix, topic):
        return "collector", levels["instance"], levels["site"]
    levels = PRESENCE.levels(prefix, topic)
    if levels and levels["service"] != "collector":
        return levels["service"], levels["instance"], None
    return None

"""Describe the health of the system in words. Pure."""

from collections.abc import Iterator
from typing import Final

from core.domain.units import lasting, size
from core.runtime.mqtt_link import HEARTBEAT_SECONDS
from dashboard.features.system.queries import SystemView

_LAG_SECONDS: Final = 60
_BROKER_SILENT_SECONDS: Final = 1.5 * HEARTBEAT_SECONDS
"""A heartbeat, which every broker acknowledges, was due half as long ago."""
_MANY_WAITING: Final = 10_000
_WITHOUT: Final = {
    "collector": "printers are not read",
    "processor": "readings are not processed",
    "notifier": "no mail is sent",
}
"""What does not happen without a service."""


def troubles(system: SystemView, broker_silent_seconds: float) -> list[str]:
    """Return what is wrong with the system itself, a sentence each; the worst first.

    While the broker is silent no heartbeat comes: which services are there is not known.
    """
    lag = system.worst("processor", "lag_seconds") or 0
    dropped = system.total("collector", "dropped")
    failed = system.mail.get("failed", 0)
    deaf = [each.instance for each in system.online if each.counters.get("trap_port_missing")]
    no_traps = f"No traps are heard on {', '.join(deaf)}: its UDP port is not open. Its log says why."
    found = {
        f"Readings are {lasting(lag)} old when they are stored.": lag > _LAG_SECONDS,
        f"{system.outbox_waiting:,} points of history wait: the time series may be away.": (
            system.outbox_waiting > _MANY_WAITING
        ),
        f"{refused_points(system.refused_today)} refused by the time series within a day.": (
            system.refused_today > 0
        ),
        f"{dropped:,.0f} readings were dropped: a spool was full.": dropped > 0,
        no_traps: bool(deaf),
        f"{failed:,} messages could not be sent.": failed > 1,
        "A message could not be sent.": failed == 1,
    }
    silent = broker_silent_seconds > _BROKER_SILENT_SECONDS
    absences = [_broker_silence(broker_silent_seconds)] if silent else _absences(system)
    return [*absences, *(sentence for sentence, true in found.items() if true)]


def _broker_silence(seconds: float) -> str:
    return (
        f"The broker has not answered for {lasting(seconds)}: readings wait in the spools of collectors, and "
        "no heartbeat says which services are running."
    )


def refused_points(number: int) -> str:
    """Return the number in words: `1 point of history was`, `500 points of history were`."""
    return "1 point of history was" if number == 1 else f"{number:,} points of history were"


def _absences(system: SystemView) -> Iterator[str]:
    for name in system.missing:
        if name in _WITHOUT:
            yield f"No {name} is there: {_WITHOUT[name]}."
    for each in system.gone:
        if each.service not in system.missing:
            yield f"The {each.service} “{each.instance}” is {each.status(system.at)}."


def figures(system: SystemView) -> list[tuple[str, str, str]]:
    """Return label, value and meaning of each figure."""
    lag = system.worst("processor", "lag_seconds")
    oldest = lasting(system.worst("collector", "oldest_unreceipted_seconds") or 0)
    rate = system.total("collector", "readings_per_minute")
    kept = f"{system.outbox_kept:,} more are kept until it is known to have them for good"
    return [
        ("Readings per minute", f"{rate:,.0f}", "By all collectors"),
        (
            "Lag",
            "–" if lag is None else f"{lag:,.1f} s",
            "From taken to stored, the median of the newest readings",
        ),
        (
            "In spools",
            f"{system.total('collector', 'spool_readings'):,.0f}",
            f"Readings the processor has not yet receipted, the oldest for {oldest}",
        ),
        (
            "In the outbox",
            f"{system.outbox_waiting:,}",
            f"Points of history on their way to the time series; {kept}",
        ),
        ("Database", size(system.database_bytes), "The SQL database"),
    ]

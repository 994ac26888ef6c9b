"""How a printer is, in one word: by what it reports, by how old that is, or because it is out of service."""

from collections.abc import Mapping
from typing import Final

from core.domain.conditions import SEVERITIES

HEALTHS: Final[Mapping[str, str]] = {
    "critical": SEVERITIES["critical"],
    "stale": "No data",
    "warning": SEVERITIES["warning"],
    "info": SEVERITIES["info"],
    "new": "Not reached yet",
    "out": "Out of service",
    "ok": "OK",
}
"""How a printer is, worst first: its severity, the age of its data, not reached yet, out of service, OK."""


def health_of(severity: str | None, *, stale: bool, reached: bool, out: bool = False) -> str:
    """Return which of HEALTHS a printer is; `reached`: it has ever answered, `out`: it is out of service."""
    if out:
        return "out"
    if severity == "critical":
        return "critical"
    if stale:
        return "stale"
    return (severity or "ok") if reached else "new"

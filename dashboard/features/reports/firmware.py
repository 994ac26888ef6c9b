"""Firmware by model: which versions run on how many printers, and which are older than the newest. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.domain.firmware import is_older, newest_of
from dashboard.features.fleet.queries import Listed

Standing = Literal["newest", "older", "only", "unordered"]
"""Of a version among those of its model; "unordered" where it is not known which is newer."""


@dataclass(frozen=True)
class ModelFirmware:
    """The versions that the printers of one model run."""

    model: str
    versions: Mapping[str, int]
    """How many printers run which, the most frequent first; "" where they do not tell it."""
    newest: str | None
    """None where the versions cannot be put in order."""

    @property
    def known(self) -> list[str]:
        """The versions without that of the printers that do not tell."""
        return [version for version in self.versions if version]

    def standing(self, version: str) -> Standing:
        """Return how a version stands among those of the model."""
        if len(self.known) == 1:
            return "only"
        if self.newest is None:
            return "unordered"
        return "older" if is_older(version, self.newest) else "newest"

    @property
    def older(self) -> int:
        """How many printers run an older version than the newest one."""
        return sum(
            count for version, count in self.versions.items() if version and is_older(version, self.newest)
        )


def firmware_by_model(rows: Iterable[Listed]) -> list[ModelFirmware]:
    """Return the models of a fleet whose printers tell a version: those with the most older ones first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row.model:
            counts[row.model][row.firmware] += 1
    models = [
        ModelFirmware(model, dict(counted.most_common()), newest_of(filter(None, counted)))
        for model, counted in counts.items()
        if any(counted)
    ]
    return sorted(models, key=lambda one: (-one.older, -len(one.known), one.model.casefold()))

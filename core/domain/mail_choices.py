"""What people choose of the system's mails: the daily summary, and notices by severity and place. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.domain.conditions import SEVERITY_RANK
from core.domain.permissions import Permission, Role
from core.domain.places import NOWHERE, place_of

ALWAYS: Final = "always"
CHANGED: Final = "changed"
NEVER: Final = "never"
NOT_CHOSEN: Final = ""
"""Nothing was chosen: they get what is sent to their address anyway, because the settings name it."""

_NOT_CHOSEN_WORDS: Final = "As the settings say"
SUMMARY_CHOICES: Final[Mapping[str, str]] = {
    NOT_CHOSEN: _NOT_CHOSEN_WORDS,
    ALWAYS: "Every day",
    CHANGED: "Only when something has changed",
    NEVER: "Never",
}
NOTICE_CHOICES: Final[Mapping[str, str]] = {
    NOT_CHOSEN: _NOT_CHOSEN_WORDS,
    "critical": "Critical",
    "warning": "Critical and warnings",
    "info": "Everything",
    NEVER: "None",
}
"""From which severity on."""


@dataclass(frozen=True)
class MailChoices:
    """The choices of one person."""

    summary: str = NOT_CHOSEN
    """One of SUMMARY_CHOICES."""
    notices: str = NOT_CHOSEN
    """One of NOTICE_CHOICES."""
    places: frozenset[str] = frozenset()
    """Of notices: names of places; none: all."""

    def receives_summary(self, *, listed: bool) -> bool:
        """Return whether they receive the daily summary; `listed`: the settings name their address."""
        return listed if self.summary == NOT_CHOSEN else self.summary in (ALWAYS, CHANGED)

    def receives_notices(self, *, listed: bool) -> bool:
        """Return whether they receive notices at all."""
        return listed if self.notices == NOT_CHOSEN else self.notices in SEVERITY_RANK

    def concerns(self, severity: str, location: str) -> bool:
        """Return whether a condition of that severity at that location is one they want to know of."""
        if self.notices == NOT_CHOSEN:
            return True
        grave = SEVERITY_RANK.get(severity, 0) >= SEVERITY_RANK.get(self.notices, len(SEVERITY_RANK))
        return grave and (not self.places or place_name(location) in self.places)


def place_name(location: str) -> str:
    """Return the place of a location as it is chosen."""
    return place_of(location) or NOWHERE


_NOWHERE_BEFORE: Final = "No location"
"""What NOWHERE was called when choices were stored first."""


def read_places(text: str) -> frozenset[str]:
    """Return the places of a stored choice: their names, with commas between."""
    names = filter(None, (part.strip() for part in text.split(",")))
    return frozenset(NOWHERE if name == _NOWHERE_BEFORE else name for name in names)


def written_places(names: frozenset[str]) -> str:
    """Return places as they are stored; a place ends at the first comma of a location, so it has none."""
    return ", ".join(sorted(names, key=str.casefold))


def may_subscribe(role: Role) -> bool:
    """Return whether a role may see what stands in summaries and notices."""
    return role.may(Permission.WORK_ISSUES) and role.may(Permission.SEE_ADDRESSES)

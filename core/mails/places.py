"""The fleet by place, as the daily summary counts it. Pure."""

from dataclasses import dataclass

from core.domain.links import Links
from core.domain.places import NOWHERE, place_of
from core.domain.units import counted
from core.domain.wording import STATES, within_line
from core.mails.clean_text import one_line
from core.mails.facts import Facts
from core.mails.phrases import kinds_of


@dataclass
class PlaceCounts:
    """A place where something is to be done."""

    place: str
    url: str
    critical: int = 0
    warning: int = 0
    silent: int = 0
    """Printers that do not answer, or that nobody asks."""
    issues: int = 0

    @property
    def weight(self) -> tuple[int, int, int, int, str]:
        """What they are sorted by, the worst first."""
        return -self.critical, -self.silent, -self.warning, -self.issues, self.place.casefold()

    @property
    def words(self) -> str:
        """Return `3 critical, 2 warnings, 1 not answering, 5 issues`."""
        parts = (
            f"{self.critical} critical" if self.critical else "",
            counted(self.warning, "warning") if self.warning else "",
            f"{self.silent} {within_line(STATES['unreachable'])}" if self.silent else "",
            counted(self.issues, "issue") if self.issues else "",
        )
        return ", ".join(filter(None, parts))


def by_place(facts: Facts, links: Links) -> list[PlaceCounts]:
    """Return the places where printers need something or issues are open, the worst first."""
    found: dict[str, PlaceCounts] = {}

    def line(printer_id: str) -> PlaceCounts:
        state = facts.states.get(printer_id)
        place = place_of(state.latest.location or "") if state else ""
        if place not in found:
            url = links.place(place) if place else links.printers
            found[place] = PlaceCounts(one_line(place, 60) or NOWHERE, url)
        return found[place]

    for printer_id, kind in kinds_of(facts).items():
        if kind == "critical":
            line(printer_id).critical += 1
        elif kind == "warning":
            line(printer_id).warning += 1
        elif kind in ("failed", "stale"):
            line(printer_id).silent += 1
    for issue in facts.open_issues:
        line(issue.printer_id).issues += 1
    return sorted(found.values(), key=lambda one: one.weight)

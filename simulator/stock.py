"""Stock of a simulated printer: pages, the share left of each supply, the sheets in each tray."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

from simulator.shape import Shape, SimulatedSupply

LOW: Final = 0.10
_COLOR_SHARE: Final = 0.5  # of a page that is black
_NEVER_STOPS: Final = ("wear", "drum")


class Stock:
    """The levels of one printer, full of plausible numbers at first."""

    def __init__(self, shape: Shape, random: Random, pages: int) -> None:
        self._shape = shape
        self.pages = pages
        self.left = [random.uniform(0.2, 1.0) for _ in shape.supplies]
        """Per supply: the share left; of a waste container the share of its room that is left."""
        self.sheets = [int(tray.capacity * random.uniform(0.3, 1.0)) for tray in shape.trays]
        self.missing_tray: int | None = None

    def memory(self) -> dict[str, Any]:
        """Return what outlives a restart."""
        return {"pages": self.pages, "left": self.left, "sheets": self.sheets}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Go on where `memory` was taken."""
        self.pages = int(memory["pages"])
        self.left = [float(share) for share in memory["left"]]
        self.sheets = [int(sheets) for sheets in memory["sheets"]]

    @property
    def out_of_paper(self) -> bool:
        """Whether no tray has paper."""
        fed = [sheets for at, sheets in enumerate(self.sheets) if at != self.missing_tray]
        return bool(self.sheets) and not any(fed)

    @property
    def used_up(self) -> bool:
        """Whether some supply is used up that nothing can be printed without."""
        return any(self.is_empty(at) for at in range(len(self.left)))

    def is_empty(self, at: int) -> bool:
        """Return whether that supply is used up (that waste container full) and stops the printer."""
        return self.left[at] <= 0 and self._shape.supplies[at].kind not in _NEVER_STOPS

    def is_low_tray(self, at: int) -> bool:
        """Return whether that tray has paper, but not for long."""
        return 0 < self.sheets[at] <= self._shape.trays[at].capacity * LOW

    def use(self, pages: int) -> None:
        """Print so many pages."""
        self.pages += pages
        for at, supply in enumerate(self._shape.supplies):
            self.left[at] = max(0.0, self.left[at] - pages * share_of_page(supply))
        for at, sheets in enumerate(self.sheets):
            drawn = 0 if at == self.missing_tray else min(sheets, pages)
            self.sheets[at] -= drawn
            pages -= drawn

    def fill_tray(self, at: int) -> None:
        """Fill a tray with paper."""
        self.sheets[at] = self._shape.trays[at].capacity

    def replace(self, at: int) -> None:
        """Replace a supply, if that is still needed."""
        if self.left[at] <= LOW:
            self.left[at] = 1.0


def share_of_page(supply: SimulatedSupply) -> float:
    """Return how much of a supply one page uses."""
    color = supply.kind in ("toner", "ink") and not supply.black
    return (_COLOR_SHARE if color else 1.0) / supply.pages

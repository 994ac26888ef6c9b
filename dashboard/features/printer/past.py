"""What the charts of a printer are made of: its history, and what is known about its supplies."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.contract.messages import HistoryPoint, Supply
from core.contract.printer_mib import RECEPTACLE
from core.domain.part_names import supply_name
from core.runtime.settings import RuleSettings
from core.timeseries.reader import PrinterDay
from dashboard.features.printer.queries import PrinterView
from dashboard.ui.text import clean


@dataclass(frozen=True)
class Past:
    """The past of one printer, as far back as somebody has chosen to see it."""

    points: Sequence[HistoryPoint]
    """Oldest first, thinned out."""
    day_sums: Sequence[PrinterDay]
    """Its UTC days, as every report has them."""
    days: int
    view: PrinterView
    rules: RuleSettings
    dark: bool


def supply_names(supplies: Sequence[Supply]) -> Mapping[str, str]:
    """Return a unique name for each supply that runs down, by index; of two alike with its number."""
    consumed = [supply for supply in supplies if supply.supply_class != RECEPTACLE]
    said = {supply.index: clean(supply_name(supply), 60) for supply in consumed}
    often = Counter(said.values())
    return {
        index: name if often[name] == 1 else f"{name} ({index.rpartition('.')[2]})"
        for index, name in said.items()
    }

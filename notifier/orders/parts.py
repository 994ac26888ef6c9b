"""What to order, as a mail with a spreadsheet: what flags call for, and what will run out soon. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from core.contract.messages import Supply
from core.contract.printer_mib import RECEPTACLE
from core.domain.conditions import ORDERED_FOR
from core.domain.part_names import order_name
from core.domain.spreadsheets import to_csv
from core.domain.units import counted
from core.storage.fleet_states import FleetState
from notifier.clean_text import one_line
from notifier.phrases import runs_out
from notifier.summary.queries import OpenFlag, SummaryForecast

_COLUMNS: Final = (
    "part",
    "model",
    "printer_id",
    "printer",
    "location",
    "site",
    "reason",
    "level_percent",
    "days_left",
)


@dataclass(frozen=True)
class Needed:
    """A part that one printer needs."""

    part: str
    model: str
    printer_id: str
    printer: str
    location: str
    site: str
    reason: str
    level_percent: int | None
    """None where it is not measured, or may mean the opposite."""
    days_left: float | None


@dataclass(frozen=True)
class PartToOrder:
    """A part of one model, and who needs it."""

    part: str
    model: str
    needed: tuple[Needed, ...]


def needed_parts(
    states: Mapping[str, FleetState], flags: Iterable[OpenFlag], forecasts: Iterable[SummaryForecast]
) -> list[Needed]:
    """One entry for each supply, by model and part; `forecasts` are those within the days asked for."""
    called = {(flag.printer_id, flag.subject): flag.code for flag in flags if flag.code in ORDERED_FOR}
    days = {(one.printer_id, one.supply_index): one.days_left for one in forecasts}
    found = []
    for printer_id, state in states.items():
        for supply in state.latest.supplies:
            key = printer_id, supply.index
            if key not in called and key not in days:
                continue
            reasons = [ORDERED_FOR.get(called.get(key, ""), ""), runs_out(days[key]) if key in days else ""]
            found.append(
                Needed(
                    part=_part(supply),
                    model=one_line(state.latest.model, 80) or "unknown model",
                    printer_id=printer_id,
                    printer=one_line(state.latest.name, 80) or printer_id,
                    location=one_line(state.latest.location, 80),
                    site=one_line(state.latest.site, 64),
                    reason=", ".join(filter(None, reasons)),
                    level_percent=None if supply.supply_class == RECEPTACLE else supply.level_percent,
                    days_left=days.get(key),
                )
            )
    return sorted(found, key=lambda one: (one.model, one.part, one.printer_id))


def grouped(needed: Iterable[Needed]) -> list[PartToOrder]:
    """By part, as they are ordered; most needed first."""
    groups: dict[tuple[str, str], list[Needed]] = {}
    for one in needed:
        groups.setdefault((one.part, one.model), []).append(one)
    parts = [PartToOrder(part, model, tuple(own)) for (part, model), own in groups.items()]
    return sorted(parts, key=lambda one: (-len(one.needed), one.model, one.part))


def where_needed(part: PartToOrder) -> str:
    """lib-1 (empty), lib-2 (runs out in about 3 days)."""
    return ", ".join(f"{one.printer_id} ({one.reason})" for one in part.needed)


def as_csv(needed: Iterable[Needed]) -> bytes:
    """For spreadsheet programs: UTF-8 with a mark, nothing that they would take for a formula."""
    return to_csv(_COLUMNS, ([_cell(getattr(one, column)) for column in _COLUMNS] for one in needed))


def subject_of(parts: Iterable[PartToOrder]) -> str:
    """How much there is to order."""
    counts = [len(part.needed) for part in parts]
    return f"To order: {counted(sum(counts), 'supply', 'supplies')} of {counted(len(counts), 'kind')}"


def _part(supply: Supply) -> str:
    colorant, supply_type = one_line(supply.colorant, 40), one_line(supply.supply_type, 40)
    return order_name(one_line(supply.description, 200), colorant, supply_type)


def _cell(value: str | float | None) -> str | float | None:
    return round(value, 1) if isinstance(value, float) else value

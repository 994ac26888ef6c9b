"""Levels of supplies and trays as bars: in the color of the colorant, hatched where nothing is measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.contract.messages import InputTray, OutputTray, Supply
from core.contract.printer_mib import RECEPTACLE
from core.domain.forecast_reasons import NOT_MADE, no_forecast
from core.domain.media_names import media_name
from core.domain.part_names import output_tray_name, supply_name, tray_name
from core.domain.wording import SUPPLY_STATES, level_words, subunit_words, word
from core.storage.supply_tables import SupplyForecast
from dashboard.ui.templates import render
from dashboard.ui.theme import ink_of
from dashboard.ui.wording import days_left

_FULL: Final = 100
_CONTAINER: Final = "It fills up. Printers disagree whether they report what is in it or what still fits."
_MUTED: Final = "Muted: nobody is told how much is left, and it is not ordered."
_ROOM: Final = {"some_remaining": "some room left"}


@dataclass(frozen=True)
class LevelRow:
    """A level as it is shown: name, bar, value, and what there is to say about it."""

    name: str
    percent: int | None
    level_state: str
    ink: str
    value: str
    note: str


def supply_row(supply: Supply, forecast: SupplyForecast | None, *, muted: bool) -> LevelRow:
    """Return one supply: name, bar, level, and what its history says."""
    ink = ink_of(supply.colorant)
    value = level_words(supply)
    if muted:
        note = _MUTED
    elif supply.supply_class == RECEPTACLE:
        note = _CONTAINER
        value = f"reads {value}" if supply.level_percent is not None else value
    else:
        note = forecast_note(supply, forecast)
    return LevelRow(supply_name(supply), supply.level_percent, supply.level_state, ink, value, note)


def tray_row(tray: InputTray) -> LevelRow:
    """Return one input tray: name, bar, sheets, and its paper."""
    known = tray.level is not None and tray.level >= 0 and tray.level_state == "measured"
    sheets = f"{tray.level:,} of {tray.max_capacity:,}" if known and (tray.max_capacity or 0) > 0 else ""
    value = sheets or level_words(tray)
    paper = media_name(tray.media_name)
    return LevelRow(tray_name(tray), tray.level_percent, tray.level_state, "other", value, paper)


def output_tray_row(tray: OutputTray) -> LevelRow:
    """Return one output tray: name, how full it is, and how many sheets still fit in."""
    room = tray.remaining_percent
    filled = None if room is None else _FULL - room
    value = f"room for {tray.remaining:,} of {tray.max_capacity:,}" if room is not None else ""
    value = value or _ROOM.get(tray.level_state) or word(SUPPLY_STATES, tray.level_state)
    status = subunit_words(tray.status).capitalize()
    return LevelRow(output_tray_name(tray), filled, tray.level_state, "other", value, status)


def forecast_note(supply: Supply, forecast: SupplyForecast | None) -> str:
    """Return how long a supply lasts, with the range; or why that cannot be told."""
    if supply.level_state == "unlimited":
        return ""
    if forecast is None:
        return no_forecast("not_measured") if supply.level_percent is None else NOT_MADE
    if forecast.days_left is None:
        return no_forecast(forecast.reason)
    pace = f" · {forecast.percent_per_day:.1f} % a day" if forecast.percent_per_day else ""
    return days_left(forecast.days_left, forecast.days_left_low, forecast.days_left_high) + pace


def rows(levels: Iterable[LevelRow]) -> str:
    """Return several of them below each other."""
    return render("printer/levels", rows=list(levels))

"""Faults and shortages to begin with, so that a fleet is worth looking at."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.life import MISHAPS, Life


def upset(life: Life, kind: str) -> None:
    """Let one of UPSETS happen."""
    UPSETS[kind](life)
    life.notice()
    life.changes += 1


def _use_up(life: Life, share: float, *kinds: str) -> None:
    places = [at for at, supply in enumerate(life.shape.supplies) if supply.kind in kinds]
    if places:
        life.stock.left[life.random.choice(places)] = share
    if life.stock.used_up:
        life.halt()


def _empty_trays(life: Life, count: int, share: float) -> None:
    trays = life.shape.trays
    for at in range(min(count, len(trays))):
        life.stock.sheets[at] = int(trays[at].capacity * share)
    if life.stock.out_of_paper:
        life.halt()


def _sleep(life: Life) -> None:
    if not life.stopped:
        life.mode = "asleep"


UPSETS: Final[Mapping[str, Callable[[Life], None]]] = {
    **MISHAPS,
    "asleep": _sleep,
    "toner_low": lambda life: _use_up(life, 0.07, "toner", "ink"),
    "toner_nearly_low": lambda life: _use_up(life, 0.155, "toner", "ink"),
    "toner_empty": lambda life: _use_up(life, 0.0, "toner", "ink"),
    "waste_nearly_full": lambda life: _use_up(life, 0.06, "waste_toner", "waste_ink"),
    "drum_low": lambda life: _use_up(life, 0.04, "drum"),
    "no_paper": lambda life: _empty_trays(life, 9, 0.0),
    "tray_empty": lambda life: _empty_trays(life, 1, 0.0),
    "tray_low": lambda life: _empty_trays(life, 1, 0.08),
}
LASTING: Final = frozenset(UPSETS) - frozenset(MISHAPS) - {"asleep"}
"""What is remembered from run to run, and so need not happen again."""

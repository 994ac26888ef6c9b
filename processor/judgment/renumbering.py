"""Supplies that are numbered anew after a restart: which row has become which. Pure.

A supply is known again by its type, class, colorant and description (which often has part and serial number),
where these are unique among the supplies before and after.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from core.contract.messages import Attention, Supply
from core.domain.conditions import SUPPLY_CODES
from processor.rules.findings import FlagKey, key_of

Renumbered = Mapping[str, str]
"""New index by old index."""


def renumbered(before: Sequence[Supply], after: Sequence[Supply]) -> Renumbered:
    """Return the supplies that have moved to another row; empty in nearly every reading."""
    if len(before) == len(after) and all(map(_is_same, before, after)):
        return {}
    old, new = _unique(before), _unique(after)
    moved = {index: new[traits] for traits, index in old.items() if new.get(traits, index) != index}
    # A row that stays where it is, but cannot be told from others, must not be taken for one that has moved.
    staying = {one.index for one in after} - {*new.values()}
    return {was: now for was, now in moved.items() if now not in staying}


def renamed_key(key: FlagKey, moved: Renumbered) -> FlagKey:
    """Return the key of a flag after its supply has moved."""
    code, subject = key
    return (code, moved[subject]) if code in SUPPLY_CODES and subject in moved else key


def renamed_flag(flag: Attention, moved: Renumbered) -> Attention:
    """Return the flag with the row that its supply has now."""
    _, subject = renamed_key(key_of(flag), moved)
    return flag if subject == flag.subject else flag.model_copy(update={"subject": subject})


def _is_same(old: Supply, new: Supply) -> bool:
    return old.index == new.index and old.description == new.description and old.colorant == new.colorant


def _unique(supplies: Iterable[Supply]) -> dict[tuple[str | None, ...], str]:
    rows = [(_traits(supply), supply.index) for supply in supplies if supply.description]
    counts = Counter(traits for traits, _ in rows)
    return {traits: index for traits, index in rows if counts[traits] == 1}


def _traits(supply: Supply) -> tuple[str | None, ...]:
    return supply.supply_type, supply.supply_class, supply.colorant, supply.description

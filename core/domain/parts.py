"""Parts that are bought, the models they fit, and which one a printer's supply takes. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from core.domain.supply_parts import SupplyPart


@dataclass(frozen=True, slots=True)
class CatalogPart:
    """A part as it is stored: who changes it says by its version what they have seen."""

    id: int
    number: str
    """The part number; "" where nobody knows it."""
    name: str
    color: str
    kind: str
    price: Decimal | None
    """Of one piece; None where nobody has said."""
    version: int

    @property
    def title(self) -> str:
        """Its name with its number, where the name does not say it."""
        return titled(self.name, self.number)

    def is_like(self, held: SupplyPart) -> bool:
        """Return whether neither kind nor color speaks against a supply of the same number."""
        kinds, colors = {self.kind, held.kind}, {self.color, held.color}
        return len(kinds - {"other"}) <= 1 and len(colors - {""}) <= 1


@dataclass(frozen=True, slots=True)
class Fit:
    """A model that a part fits."""

    part_id: int
    model: str
    called: str
    """What printers of the model call it; "" where a person has said that it fits."""
    removed: bool
    """A person has said that it does not fit."""


@dataclass(frozen=True)
class Catalog:
    """All parts with what they fit."""

    parts: Mapping[int, CatalogPart]
    fits: tuple[Fit, ...]

    def part_of(self, held: SupplyPart) -> CatalogPart | None:
        """Return the part that a supply takes; None where no stored one is known to fit.

        First what printers of the model call by that name, then the part number, then what a person has
        said to fit the model, where kind and color are the same.
        """
        own = [fit for fit in self._fits_of_model.get(held.model, ()) if not fit.removed]
        for fit in own:
            if fit.called and fit.called == held.called:
                return self.parts[fit.part_id]
        if held.number:
            for part in self._by_number.get(held.number.casefold(), ()):
                if part.is_like(held) and not self._is_removed(part.id, held.model):
                    return part
        for fit in own:
            part = self.parts[fit.part_id]
            is_same = (part.kind, part.color) == (held.kind, held.color) and held.kind != "other"
            if not fit.called and is_same:
                return part
        return None

    def models_of(self, part_id: int) -> tuple[str, ...]:
        """Return the models that a part fits, by name."""
        return tuple(sorted({fit.model for fit in self._fits_of_part[part_id] if not fit.removed}))

    def learnt_models(self, part: CatalogPart, held: Iterable[SupplyPart]) -> tuple[str, ...]:
        """Return the same, with those of printers that hold the part now."""
        now = {each.model for each in held if self.part_of(each) == part}
        return tuple(sorted(now.union(self.models_of(part.id))))

    def _is_removed(self, part_id: int, model: str) -> bool:
        return any(fit.removed and fit.model == model for fit in self._fits_of_part[part_id])

    @cached_property
    def _fits_of_model(self) -> Mapping[str, list[Fit]]:
        found: dict[str, list[Fit]] = defaultdict(list)
        for fit in self.fits:
            found[fit.model].append(fit)
        return found

    @cached_property
    def _fits_of_part(self) -> Mapping[int, list[Fit]]:
        found: dict[int, list[Fit]] = defaultdict(list)
        for fit in self.fits:
            found[fit.part_id].append(fit)
        return found

    @cached_property
    def _by_number(self) -> Mapping[str, list[CatalogPart]]:
        found: dict[str, list[CatalogPart]] = defaultdict(list)
        for part in self.parts.values():
            if part.number:
                found[part.number.casefold()].append(part)
        return found


def titled(name: str, number: str) -> str:
    """Return a name with the part number behind it, where the name does not say it."""
    return name if not number or number.casefold() in name.casefold() else f"{name} ({number})"

"""A printer of the inventory as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from core.domain.assets import Asset
from core.domain.inventory.header import COLUMNS

Value = str | int | bool
"""A cell of the inventory: of the columns of an export, or of a file; days as 2027-12-31, "" for none."""
DAYS: Final = ("in_use_since", "warranty_until", "contract_until")
"""The columns that are days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPrinter:
    """A row of the table of printers."""

    printer_id: str
    name: str
    host: str
    port: int
    location: str
    site: str
    profile: str
    model: str
    serial: str
    mac: str
    cost_center: str
    asset_tag: str
    in_use_since: date | None
    warranty_until: date | None
    contract: str
    contract_until: date | None
    enabled: bool
    notes: str
    version: int
    created_at: datetime
    updated_at: datetime
    told_serial: str = ""
    """The serial number that it told itself, where that was read with it."""

    @property
    def address(self) -> tuple[str, int]:
        """Where it is asked."""
        return self.host, self.port

    @property
    def values(self) -> dict[str, Value]:
        """What the columns of an export say."""
        return {column: _cell(getattr(self, column)) for column in COLUMNS}

    @property
    def asset(self) -> Asset:
        """What it is as a thing that was bought or leased."""
        return Asset(
            self.asset_tag, self.in_use_since, self.warranty_until, self.contract, self.contract_until
        )

    def changed(self, values: Mapping[str, Value]) -> "InventoryPrinter":
        """Return the same with other values in some columns."""
        return replace(self, **stored(values))  # type: ignore[arg-type]  # cleaned, each of its column's type

    def __str__(self) -> str:
        return shown(self.values)


def shown(values: Mapping[str, Value]) -> str:
    """Return whom the values of the columns are about, for a sentence."""
    return f"{values['name']} ({values['printer_id']}) at {values['host']}:{values['port']}"


def stored(values: Mapping[str, Value]) -> dict[str, Value | date | None]:
    """Return cleaned values as their table has them: days as dates, None where there is none."""
    return {name: _day(str(value)) if name in DAYS else value for name, value in values.items()}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _cell(value: Value | date | None) -> Value:
    return "" if value is None else value.isoformat() if isinstance(value, date) else value

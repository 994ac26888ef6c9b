"""A printer of the inventory as it is stored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.inventory.header import COLUMNS

Value = str | int | bool
"""A cell of the inventory: of the columns of an export, or of a file."""


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
        return {column: getattr(self, column) for column in COLUMNS}

    def changed(self, values: Mapping[str, Value]) -> "InventoryPrinter":
        """Return the same with other values in some columns."""
        return replace(self, **values)  # type: ignore[arg-type]  # cleaned, each of its column's type

    def __str__(self) -> str:
        return shown(self.values)


def shown(values: Mapping[str, Value]) -> str:
    """Return whom the values of the columns are about, for a sentence."""
    return f"{values['name']} ({values['printer_id']}) at {values['host']}:{values['port']}"

"""A replacement of a supply, as the processor finds it and everybody else reads it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

EARLY_PERCENT: Final = 10
"""A cartridge replaced with more than this left was replaced early."""


@dataclass(frozen=True)
class SupplyEvent:
    """A supply of a printer was replaced."""

    printer_id: str
    supply_index: str
    """The row ("hrDeviceIndex.rowIndex") of the supply, as in PrinterState."""
    at: datetime
    """When the reading was taken that first showed the new one."""
    not_before: datetime | None
    """When the last reading before it was taken: the replacement was between the two. None where unknown."""
    model: str = ""
    """Of the printer, as it calls itself."""
    supply_type: str = ""
    color: str = ""
    description: str = ""
    """As the printer gives it, of the new one."""
    part: str = ""
    """What is ordered (core/domain/part_names.py: order_name): the key of purchase list, stock and prices."""
    part_number: str = ""
    """Where the description tells one."""
    serial: str = ""
    """The serial number of the new one, where the printer tells it."""
    old_serial: str = ""
    old_percent: int | None = None
    """What was left in the old one; None where it was not measured."""
    new_percent: int | None = None
    life_count: int | None = None
    """The printer's page counter at the replacement."""
    pages: int | None = None
    """Pages counted while the old one was in; None where its own start is not known."""
    began_at: datetime | None = None
    """When the old one was put in, where that is known."""
    began_percent: int | None = None
    """What was in the old one then."""
    device: int = 0
    """How many other devices had answered at this address before."""
    undone_at: datetime | None = None
    """When it turned out to be no replacement: the old one came back, or a person said so."""
    undone_by: str = ""
    """A person's name, or "" for the processor."""
    event_id: int | None = None
    """None before it is stored."""

    @property
    def is_early(self) -> bool:
        """Whether more was left in the old one than is usual when a cartridge is replaced."""
        return self.old_percent is not None and self.old_percent > EARLY_PERCENT

"""The vendor's case of an issue: which company was called for the repair, and when it is expected. Pure."""

from dataclasses import dataclass
from datetime import date

from core.domain.units import calendar_day, day


@dataclass(frozen=True, slots=True)
class VendorCase:
    """A call for a repair, as it was noted at an issue."""

    company: str
    """The vendor, leasing or service company that has it."""
    number: str = ""
    """What the company calls it by; empty where nobody has noted that."""
    opened_on: date | None = None
    visit_on: date | None = None
    """The day on which somebody of the company is expected."""
    is_over: bool = False
    """The issue has ended: nobody waits for the company."""

    def is_overdue(self, today: date) -> bool:
        """Return whether the day of the visit has passed, and the issue is still to be done."""
        return not self.is_over and self.visit_on is not None and self.visit_on < today

    def holder(self) -> str:
        """Return who has it: `With Ricoh, case 12345`; `Ricoh, case 12345` once the issue has ended."""
        case = f", case {self.number}" if self.number else ""
        return f"{'' if self.is_over else 'With '}{self.company}{case}"

    def visit(self, today: date) -> str:
        """Return `visit Wed 2 Dec` or `visit was due Wed 2 Dec`; "" where none is expected."""
        if self.is_over or self.visit_on is None:
            return ""
        return f"visit {'was due ' if self.visit_on < today else ''}{calendar_day(self.visit_on)}"

    def words(self, today: date) -> str:
        """Return all of it in a line: `With Ricoh, case 12345, visit Wed 2 Dec`."""
        return ", ".join(filter(None, (self.holder(), self.visit(today))))

    def for_everybody(self) -> "VendorCase":
        """Return it without the company and its number, for who does not work on issues."""
        return VendorCase("a service company", visit_on=self.visit_on, is_over=self.is_over)

    def for_vendor(self) -> str:
        """Return it for the company itself: `case 12345 of Ricoh, opened 28 Nov 2026, visit 2 Dec 2026`."""
        named = f"case {self.number} of {self.company}" if self.number else f"with {self.company}"
        opened = f"opened {day(self.opened_on)}" if self.opened_on else ""
        visit = f"visit {day(self.visit_on)}" if self.visit_on and not self.is_over else ""
        return ", ".join(filter(None, (named, opened, visit)))

"""A printer as a thing that was bought or leased: its tag, its age, its warranty and contract. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.domain.units import day, days_long

ENDS: Final[Mapping[str, str]] = {
    "": "Any time",
    "60d": "Within 60 days",
    "90d": "Within 90 days",
    "ended": "Ended",
}
"""When a warranty or a contract ends, by its code in the address of a page."""
ENDS_SOON: Final = "60d"
"""What the daily summary tells of."""


def days_of(ends: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day that one of ENDS means; None for any."""
    if ends == "ended":
        return date.min, today - timedelta(days=1)
    return (today, today + timedelta(days=int(ends.removesuffix("d")))) if ends else None


@dataclass(frozen=True, slots=True)
class Asset:
    """What the inventory says of it; the last days of warranty and contract are days of them."""

    asset_tag: str = ""
    in_use_since: date | None = None
    warranty_until: date | None = None
    contract: str = ""
    """The vendor or leasing company, and by which number it has the contract."""
    contract_until: date | None = None

    def age(self, today: date) -> str:
        """Return since when it is in use: `1 Mar 2019, for 7 years`; "" where that is not known."""
        if self.in_use_since is None:
            return ""
        used = (today - self.in_use_since).days
        return day(self.in_use_since) + (f", for {days_long(used)}" if used > 0 else "")

    def warranty(self, today: date) -> str:
        """Return `until 1 Mar 2027` or `ended 3 months ago`; "" where nothing is known of one."""
        return _term(self.warranty_until, today)

    def agreement(self, today: date) -> str:
        """Return `Ricoh lease 4711, until 1 Mar 2027`, or `..., ended 3 months ago`; "" for none."""
        return ", ".join(filter(None, (self.contract, _term(self.contract_until, today))))

    def words(self, today: date) -> tuple[str, ...]:
        """Return what matters beside a broken printer: `Under warranty until 1 Mar 2027`, `Contract: ...`."""
        said = []
        if self.warranty_until is not None:
            lasts = self.warranty_until >= today
            said.append(f"{'Under warranty' if lasts else 'Warranty'} {self.warranty(today)}")
        if agreement := self.agreement(today):
            said.append(f"Contract: {agreement}" if self.contract else f"Contract {agreement}")
        return tuple(said)

    def ends_in(self, days: tuple[date, date]) -> bool:
        """Return whether warranty or contract ends on one of these days, the first and the last included."""
        return any(
            until is not None and days[0] <= until <= days[1]
            for until in (self.warranty_until, self.contract_until)
        )


def _term(until: date | None, today: date) -> str:
    if until is None:
        return ""
    if until >= today:
        return f"until {day(until)}"
    gone = (today - until).days
    return "ended yesterday" if gone == 1 else f"ended {days_long(gone)} ago"

"""Habits of each vendor's printers in reporting: what a recording at rest cannot show."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

_FILE: Final = Path(__file__).parent / "shapes" / "manners.toml"


class Manner(BaseModel):
    """One section of shapes/manners.toml; the defaults are what most printers do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: int = 2
    """How many of a fleet's printers have this shape, relative to the others."""
    versions: tuple[Literal["1", "2c"], ...] = ("1", "2c")
    pages_per_minute: int = 35
    error_octets: int = 1
    """Octets of hrPrinterDetectedErrorState; 0: empty while nothing is wrong."""
    low_percent: int = 10
    """Where the printer itself begins to call a supply low (a waste container nearly full)."""
    supply_step: int = 1
    tray_step: int = 1
    """Levels are reported in steps of so many."""
    zero_when_empty: bool = False
    """Whether a level without a measure (-3) becomes 0 when the supply is used up."""
    waste: Literal["remaining", "fill"] = "remaining"
    """What a waste container's level counts: the room left, as RFC 3805 says, or what is in it."""
    alerts: bool = True
    """Whether prtAlertTable is kept at all."""
    sleep_alert: bool = False
    ready_alert: bool = False
    removal_alert: bool = False
    cold_alert: bool = False
    """Rows that are no faults: power saver (23), ready (507), removal of another row (1801), and while it
    sleeps twice a cold fuser (1001) without words."""
    warning_severity: Literal[1, 4, 5] = 4
    general_codes: bool = False
    """Sub-unit codes (13 subunitEmpty) instead of the special ones (1101 markerTonerEmpty)."""
    low_status: Literal[2, 3] = 3
    """hrDeviceStatus while something is low: warning, or running for those that do not care."""
    older_firmware: str = ""
    """What every third one tells instead of the recorded version of its firmware; "": all tell that one."""
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    texts: Mapping[str, str] = {}

    def text(self, key: str, part: str = "") -> str:
        """Return the panel's words for a condition of a part."""
        return self.texts.get(key, _TEXTS[key]).format(part=part)


_TEXTS: Final = {
    "ready": "Ready",
    "printing": "Printing...",
    "asleep": "Sleep mode on",
    "warming_up": "Warming up",
    "jam": "Paper jam in {part}",
    "cover_open": "{part} is open",
    "tray_empty": "Load paper in {part}",
    "tray_low": "{part} is low on paper",
    "tray_missing": "Insert {part}",
    "supply_low": "{part} low",
    "supply_empty": "Replace {part}",
    "waste_nearly_full": "{part} almost full",
    "waste_full": "Replace {part}",
    "output_full": "Output bin full",
    "removal": "Alert removed",
    "cold": "",
}


def load_manners() -> Mapping[str, Manner]:
    """Return the manner of every shape."""
    sections = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {name: Manner.model_validate(section) for name, section in sections.items()}

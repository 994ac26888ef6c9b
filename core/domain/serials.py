"""Decide which serial numbers tell two printers apart. Pure."""

from typing import Final

_SHORTEST: Final = 4


def serial_of(serial: object) -> str:
    """Return a serial number that can tell two printers apart, else "": 0000000 is that of an unset board."""
    text = str(serial or "").strip().casefold()
    return text if len(text) >= _SHORTEST and len(set(text)) > 1 else ""

"""The place a printer stands in: its location up to the first comma ("Library, floor 2, copy room")."""

from typing import Final

NOWHERE: Final = "No location"
"""What is shown for printers whose location nobody has written down."""


def place_of(location: str) -> str:
    """Return the place of a location; "" where there is none."""
    return location.partition(",")[0].strip()

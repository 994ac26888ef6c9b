"""A line of the fleet's table for tests."""

from typing import Any

from dashboard.features.fleet.queries import Listed


def listed(printer_id: str, **values: Any) -> Listed:
    """A printer of the table that is idle and well."""
    base: dict[str, Any] = {
        "name": printer_id,
        "location": "",
        "model": "",
        "state": "idle",
        "health": "ok",
        "lowest_percent": None,
    }
    base |= values
    text = f"{base['name']}\n{base['location']}\n{base['model']}".lower()
    return Listed(printer_id=printer_id, folded=base["name"].lower(), public=text, private="", **base)

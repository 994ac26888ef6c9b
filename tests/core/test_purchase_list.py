"""The purchase list by the calendar of people, whose midnight is not that of UTC."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.domain.parts import Catalog
from core.domain.purchase_list import DueSupply, PurchaseFacts, purchase_lines
from core.domain.supply_parts import supply_part

BERLIN = ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
"""Half past midnight of the 30th in Berlin."""


def due(**values: Any) -> DueSupply:
    base: dict[str, Any] = {
        "printer_id": "lib-1",
        "printer_name": "Lib-1",
        "location": "Library",
        "index": "1.1",
        "held": supply_part("Model", "Black toner", "black", "toner"),
        "percent": 9,
        "days_left": None,
        "days_left_low": None,
        "days_left_high": None,
        "low": True,
        "runs_out": False,
        "flagged": "",
        "read_at": LATE,
    }
    return DueSupply(**(base | values))


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({"percent": 0}, date(2026, 11, 30)),
        ({"days_left": 0.5}, date(2026, 11, 30)),
        ({"days_left": 1.0, "days_left_low": 0.0}, date(2026, 12, 1)),
        # Over the night in which the clocks go forward.
        ({"days_left": 150.0}, date(2027, 4, 29)),
    ],
)
def test_something_is_needed_on_the_day_that_people_have(values: dict[str, Any], day: date) -> None:
    facts = PurchaseFacts((due(**values),), Catalog({}, ()), {}, (), LATE.astimezone(BERLIN))
    (line,) = purchase_lines(facts)
    assert line.needed is not None
    assert line.needed.day == day

"""Reasons why there is no forecast for a supply, as the processor gives them, and their words."""

from collections.abc import Mapping
from typing import Final, Literal

ForecastReason = Literal[
    "", "coarse", "not_measured", "too_short", "not_falling", "no_history", "not_reached"
]
"""Empty where there is a forecast."""

WORDS: Final[Mapping[str, str]] = {
    "coarse": "no forecast: it reports in steps too coarse to tell",
    "not_measured": "no forecast: the printer gives no percentage",
    "too_short": "no forecast yet: too few days since the last refill",
    "not_falling": "no forecast: the level is not falling",
    "no_history": "no forecast yet: there is no history",
    "not_reached": "no forecast: the printer has not answered for days",
}

NOT_MADE: Final = "no forecast yet: it is made within minutes of the first readings"
"""Where the processor has not come to it."""


def no_forecast(reason: str) -> str:
    """Return why there is no forecast for a supply."""
    return WORDS.get(reason, "no forecast")

"""What a page costs at the college: one price for all models, raised once, and one for a model of its own."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from console.demo.stock import model_of
from core.domain.page_prices import PriceEntry
from core.storage.page_prices import add_price, read_prices
from simulator.plan import PlannedPrinter

_MAYA: Final = "maya"
_FIRST_DAYS: Final = 420
"""Days ago that pages were first charged: before the past of the fleet begins;"""
_RAISED_DAYS: Final = 40
"""and since when they cost what they do now."""
_PRICES: Final = ((_FIRST_DAYS, "0.0185", "0.079"), (_RAISED_DAYS, "0.0195", "0.084"))
_OWN: Final = ("0.0125", "0.065")
"""What the model costs that there are most of: it has a contract."""


def add_prices(connection: Connection, plans: Sequence[PlannedPrinter], now: datetime) -> int:
    """Set what pages cost, unless a price is set; return how many prices."""
    if read_prices(connection).prices:
        return 0
    entries = [_entry("", days, prices, now) for days, *prices in _PRICES]
    if plans:
        ((model, _),) = Counter(map(model_of, plans)).most_common(1)
        entries.append(_entry(model, _FIRST_DAYS, _OWN, now))
    for entry in entries:
        add_price(connection, entry, actor=_MAYA, now=now)
    return len(entries)


def _entry(model: str, days_ago: int, prices: Sequence[str], now: datetime) -> PriceEntry:
    since: date = (now - timedelta(days=days_ago)).date().replace(day=1)
    mono, color = map(Decimal, prices)
    return PriceEntry(model, mono, color, since)

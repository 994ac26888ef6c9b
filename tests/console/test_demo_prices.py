"""The demo's prices of pages: every model has one, one model its own, and they were raised once."""

from datetime import timedelta
from pathlib import Path

from console.demo.prices import add_prices
from console.demo.stock import model_of
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, writing
from core.storage.page_prices import read_prices
from simulator.plan import plan_fleet
from tests.builders import NOW


def test_every_printer_has_a_price_in_all_of_its_past_once(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    plans = plan_fleet(40, 1)
    with writing(engine) as connection:
        assert add_prices(connection, plans, NOW) == 3
        assert add_prices(connection, plans, NOW) == 0
        prices = read_prices(connection)
    today = NOW.date()
    for plan in plans:
        assert all(prices.price_of(model_of(plan), today - timedelta(days=ago)) for ago in (0, 90, 365))
    now, before = (prices.price_of("", today - timedelta(days=ago)) for ago in (0, 90))
    assert now is not None
    assert before is not None
    assert now.entry.mono > before.entry.mono
    assert {prices.price_of(model_of(plan), today) for plan in plans} > {now}
    engine.dispose()

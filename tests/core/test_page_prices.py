"""Prices of pages: which one is in force, what pages cost by it, and how prices are stored."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from core.contract.errors import Conflict, UserError
from core.domain.page_prices import (
    Charge,
    PagePrice,
    PriceEntry,
    PriceList,
    PrintedPages,
    charge,
    charged,
    page_money,
    printed_pages,
    read_price_entry,
)
from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import AUDIT
from core.storage.database import open_database, reading, writing
from core.storage.page_prices import add_price, edit_price, read_prices, remove_price
from tests.builders import NOW
from tests.postgres import DATABASES, database

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
PAGES = st.none() | st.integers(0, 10**9)
MONEY = st.decimals(0, 1000, places=4)
PRICES = st.none() | st.builds(PriceEntry, st.just(""), MONEY, st.none() | MONEY, st.just(NOVEMBER))
PRINTED = st.builds(printed_pages, PAGES, PAGES, PAGES)
MONTHS = st.lists(st.tuples(PRINTED, PRICES), max_size=12)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with database(request.param, tmp_path) as settings:
        made = open_database(settings)
        yield made
        made.dispose()


def entry(
    model: str = "", mono: str = "0.02", color: str | None = "0.08", since: date = NOVEMBER
) -> PriceEntry:
    return PriceEntry(model, Decimal(mono), None if color is None else Decimal(color), since)


def listed(*entries: PriceEntry) -> PriceList:
    return PriceList(tuple(PagePrice(number, each, 1) for number, each in enumerate(entries, 1)))


def in_force(prices: PriceList, model: str, on: date) -> PriceEntry | None:
    found = prices.price_of(model, on)
    return None if found is None else found.entry


def test_the_price_of_a_month_is_the_latest_that_began_by_then() -> None:
    first, raised = entry(mono="0.02"), entry(mono="0.03", since=DECEMBER)
    prices = listed(raised, first)
    days = (date(2026, 10, 31), NOVEMBER, date(2026, 11, 30), DECEMBER)
    assert [in_force(prices, "Any", on) for on in days] == [None, first, first, raised]


def test_a_price_of_a_model_goes_before_that_of_all_others_from_its_month_on() -> None:
    own, raised = entry("HP Color 400", mono="0.01", since=DECEMBER), entry(mono="1", since=DECEMBER)
    prices = listed(entry(), own, raised)
    assert in_force(prices, "hp COLOR 400 ", DECEMBER) == own
    assert in_force(prices, "HP Color 400", NOVEMBER) == entry()
    assert in_force(prices, "HP Color 401", DECEMBER) == raised


def test_pages_cost_what_their_kind_costs_and_those_that_nobody_tells_apart_count_as_mono() -> None:
    found = charge(printed_pages(100, 60, 30), entry())
    assert found == Charge(PrintedPages(60, 30, 10, True, True), 0, Decimal("3.80"), is_priced=True)
    assert charge(printed_pages(100, None, None), entry()).amount == Decimal("2.00")
    assert charge(printed_pages(None, None, 5), entry()).amount == Decimal("0.40")
    more = charge(printed_pages(80, 60, 30), entry())
    assert (more.printed.untold, more.pages) == (0, 90), "its maker counts more than the printer itself"


def test_free_is_no_missing_price_and_unknown_pages_are_none() -> None:
    hundred, none = printed_pages(100, None, None), printed_pages(0, None, None)
    assert charge(hundred, entry(mono="0")).amount == 0
    assert (charge(hundred, None).amount, charge(hundred, None).unpriced) == (None, 100)
    assert (charge(none, entry()).amount, charge(none, None).amount) == (Decimal(0), None)
    unknown = charge(printed_pages(None, None, None), entry())
    assert (unknown.amount, unknown.pages, unknown.printed.is_counted) == (None, 0, False)


def test_color_without_a_price_is_left_out_of_the_amount() -> None:
    found = charge(printed_pages(100, 60, 40), entry(color=None))
    assert (found.amount, found.unpriced) == (Decimal("1.20"), 40)
    only = charge(printed_pages(40, 0, 40), entry(color=None))
    assert (only.amount, only.unpriced) == (None, 40)


@given(MONTHS, st.integers(0, 12))
def test_sums_add_up_whatever_the_split(
    months: list[tuple[PrintedPages, PriceEntry | None]], at: int
) -> None:
    charges = [charge(printed, price) for printed, price in months]
    whole = charged(charges)
    assert charged(charges[:at]) + charged(charges[at:]) == whole
    assert charged(reversed(charges)) == whole
    assert whole.cost == sum((each.amount or Decimal(0) for each in charges), start=Decimal(0))
    assert (whole.amount is None) == (
        not whole.is_priced or (whole.pages > 0 and whole.unpriced == whole.pages)
    )


@given(st.lists(PRINTED, max_size=6), PRICES)
def test_months_of_one_price_cost_together_what_they_cost_one_by_one(
    months: list[PrintedPages], price: PriceEntry | None
) -> None:
    together = PrintedPages()
    for printed in months:
        together = together.plus(printed)
    assert charge(together, price) == charged(charge(printed, price) for printed in months)


@given(PAGES, PAGES, PAGES, PRICES)
def test_no_page_is_lost_and_none_is_charged_without_a_price(
    pages: int | None, mono: int | None, color: int | None, price: PriceEntry | None
) -> None:
    found = charge(printed_pages(pages, mono, color), price)
    assert found.pages == max(pages or 0, (mono or 0) + (color or 0))
    assert found.printed.is_counted == any(each is not None for each in (pages, mono, color))
    assert 0 <= found.unpriced <= found.pages
    if price is None:
        assert (found.amount, found.unpriced) == (None, found.pages)
    elif found.amount is not None:
        assert found.amount >= price.mono * (found.pages - (color or 0))
    elif found.pages:
        assert price.color is None


@pytest.mark.parametrize(
    ("typed", "price"), [("0,0125", "0.0125"), ("0", "0"), (" .08 ", "0.08"), ("1,000.5", "1000.5")]
)
def test_a_price_is_read_as_people_write_it(typed: str, price: str) -> None:
    assert read_price_entry(" HP\n400 ", typed, "", date(2026, 11, 28)) == entry("HP 400", price, None)


@pytest.mark.parametrize(
    ("model", "mono", "color", "words"),
    [
        ("", "", "0.08", "The price of a page in mono is missing"),
        ("", "0.00125", "", "at most 4 digits behind the point; 0.00125 has more"),
        ("", "0.02", "-1", "A price is a number"),
        ("", "0.02", "NaN", "A price is a number"),
        ("", "9999999", "", "A price is at most"),
        ("x" * 500, "0.02", "", "A model has at most 120 characters; this has 500"),
    ],
)
def test_what_is_no_price_is_a_sentence(model: str, mono: str, color: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_price_entry(model, mono, color, NOVEMBER)


def test_a_price_is_said_in_cents_and_what_it_needs_of_them() -> None:
    said = [
        page_money(Decimal(price), "EUR") for price in ("0.02", "0.0200", "0.0125", "0.085", "0", "1234.5")
    ]
    assert said == ["EUR 0.02", "EUR 0.02", "EUR 0.0125", "EUR 0.085", "EUR 0.00", "EUR 1,234.50"]
    assert entry().words("EUR") == "Every other model since Nov 2026: EUR 0.02 mono, EUR 0.08 color"


def test_prices_are_stored_as_they_were_typed_and_told_in_the_audit(engine: Engine) -> None:
    with writing(engine) as connection:
        made = add_price(connection, entry("HP 400", "0.0125", None), actor="maya", now=NOW)
        edited = edit_price(connection, made, entry("HP 400", "0.0126", "0"), actor="maya", now=NOW)
        add_price(connection, entry(), actor="maya", now=NOW)
    with reading(engine) as connection:
        assert [each.entry for each in read_prices(connection).prices] == [entry(), edited.entry]
        lines = connection.execute(select(AUDIT.c.action, AUDIT.c.subject, AUDIT.c.details)).all()
    assert [(action, subject) for action, subject, _ in lines] == [
        *(("page_price.set", "HP 400"), ("page_price.set", "HP 400"), ("page_price.set", "Every other model"))
    ]
    assert lines[0].details == {"since": "2026-11-01", "mono": "0.0125", "color": "no price"}


def test_a_model_has_one_price_from_a_month_on_whatever_the_case_of_its_name(engine: Engine) -> None:
    with writing(engine) as connection:
        add_price(connection, entry("HP 400"), actor="maya", now=NOW)
        other = add_price(connection, entry("HP 400", since=DECEMBER), actor="maya", now=NOW)
        for wanted in (entry("hp 400"), entry("HP 400", "0.5")):
            with pytest.raises(UserError, match="has a price since Nov 2026 already"):
                add_price(connection, wanted, actor="maya", now=NOW)
            with pytest.raises(UserError, match="has a price since Nov 2026 already"):
                edit_price(connection, other, wanted, actor="maya", now=NOW)


def test_two_editors_do_not_overwrite_each_other(engine: Engine) -> None:
    with writing(engine) as connection:
        seen = add_price(connection, entry(), actor="maya", now=NOW)
        edit_price(connection, seen, entry(mono="0.03"), actor="maya", now=NOW)
        with pytest.raises(Conflict):
            edit_price(connection, seen, entry(mono="0.04"), actor="ada", now=NOW)
        with pytest.raises(Conflict):
            remove_price(connection, seen, actor="ada", now=NOW)
        assert read_prices(connection).prices[0].entry.mono == Decimal("0.03")


def test_a_database_without_prices_has_none(tmp_path: Path) -> None:
    engine = open_database(DatabaseSettings(data_dir=tmp_path))
    with reading(engine) as connection:
        assert read_prices(connection).price_of("HP 400", NOVEMBER) is None
    engine.dispose()

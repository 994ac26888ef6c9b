"""Charges: what cost centers owe for pages, as the page, its files and `/api/v1/usage` say it."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.contract.errors import Conflict, UserError
from core.domain.page_prices import PagePrice
from core.storage.core_tables import PRINTERS
from core.storage.database import reading, writing
from core.storage.page_prices import read_prices
from core.timeseries.counters import CounterDay
from core.timeseries.reader import PrinterDay
from dashboard.actor import Actor
from dashboard.api.app import make_api
from dashboard.app_context import AppContext, install
from dashboard.features.reports.charge_frames import centers_frame, printers_frame
from dashboard.features.reports.charges import Charges, charges
from dashboard.features.reports.periods import period
from dashboard.features.reports.price_actions import TypedPrice, remove, set_price
from dashboard.features.reports.queries import known_printers, usage
from dashboard.features.reports.tables import frame_to_csv
from dashboard.undoing import undo
from dashboard.viewer import Forbidden, Viewer
from tests.builders import printer, put
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import behind_gate, college, sign_in
from tests.dashboard.drawing import fine, html_of, said, tables_of
from tests.dashboard.harness import MANAGER, TECHNICIAN, PaperSeries, drawn
from tests.patience import PATIENCE_SECONDS

TODAY = datetime.now(UTC).date()
LONG_AGO = TODAY - timedelta(days=200)
HOSTILE = '=HYPERLINK("http://evil.example","Law")'


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppContext]:
    """Pages of four printers: one tells mono and color apart, one has no model, one no cost center."""
    st.cache_resource.clear()
    made = college(monkeypatch, tmp_path)
    series = made.series
    assert isinstance(series, PaperSeries)
    centers = {"color": "Arts", "plain": "Arts", "other": HOSTILE, "nobody": "", "unread": "Arts"}
    models = {"color": "Laser C5", "plain": "Laser 2", "other": "Plotter", "nobody": "Laser 2"}
    for name, center in centers.items():
        put(made.engine, printer(name, name=name.title(), model=models.get(name, ""), cost_center=center))
    with writing(made.engine) as connection:
        connection.execute(
            update(PRINTERS).where(PRINTERS.c.printer_id.not_in(centers)).values(enabled=False)
        )
    pages = {"color": 100, "plain": 1_000, "other": 30, "nobody": 7}
    series.given_days += [PrinterDay(name, TODAY, 4, 4, 0, 0, printed) for name, printed in pages.items()]
    series.given_counters += [
        CounterDay("color", counter, TODAY - timedelta(days=ago), -ago, count, 1)
        for counter, counts in (("mono", (500, 560)), ("color", (900, 930)))
        for ago, count in zip((1, 0), counts, strict=True)
    ]
    yield made
    made.engine.dispose()
    st.cache_resource.clear()


def actor(app_context: AppContext) -> Actor:
    return Actor(app_context.engine, MANAGER, datetime.now(UTC))


def priced(app_context: AppContext, mono: str = "0.0125", color: str = "0.08", model: str = "") -> None:
    set_price(actor(app_context), None, TypedPrice(model, mono, color, LONG_AGO))


def stored(app_context: AppContext) -> tuple[PagePrice, ...]:
    with reading(app_context.engine) as connection:
        return read_prices(connection).prices


def found(app_context: AppContext) -> Charges:
    with reading(app_context.engine) as connection:
        known, prices = known_printers(connection), read_prices(connection)
    return charges(usage(app_context.series, known, period("30d", TODAY), TODAY, {}), prices)


def signed_in(app_context: AppContext, name: str = "maya") -> Visitor:
    who = Visitor(behind_gate(app_context, [make_api()]))
    sign_in(who, name)
    return who


def ask(who: Visitor, query: str = "") -> Any:
    answer = who.page(f"/api/v1/usage{query}")
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def opened_dialog(app_context: AppContext) -> AppTest:
    """The dialog by itself: AppTest does not run a dialog as the part of a page that it is."""
    install(app_context)
    test = AppTest.from_function(_dialog, args=(MANAGER,), default_timeout=PATIENCE_SECONDS)
    return fine(test.run())


def _dialog(viewer: "Viewer") -> None:  # a string: AppTest runs the source of this alone
    from dashboard.app_context import current_app
    from dashboard.features.reports.charge_view import price_dialog
    from dashboard.features.reports.periods import period
    from dashboard.page_context import PageContext

    context = PageContext(viewer, current_app())
    price_dialog(context, ["Laser 2", "Laser C5"], period("30d", context.today))


def fields(test: AppTest) -> dict[str, Any]:
    return {"mono" if "mono" in field.label else "color": field for field in test.text_input}


def saved(test: AppTest, mono: str, color: str) -> AppTest:
    fields(test)["mono"].set_value(mono)
    fields(test)["color"].set_value(color)
    next(button for button in test.button if button.label == "Save").click()
    return fine(test.run())


def lines_of(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(file.decode("utf-8-sig").splitlines()))


def test_without_a_price_the_page_leads_to_the_dialog(app_context: AppContext) -> None:
    page = fine(drawn("reports", MANAGER, app_context, of="charges"))
    assert "Pages have no price yet." in html_of(page)
    page.button(key="page-prices").click().run()
    assert "A page in mono (EUR)" in [field.label for field in fine(page).text_input]
    saved(opened_dialog(app_context), mono="0,0125", color="0.08")
    (price,) = stored(app_context)
    assert price.entry.words("EUR").endswith(": EUR 0.0125 mono, EUR 0.08 color")
    begins = period("30d", TODAY).since.replace(day=1)
    assert price.entry.since == begins, "the first price is that of the period on the page"
    page = fine(drawn("reports", MANAGER, app_context, of="charges"))
    assert {metric.label: metric.value for metric in page.metric}["Amount (EUR)"] == "16.24"


def test_what_is_wrong_with_a_price_is_said_in_the_dialog_and_what_was_typed_stays(
    app_context: AppContext,
) -> None:
    page = saved(opened_dialog(app_context), mono="cheap", color="")
    assert "'cheap' is none" in said(page)
    assert fields(page)["mono"].value == "cheap"
    assert stored(app_context) == ()


def test_cost_centers_and_printers_are_listed_with_what_they_owe(app_context: AppContext) -> None:
    priced(app_context)
    page = fine(drawn("reports", MANAGER, app_context, of="charges"))
    centers, printers, prices = tables_of(page)
    # Arts: 60 mono, 30 color, 10 and 1,000 that nobody tells apart.
    assert centers.to_numpy().tolist() == [
        ["Arts", "3", "60", "30", "1,010", "15.78"],
        [HOSTILE, "1", "–", "–", "30", "0.38"],
        ["No cost center", "1", "–", "–", "7", "0.09"],
    ]
    assert list(printers["Printer"]) == ["Plain", "Color", "Other", "Nobody", "Unread"]
    unread = printers.set_index("Printer").loc["Unread", ["Not told apart", "Amount", "Remark"]]
    assert list(unread) == ["–", "–", "Pages not known"]
    assert prices.to_numpy()[0].tolist()[0] == "Every other model"
    notes = "\n".join(caption.value for caption in page.caption)
    assert "1,047 pages that nobody tells apart are charged as mono." in notes
    assert "Of 1 printer nobody knows the pages of this period." in notes


def test_a_printer_without_a_price_is_listed_with_its_pages(app_context: AppContext) -> None:
    priced(app_context, model="laser 2")
    page = fine(drawn("reports", MANAGER, app_context, of="charges"))
    printers = tables_of(page)[1].set_index("Printer")
    other = printers.loc["Other", ["Not told apart", "Without a price", "Amount", "Remark"]]
    assert list(other) == ["30", "30", "–", "No price"]
    assert {metric.label: metric.value for metric in page.metric}["Pages without a price"] == "130"
    assert "130 pages of 2 printers have no price" in "\n".join(caption.value for caption in page.caption)


def test_the_files_have_exact_amounts_and_no_formulas(app_context: AppContext) -> None:
    priced(app_context)
    known = found(app_context)
    centers = lines_of(frame_to_csv(centers_frame(known, "EUR")))
    assert [(line["Cost center"], line["Amount"], line["Currency"]) for line in centers] == [
        ("Arts", "15.7750", "EUR"),
        (f"'{HOSTILE}", "0.3750", "EUR"),
        ("No cost center", "0.0875", "EUR"),
    ]
    printers = lines_of(frame_to_csv(printers_frame(known, "EUR")))
    total = sum(Decimal(line["Amount"]) for line in printers if line["Amount"])
    assert total == sum(Decimal(line["Amount"]) for line in centers) == known.whole.amount
    assert next(line for line in printers if line["Printer ID"] == "unread")["Amount"] == ""


def test_an_old_month_costs_what_it_cost(app_context: AppContext) -> None:
    series = app_context.series
    assert isinstance(series, PaperSeries)
    this_month = TODAY.replace(day=1)
    last_day = this_month - timedelta(days=1)
    series.given_days.append(PrinterDay("nobody", last_day, 4, 4, 0, 0, 100))
    priced(app_context, "1")
    set_price(actor(app_context), None, TypedPrice("", "2", "", this_month))
    with reading(app_context.engine) as connection:
        known, prices = known_printers(connection), read_prices(connection)
    for name in ("30d", "365d"):  # by day, and by month
        chosen = period(name, TODAY)
        owed = charges(usage(series, known, chosen, TODAY, {}), prices)
        assert owed.printers["nobody"].amount == 100 * 1 + 7 * 2


def test_setting_changing_and_removing_a_price_can_be_undone(app_context: AppContext) -> None:
    by = actor(app_context)
    made = set_price(by, None, TypedPrice("Laser 2", "0.02", "", LONG_AGO))
    undo(by, made)
    assert stored(app_context) == ()
    set_price(by, None, TypedPrice("Laser 2", "0.02", "", LONG_AGO))
    (seen,) = stored(app_context)
    changed = set_price(by, seen, TypedPrice("Laser 2", "0.03", "0.1", LONG_AGO))
    assert changed.said.startswith("The price of Laser 2 is set from ")
    undo(by, changed)
    assert [price.entry for price in stored(app_context)] == [seen.entry]
    (again,) = stored(app_context)
    removed = remove(by, again)
    assert stored(app_context) == ()
    undo(by, removed)
    assert [price.entry for price in stored(app_context)] == [seen.entry]
    set_price(by, stored(app_context)[0], TypedPrice("Laser 2", "0.04", "", LONG_AGO))
    for late in (changed, removed):
        with pytest.raises(UserError, match=r"has a price since .* already"):
            undo(by, late)
    with pytest.raises(Conflict):
        remove(by, again)


def test_only_who_orders_supplies_sets_prices(app_context: AppContext) -> None:
    technician = Actor(app_context.engine, TECHNICIAN, datetime.now(UTC))
    with pytest.raises(Forbidden):
        set_price(technician, None, TypedPrice("", "0.02", "", LONG_AGO))
    priced(app_context)
    with pytest.raises(Forbidden):
        remove(technician, stored(app_context)[0])


def test_other_programs_get_the_same_amounts_as_text(app_context: AppContext) -> None:
    priced(app_context)
    who = signed_in(app_context)
    told = ask(who)
    assert (told["currency"], told["charge"], told["unpriced_pages"]) == ("EUR", "16.2375", 0)
    by_printer = {line["printer_id"]: line["charge"] for line in told["printers"]}
    assert (by_printer["color"], by_printer["unread"]) == ("3.2750", None)
    assert told["cost_centers"][0] == {
        **{"cost_center": "Arts", "printers": 3, "mono": 60, "color": 30, "not_told_apart": 1_010},
        **{"unpriced_pages": 0, "charge": "15.7750"},
    }
    assert [row["cost_center"] for row in told["cost_centers"]] == ["Arts", HOSTILE, ""]
    arts = ask(who, "?cost_center=Arts")
    assert {line["printer_id"] for line in arts["printers"]} == {"color", "plain", "unread"}
    assert (arts["total"], arts["charge"]) == (3, "16.2375")


def test_without_a_price_other_programs_get_null_and_not_zero(app_context: AppContext) -> None:
    who = signed_in(app_context)
    told = ask(who)
    assert (told["charge"], told["unpriced_pages"]) == (None, 1_137)
    assert {line["charge"] for line in told["printers"]} == {None}
    priced(app_context, "0", "0")
    assert Decimal(ask(who)["charge"]) == 0, "a price is in force at once"


def test_a_price_that_there_is_can_be_chosen_changed_and_removed(app_context: AppContext) -> None:
    priced(app_context, model="Laser 2")
    page = opened_dialog(app_context)
    page.selectbox(key="page-price").set_value(stored(app_context)[0].id).run()
    assert (fields(page)["mono"].value, fields(page)["color"].value) == ("0.0125", "0.08")
    saved(page, "0.0126", "")
    (price,) = stored(app_context)
    assert (price.entry.model, price.entry.mono, price.entry.color) == ("Laser 2", Decimal("0.0126"), None)
    assert price.entry.since == LONG_AGO.replace(day=1)
    page = opened_dialog(app_context)
    page.selectbox(key="page-price").set_value(price.id).run()
    next(button for button in page.button if button.label == "Remove this price").click()
    fine(page.run())
    assert stored(app_context) == ()

"""Reports > Charges: what pages cost by cost center and printer, and the prices that it goes by."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import streamlit as st

from core.domain.page_prices import EVERY_OTHER, Charge, PriceEntry, page_money
from core.domain.permissions import Permission
from core.domain.units import counted, month
from core.storage.page_prices import read_prices
from dashboard.features.reports.charge_frames import UNPRICED, centers_frame, printers_frame
from dashboard.features.reports.charges import Charges, charges
from dashboard.features.reports.periods import Period
from dashboard.features.reports.price_actions import TypedPrice, remove, set_price
from dashboard.features.reports.queries import Usage
from dashboard.features.reports.tables import report_table
from dashboard.features.shared.outcomes import perform_and_close, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.table import Column, Row, html_table
from dashboard.ui.word_select import word_select

_AREA: Final = "charges"
_MONTHS_BACK: Final = 60
_MONTHS_TO_COME: Final = 12
_NEW: Final = 0
_PRICE_COLUMNS: Final = (
    Column("Model"),
    Column("From", "month"),
    Column("A page in mono"),
    Column("A page in color"),
)


def show_charges(context: PageContext, usage: Usage, chosen: Period) -> None:
    """Draw what the pages of the period cost; without any price, where to set one."""
    show_outcome(_AREA, context)
    prices, currency = context.read(read_prices), context.settings.orders.currency
    models = sorted({printer.model for printer in usage.known.values()} - {""}, key=str.casefold)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Charges", anchor=False)
        may_set = context.viewer.may(Permission.ORDER_SUPPLIES)
        if may_set and st.button("Prices of pages", icon=":material/sell:", key="page-prices"):
            price_dialog(context, models, chosen)
    if not prices.prices:
        how = "Set the first one: Prices of pages." if may_set else "Who orders supplies sets prices, too."
        nothing("Pages have no price yet.", f"With one, this shows what each cost center owes. {how}")
        return
    found = charges(usage, prices)
    _figures(found.whole, currency)
    st.caption(" ".join(_notes(found, currency)))
    unshown = ["Currency", *([] if found.whole.unpriced else [UNPRICED])]
    centers, printers = centers_frame(found, currency), printers_frame(found, currency)
    report_table("By cost center", centers, "charges-by-cost-center", chosen, unshown=unshown)
    report_table("By printer", printers, "charges-by-printer", chosen, unshown=unshown)
    with st.expander("Prices"):
        html_table(
            "Prices of pages", _PRICE_COLUMNS, [_price_row(one.entry, currency) for one in prices.prices]
        )


def _price_row(price: PriceEntry, currency: str) -> Row:
    color = "no price" if price.color is None else page_money(price.color, currency)
    return Row((price.called, price.since, page_money(price.mono, currency), color))


def _figures(whole: Charge, currency: str) -> None:
    amount = "–" if whole.amount is None else f"{whole.amount:,.2f}"
    with st.grid(3, min_column_width=150):
        st.metric(f"Amount ({currency})", amount, help="Of all pages that have a price", border=True)
        st.metric("Charged pages", f"{whole.pages - whole.unpriced:,}", border=True)
        st.metric("Pages without a price", f"{whole.unpriced:,}", border=True)


def _notes(found: Charges, currency: str) -> Iterator[str]:
    """Yield what the amounts rest on, and what they leave out."""
    yield f"Amounts in {currency}: each month by the price that was in force in it."
    whole, printers = found.whole, found.printers.values()
    if whole.printed.untold:
        were = counted(
            whole.printed.untold, "page that nobody tells apart is", "pages that nobody tells apart are"
        )
        yield f"{were} charged as mono."
    if without := sum(own.unpriced > 0 for own in printers):
        pages = counted(whole.unpriced, "page")
        yield f"{pages} of {counted(without, 'printer')} have no price, and are not in the amounts."
    if unknown := sum(not own.printed.is_counted for own in printers):
        yield f"Of {counted(unknown, 'printer')} nobody knows the pages of this period."


@st.dialog("Prices of pages")
def price_dialog(context: PageContext, models: Sequence[str], chosen: Period) -> None:
    """Draw the form of a price: a new one, or one that there is."""
    prices, currency = context.read(read_prices), context.settings.orders.currency
    by_id = {price.id: price for price in prices.prices}
    words = {_NEW: "New price"} | {price.id: price.entry.words(currency) for price in prices.prices}
    seen = by_id.get(word_select("Price", words, key="page-price"))
    known = sorted({"", *models, *(price.entry.model for price in prices.prices)}, key=str.casefold)
    # The first price is that of the period which its manager is looking at.
    begins = seen.entry.since if seen else (context.today if by_id else chosen.since).replace(day=1)
    months = {each.isoformat(): month(each) for each in _months(context.today, begins)}
    with st.form(f"price-form-{seen.id if seen else _NEW}", border=False):
        model = st.selectbox(
            "Model",
            known,
            known.index(seen.entry.model if seen else ""),
            format_func=lambda one: one or EVERY_OTHER,
            accept_new_options=True,
            help="A price of its own goes before that of every other model",
        )
        with st.container(horizontal=True):
            mono = st.text_input(
                f"A page in mono ({currency})",
                _typed(seen.entry.mono if seen else None),
                placeholder="0.0125",
                help="0: it is free",
            )
            color = st.text_input(
                f"A page in color ({currency})",
                _typed(seen.entry.color if seen else None),
                placeholder="0.08",
                help="Empty: pages in color have no price",
            )
        since = word_select("From", months, begins.isoformat())
        sent = st.form_submit_button("Save", type="primary")
    st.caption("For a new price from a later month on add another: the old one holds until then.")
    if sent:
        typed = TypedPrice(model or "", mono or "", color or "", date.fromisoformat(since))
        perform_and_close(_AREA, context, set_price, seen, typed)
    if seen is not None and st.button("Remove this price", icon=":material/delete:", type="tertiary"):
        perform_and_close(_AREA, context, remove, seen)


def _typed(price: Decimal | None) -> str:
    return "" if price is None else f"{price.normalize():f}"


def _months(today: date, begins: date) -> list[date]:
    """Return the months from which a price can hold, the latest first."""
    number = 12 * today.year + today.month - 1
    near = range(number - _MONTHS_BACK, number + _MONTHS_TO_COME + 1)
    return sorted({begins, *(date(each // 12, each % 12 + 1, 1) for each in near)}, reverse=True)

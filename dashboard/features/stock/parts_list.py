"""The parts: numbers, prices, and the models that each fits."""

from typing import Final

import streamlit as st

from core.domain.parts import Catalog, CatalogPart
from core.domain.permissions import Permission
from core.domain.supply_parts import COLORS, KINDS, money
from core.storage.parts import read_catalog
from dashboard.features.shared.manager_cached import parts_in_use
from dashboard.features.shared.outcomes import perform_and_close
from dashboard.features.stock import actions
from dashboard.features.stock.actions import TypedPart
from dashboard.features.stock.shelf_dialogs import AREA
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.paging import chosen_sheet
from dashboard.ui.search import search_field
from dashboard.ui.templates import render
from dashboard.ui.theme import ink_of
from dashboard.ui.word_select import word_select

_PER_SHEET: Final = 50


def parts_list(context: PageContext) -> None:
    """Draw every part that has been ordered, counted or edited."""
    catalog = context.read(read_catalog)
    text = search_field("part", "Part, number, model")
    words = text.strip().casefold()
    found = [
        part
        for part in sorted(catalog.parts.values(), key=lambda part: part.title.casefold())
        if words in " ".join((part.title, part.color, *catalog.models_of(part.id))).casefold()
    ]
    if not found:
        nothing("There is no such part.", "A part comes here when it is ordered, or counted on a shelf.")
        return
    for part in chosen_sheet(found, _PER_SHEET, "sheet"):
        _row(context, catalog, part)


def _row(context: PageContext, catalog: Catalog, part: CatalogPart) -> None:
    currency = context.settings.orders.currency
    with st.container(horizontal=True, vertical_alignment="center", key=f"shelf-part-{part.id}"):
        price = money(part.price, currency) if part.price is not None else "no price"
        models = ", ".join(catalog.models_of(part.id))
        facts = [KINDS.get(part.kind, ""), price, f"fits {models}" if models else "fits no known model"]
        st.html(render("stock/part", part=part, ink=ink_of(part.color), facts=facts))
        may_edit = context.viewer.may(Permission.ORDER_SUPPLIES)
        if may_edit and st.button(
            "Edit", key=f"edit-{part.id}", help=f"Number, price, models of {part.title}"
        ):
            part_dialog(context, part)


@st.dialog("Part")
def part_dialog(context: PageContext, part: CatalogPart) -> None:
    """Draw the form of a part."""
    catalog = context.read(read_catalog)
    held = parts_in_use(context.app)
    fits = catalog.learnt_models(part, held)
    known = sorted({*fits, *(each.model for each in held)})
    with st.form(f"part-form-{part.id}", border=False):
        number = st.text_input("Part number", part.number)
        name = st.text_input("Name", part.name)
        with st.container(horizontal=True):
            kind = word_select("Kind", KINDS, part.kind)
            colors = ["", *COLORS]
            color = st.selectbox(
                "Color", colors, colors.index(part.color), format_func=lambda one: one or "none"
            )
        price = st.text_input(
            f"Price of one ({context.settings.orders.currency})",
            "" if part.price is None else f"{part.price:.2f}",
            help="Empty: not known",
        )
        models = st.multiselect("Fits", known, list(fits), accept_new_options=True)
        sent = st.form_submit_button("Save", type="primary")
    st.caption("Models whose printers hold the part are added by themselves, unless taken away here.")
    if sent:
        typed = TypedPart(number or "", name or "", color or "", kind, price or "", tuple(models))
        perform_and_close(AREA, context, actions.edit_part, part, typed)

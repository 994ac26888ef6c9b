"""The printers that are watched, and what can be done to those that are marked."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import streamlit as st

from core.domain.assets import ENDS
from core.domain.inventory.printers import InventoryPrinter
from core.domain.units import counted
from dashboard.features.fleet.table import printer_path
from dashboard.features.inventory import actions
from dashboard.features.inventory.form import AREA, edit_printer
from dashboard.features.inventory.queries import (
    InventoryFilter,
    count_inventory,
    matching_printers,
    told_firmware,
)
from dashboard.features.labels.sheets import labels_path
from dashboard.features.shared.outcomes import Action, perform, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.downloads import csv_button
from dashboard.ui.empty import nothing
from dashboard.ui.paging import sheet_number
from dashboard.ui.query_choice import choice
from dashboard.ui.search import find_field
from dashboard.ui.table import Column, Row, asked_order, forget_marks, html_table, marked
from dashboard.ui.templates import render

_PER_SHEET: Final = 50

Rows = Sequence[InventoryPrinter]


def list_printers(context: PageContext) -> None:
    """Draw one page of the list."""
    show_outcome(AREA, context)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        fields = "Name, id, address, place, serial, asset tag"
        text = find_field("Find printers", fields, live=False, width="stretch")
        ends = choice("ends", "Warranty or contract ends", ENDS, width=220)
        csv_button(
            "printers",
            lambda: actions.export(context.engine, context.viewer),
            words="All printers, as the import takes them",
        )
        st.html(_labels_link([], "All labels"), width="content")
    place, order = st.container(), asked_order(_COLUMNS)
    wanted = InventoryFilter(context.today, text, ends)
    total = context.read(count_inventory, wanted)
    if not total:
        _nothing(wanted)
        return
    offset = _PER_SHEET * (sheet_number(total, _PER_SHEET, "sheet") - 1)
    found = context.read(matching_printers, wanted, limit=_PER_SHEET, offset=offset, order=order)
    with place:
        _table(context, found, total, ends)


def _labels_link(printer_ids: Sequence[str], words: str) -> str:
    """Return the link to the labels of these printers, or of all of them."""
    return render("inventory/labels", address=labels_path(printer_ids), words=words)


def _nothing(wanted: InventoryFilter) -> None:
    if wanted.ends and not wanted.text:
        nothing("No warranty or contract ends then.", "The inventory says of each printer when its own does.")
    elif wanted.text:
        nothing("No printer matches these filters.", "Search for fewer words.")
    else:
        nothing("There are no printers yet.", "Add one, or import a spreadsheet.", link=_IMPORT)


_IMPORT: Final = ("To the import", "/inventory?view=import")


_COLUMNS: Final = (
    Column("Name", sort="name"),
    Column("Place", sort="location"),
    Column("Model", sort="model"),
    Column("Serial number", sort="serial"),
    Column("Address", sort="host"),
    Column("Firmware", spare=True),
    Column("Cost center", sort="cost_center", spare=True),
    Column("Asset tag", sort="asset_tag", spare=True),
    Column("Warranty until", "day", sort="warranty_until", spare=True),
    Column("Contract", sort="contract", spare=True),
    Column("Contract until", "day", sort="contract_until", spare=True),
    Column("Site", sort="site"),
    Column("Profile", sort="profile"),
    Column("Polled", sort="enabled"),
    Column("Notes", "long", spare=True),
)


_WHAT_ENDS: Final = frozenset(("warranty_until", "contract", "contract_until"))
_POLLING: Final = frozenset(("serial", "host", "site", "profile", "enabled"))


def _columns(ends: str) -> list[Column]:
    """Return the columns; who asks what ends sees that before how printers are polled."""
    if not ends:
        return list(_COLUMNS)
    spare = {**dict.fromkeys(_WHAT_ENDS, False), **dict.fromkeys(_POLLING, True)}
    return [replace(column, spare=spare.get(column.sort, column.spare)) for column in _COLUMNS]


def _table(context: PageContext, found: Rows, total: int, ends: str) -> None:
    firmware = context.read(told_firmware, [one.printer_id for one in found])
    rows = [_row(one, firmware.get(one.printer_id, "")) for one in found]
    chosen = [found[place] for place in marked(rows)]
    count = counted(total, "printer", "printers")
    st.caption(f"{count}. Select one to edit it, or several to enable, disable or remove them.")
    if chosen:
        _bulk(context, chosen)
    if len(chosen) == 1:
        edit_printer(context, chosen[0])
    html_table("Printers of the inventory", _columns(ends), rows, markable=True)


def _row(one: InventoryPrinter, firmware: str) -> Row:
    cells = (
        one.name or one.printer_id,
        *(one.location, one.model, one.serial),
        f"{one.host}:{one.port}",
        *(firmware, one.cost_center, one.asset_tag, one.warranty_until, one.contract, one.contract_until),
        *(one.site, one.profile, one.enabled, one.notes),
    )
    return Row(cells, path=printer_path(one.printer_id), mark=one.printer_id)


def _bulk(context: PageContext, chosen: Rows) -> None:
    many = f" {len(chosen)}" if len(chosen) > 1 else ""
    with st.container(horizontal=True):
        for label, icon, act in (
            (f"Enable{many}", "play_arrow", partial(actions.enable, enabled=True)),
            (f"Disable{many}", "pause", partial(actions.enable, enabled=False)),
            (f"Remove{many}", "delete", actions.remove),
        ):
            st.button(label, icon=f":material/{icon}:", on_click=_do, args=(context, act, chosen))
        st.html(_labels_link([each.printer_id for each in chosen], f"Labels{many}"), width="content")
    st.caption("Issues and history stay when a printer is switched off or removed.")


def _do(context: PageContext, act: Action[[Rows]], chosen: Rows) -> None:
    if perform(AREA, context, act, chosen):
        forget_marks()

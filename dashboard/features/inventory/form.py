"""The fields of a printer, to add one or to edit one; what was typed stays where it cannot be used."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from core.domain.inventory.fields import LONGEST_NOTES, LONGEST_TEXT
from core.domain.inventory.printers import InventoryPrinter
from dashboard.features.inventory import actions
from dashboard.features.shared.outcomes import perform, show_outcome
from dashboard.page_context import PageContext

AREA: Final = "inventory"

_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("Name", "What people call it; the address if empty"),
    "host": ("Address", "IP address or host name"),
    "port": ("SNMP port", "161 if empty"),
    "location": ("Place", "Building, floor, room"),
    "site": ("Site", "Whose collector polls it"),
    "profile": ("Credential profile", "A name from SNMP_PROFILES of the site's collector"),
    "model": ("Model", "Make and model; what the printer says if empty"),
    "serial": ("Serial number", "What the printer says if empty"),
    "cost_center": ("Cost center", "Who pays for its pages: reports add them up by it"),
    "asset_tag": ("Asset tag", "By which the list of equipment has it"),
    "in_use_since": ("In use since", "Such as 2024-09-01"),
    "warranty_until": ("Warranty until", "Its last day, such as 2027-08-31"),
    "contract": ("Contract", "Vendor and number, such as Ricoh lease 4711"),
    "contract_until": ("Contract until", "Its last day, such as 2027-08-31"),
}
_DEFAULTS: Final = {"site": "main", "profile": "default"}


def add_printer(context: PageContext) -> None:
    """Draw a form for a new printer."""
    show_outcome(AREA, context)
    st.caption("Only the address is needed. It is asked at once, where its site's collector runs.")
    _fields("new", _DEFAULTS)
    st.button("Add printer", key="new-save", type="primary", on_click=_add, args=(context,))


def edit_printer(context: PageContext, seen: InventoryPrinter) -> None:
    """Draw a form for an existing printer; its id stays."""
    prefix = f"edit-{seen.printer_id}-{seen.version}"
    st.subheader(f"Edit `{seen.printer_id}`", anchor=False)
    _fields(prefix, {name: str(seen.values[name]) for name in (*_FIELDS, "notes")})
    st.button("Save", key=f"{prefix}-save", type="primary", on_click=_edit, args=(context, seen, prefix))


def _fields(prefix: str, values: Mapping[str, str]) -> None:
    columns = st.columns(2, gap="medium")
    for number, (name, (label, hint)) in enumerate(_FIELDS.items()):
        key = _key(prefix, name)
        st.session_state.setdefault(key, values.get(name, ""))
        columns[number % 2].text_input(label, key=key, placeholder=hint, max_chars=LONGEST_TEXT)
    key = _key(prefix, "notes")
    st.session_state.setdefault(key, values.get("notes", ""))
    st.text_area("Notes", key=key, max_chars=LONGEST_NOTES, height=80)


def _add(context: PageContext) -> None:
    values = _typed("new")
    if perform(AREA, context, actions.add, values):
        for name in values:
            st.session_state[_key("new", name)] = _DEFAULTS.get(name, "")


def _edit(context: PageContext, seen: InventoryPrinter, prefix: str) -> None:
    perform(AREA, context, actions.edit, seen, _typed(prefix))


def _typed(prefix: str) -> dict[str, str]:
    return {name: str(st.session_state[_key(prefix, name)]) for name in (*_FIELDS, "notes")}


def _key(prefix: str, name: str) -> str:
    return f"{prefix}-{name}"

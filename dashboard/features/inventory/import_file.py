"""Printers from a spreadsheet: first what would happen, row by row, then the deed."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.domain.inventory.csv_file import IN_THE_BROWSER, ParsedInventory
from core.domain.inventory.header import COLUMNS
from core.domain.inventory.import_plan import ImportPlan, InventoryChange
from dashboard.features.inventory import actions
from dashboard.features.inventory.form import AREA
from dashboard.features.shared.outcomes import perform, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.table import Column, Row, sorted_table
from dashboard.ui.text import in_markdown


def import_printers(context: PageContext) -> None:
    """Draw the import."""
    show_outcome(AREA, context)
    st.markdown(
        "Save the spreadsheet as CSV. Columns, in any order: "
        + ", ".join(f"`{column}`" for column in COLUMNS)
        + ". Only `host` is needed; other usual names of columns, separators and encodings are understood. "
        "Printers that are there already are updated."
    )
    number = st.session_state.setdefault("import-number", 0)
    given = st.file_uploader(
        "CSV file", type=["csv", "txt"], key=f"import-{number}", max_upload_size=IN_THE_BROWSER.megabytes
    )
    if given is None:
        return
    data = given.getvalue()
    found, plan = actions.preview(context.engine, context.viewer, data)
    _preview(found, plan)
    if plan.added or plan.changed:
        st.button(
            f"Import: add {len(plan.added)}, update {len(plan.changed)}",
            type="primary",
            on_click=_import,
            args=(context, data),
        )


def _import(context: PageContext, data: bytes) -> None:
    if perform(AREA, context, actions.import_file, data):
        st.session_state["import-number"] += 1  # an empty place for the next file


def _preview(found: ParsedInventory, plan: ImportPlan) -> None:
    for note in (*found.notes, *plan.notes):
        st.info(in_markdown(f"{note}."), icon=":material/info:")
    if not (plan.added or plan.changed or plan.unchanged or plan.refused):
        nothing("There are no printers in this file.")
        return
    counts: tuple[tuple[str, Sequence[object]], ...] = (
        ("To add", plan.added),
        ("To update", plan.changed),
        ("Unchanged", plan.unchanged),
        ("Refused", plan.refused),
    )
    for column, (label, rows) in zip(st.columns(len(counts)), counts, strict=True):
        column.metric(label, len(rows))
    if plan.refused:
        st.subheader("Refused rows", anchor=False)
        columns = (Column("Line", "number"), Column("Because", "long"))
        refused = [Row((row.line, row.reason)) for row in plan.refused]
        sorted_table("Refused rows", columns, refused, key="refused")
    changes = sorted([*plan.added, *plan.changed], key=lambda change: change.line)
    if changes:
        st.subheader("What would change", anchor=False)
        sorted_table("What would change", _CHANGES, [_row(change) for change in changes], key="changes")


_CHANGES: Final = (
    Column("Line", "number"),
    *(Column(title) for title in ("What", "Printer", "Name", "Address")),
    Column("Changes", "long"),
)


def _row(change: InventoryChange) -> Row:
    after = change.after
    address = f"{after['host']}:{after['port']}"
    what = "update" if change.before else "add"
    return Row((change.line, what, change.printer_id, str(after["name"]), address, differences(change)))


def differences(change: InventoryChange) -> str:
    """Return what an import would change of a printer: `location: Room 12 → nothing; enabled: yes → no`."""
    before = change.before
    if before is None:
        return ""
    return "; ".join(
        f"{name}: {_told(before.values[name])} → {_told(change.after[name])}" for name in change.fields
    )


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "nothing"

"""Printers from a spreadsheet: first what would happen, row by row, then the deed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.domain.inventory.csv_file import IN_THE_BROWSER, ParsedInventory
from core.domain.inventory.header import COLUMNS
from core.domain.inventory.import_plan import ImportPlan, InventoryChange
from core.domain.permissions import Permission
from core.domain.units import counted
from dashboard.features.inventory import actions
from dashboard.features.inventory.form import AREA
from dashboard.features.shared.outcomes import attempt, show_outcome
from dashboard.page_context import PageContext
from dashboard.ui.empty import nothing
from dashboard.ui.text import clean, in_markdown
from dashboard.undoing import Done


def import_printers(context: PageContext) -> None:
    """The import."""
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
    def act() -> Done:
        plan = actions.import_file(context.engine, context.viewer, data, now=datetime.now(UTC))
        added = counted(len(plan.added), "printer is", "printers are")
        refused = f", {counted(len(plan.refused), 'row was', 'rows were')} refused" if plan.refused else ""
        return Done(
            f"{added} added, {len(plan.changed)} updated{refused}", permission=Permission.MANAGE_INVENTORY
        )

    if attempt(AREA, act):
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
        _show(
            "Refused rows",
            {
                "Line": [row.line for row in plan.refused],
                "Because": [clean(row.reason) for row in plan.refused],
            },
        )
    changes = sorted([*plan.added, *plan.changed], key=lambda change: change.line)
    if changes:
        st.subheader("What would change", anchor=False)
        _show("What would change", _changes(changes))


def _changes(changes: Sequence[InventoryChange]) -> Mapping[str, Sequence[object]]:
    return {
        "Line": [change.line for change in changes],
        "What": ["update" if change.before else "add" for change in changes],
        "Printer": [clean(change.printer_id) for change in changes],
        "Name": [clean(str(change.after["name"])) for change in changes],
        "Address": [f"{change.after['host']}:{change.after['port']}" for change in changes],
        "Changes": [clean(_difference(change)) for change in changes],
    }


def _difference(change: InventoryChange) -> str:
    before = change.before
    if before is None:
        return ""
    return ", ".join(f"{name}: {before.values[name]} → {change.after[name]}" for name in change.fields)


def _show(name: str, columns: Mapping[str, Sequence[object]]) -> None:
    st.dataframe(pd.DataFrame(columns), hide_index=True, alt=name)

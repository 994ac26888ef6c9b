"""Reports > Firmware: which versions run on which models, each leading to its printers."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from core.domain.spreadsheets import to_csv
from core.domain.units import counted
from dashboard.features.fleet.queries import Listed
from dashboard.features.reports.firmware import ModelFirmware, firmware_by_model
from dashboard.features.shared.cached import the_fleet
from dashboard.page_context import PageContext
from dashboard.ui.downloads import csv_button
from dashboard.ui.empty import nothing
from dashboard.ui.table import Column, Row, sorted_table

_PER_SHEET: Final = 50
_COLUMNS: Final = (
    Column("Model"),
    Column("Firmware"),
    Column("Printers", "number"),
    Column("Compared"),
)
_FILE_COLUMNS: Final = ("Printer", "Printer ID", "Place", "Model", "Firmware", "Compared")
_NOT_TOLD: Final = "Not told"


def show_firmware(context: PageContext) -> None:
    """Draw the versions by model, as the printers told them last."""
    rows = the_fleet(context.app).rows
    models = firmware_by_model(rows)
    if not models:
        nothing("No printer has told its firmware.", "Not every maker does; it is read once an hour.")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader("Firmware by model", anchor=False)
        csv_button("firmware", partial(_file, rows, models), words="A line for each printer")
    st.caption(_summary(rows, models))
    lines = [_row(one, version) for one in models for version in one.versions]
    sorted_table("Firmware by model", _COLUMNS, lines, key="firmware", per_sheet=_PER_SHEET)
    st.caption(
        "As read last, whatever the period. A row opens its printers. *Newest seen* is the newest among your "
        "printers of that model, not the newest that its maker offers. Only numbers with dots between them "
        "are compared."
    )


def _summary(rows: Sequence[Listed], models: Sequence[ModelFirmware]) -> str:
    older = sum(one.older for one in models)
    told = sum(bool(row.firmware and row.model) for row in rows)
    behind = counted(older, "printer runs", "printers run") if older else "No printer runs"
    return (
        f"{behind} an older version than the newest seen of the same model. "
        f"{told:,} of {counted(len(rows), 'printer')} tell their firmware."
    )


def _row(one: ModelFirmware, version: str) -> Row:
    asked = {"model": one.model} | ({"firmware": version} if version else {})
    cells = (one.model, version or _NOT_TOLD, one.versions[version], _compared(one, version))
    return Row(cells, f"/fleet?{urlencode(asked)}")


def _compared(one: ModelFirmware, version: str) -> str:
    if not version:
        return ""
    return {
        "newest": "Newest seen",
        "older": "Older",
        "only": "",
        "unordered": f"{len(one.known)} versions",
    }[one.standing(version)]


def _file(rows: Sequence[Listed], models: Sequence[ModelFirmware]) -> bytes:
    return to_csv(_FILE_COLUMNS, _file_lines(rows, models))


def _file_lines(
    rows: Sequence[Listed], models: Sequence[ModelFirmware]
) -> Iterator[tuple[str, str, str, str, str, str]]:
    by_model = {one.model: one for one in models}
    for row in sorted(rows, key=lambda row: (row.model.casefold(), row.firmware, row.folded)):
        one = by_model.get(row.model)
        compared = _compared(one, row.firmware) if one else ""
        yield row.name, row.printer_id, row.location, row.model, row.firmware, compared

"""Sentences for the gaps of a reading: tables cut off, parts that its SNMP view leaves out."""

from collections.abc import Iterator
from typing import Final

from core.contract.printer_mib import MAX_TABLE_ROWS, POLL_TABLES
from processor.decode.mib_tables import PRINTER_COLUMNS, MibTables

_STATUS_COLUMNS: Final = ("hrDeviceStatus", *PRINTER_COLUMNS)
_PRINTER_MIB: Final = frozenset(POLL_TABLES) - {"system", "device"}
_PARTS: Final = {"supplies": "supplies", "input_trays": "input trays"}


def gaps_of(view: MibTables) -> tuple[str, ...]:
    """Return a sentence for each gap, so that a printer that shows nothing does not look healthy."""
    return tuple(_gaps(view))


def _gaps(view: MibTables) -> Iterator[str]:
    missing = _missing_parts(view)
    if missing:
        *others, last = missing
        named = f"{', '.join(others)} or {last}" if others else last
        yield f"The printer's SNMP view shows no {named}: nothing is known of that."
    cut = [table for table, rows in view.tables.items() if _is_cut(view, table, len(rows))]
    if view.alert_rows is not None:
        yield view.alert_rows.sentence
    if cut:
        yield f"More than {MAX_TABLE_ROWS} rows are listed of {_words(cut)}: the rest was not read."
    known = {*cut, "alerts"} if view.alert_rows is not None else {*cut}
    unread = [table for table in view.tables if table not in view.settled and table not in known]
    if unread:
        yield f"Not answered as a whole: {_words(unread)}; what is shown may be from an earlier reading."


def _missing_parts(view: MibTables) -> list[str]:
    """Return parts of which the agent has answered that there is not a single row."""
    absent = {table for table in view.settled if not view.tables[table]}
    rows = view.tables["device"].values()
    has_status = any(name in row for row in rows for name in _STATUS_COLUMNS)
    missing = ["status"] if "device" in view.settled and not has_status else []
    missing += [words for table, words in _PARTS.items() if table in absent]
    # An empty alert table is that of a printer without alerts, but where nothing of the Printer MIB is shown.
    return [*missing, "page counter", "alerts"] if absent >= _PRINTER_MIB else missing


def _is_cut(view: MibTables, table: str, rows: int) -> bool:
    return table not in view.settled and rows >= MAX_TABLE_ROWS


def _words(tables: list[str]) -> str:
    return ", ".join(table.replace("_", " ") for table in tables)

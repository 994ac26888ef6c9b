"""The inventory as CSV: files as people have them in, ours out; pure, and no input raises."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from core.domain.addresses import DEFAULT_PORT, clean_host, clean_mac, clean_port
from core.domain.inventory import fields
from core.domain.inventory.fields import BadValue
from core.domain.inventory.header import COLUMNS, Header
from core.domain.inventory.printers import DAYS, Value
from core.domain.spreadsheets import FORMULA, defused

Cells = list[str]

_DELIMITERS: Final = ",;\t|"
_LONGEST_LINE: Final = 50_000
_MOST_CELLS: Final = 500
"""Of a line; files that are none of ours have lines of millions."""
_LONGEST_RECORD: Final = 60
"""Lines of one record: behind a quotation mark that is never closed the file goes on."""
_HEADER_WITHIN: Final = 10
"""Lines: exports begin with a title sometimes."""
_EXCEL_TEXT: Final = re.compile(r'="([^"]*)"')


_WORKBOOKS: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", "an Excel file"),
    (b"PK\x03\x04", b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"PK\x03\x04", b"", "an Excel file"),
)
"""How a workbook begins, what stands soon after, and what it is called."""


@dataclass(frozen=True)
class InventoryLimits:
    """Bounds of one import."""

    megabytes: int
    rows: int


IN_THE_BROWSER: Final = InventoryLimits(megabytes=2, rows=20_000)
ON_THE_COMMAND_LINE: Final = InventoryLimits(megabytes=64, rows=200_000)


@dataclass(frozen=True)
class InventoryRow:
    """A usable row: the fields its file gives, cleaned; `host` always, others where they are known."""

    line: int
    values: Mapping[str, Value]

    @property
    def address(self) -> tuple[str, int]:
        """Where the printer is asked: what makes two rows the same printer."""
        return str(self.values["host"]), int(self.values.get("port", DEFAULT_PORT))


@dataclass(frozen=True)
class RefusedRow:
    """A row that is not imported, and why."""

    line: int
    reason: str


@dataclass(frozen=True)
class ParsedInventory:
    """Contents of an inventory file."""

    rows: tuple[InventoryRow, ...]
    refused: tuple[RefusedRow, ...]
    notes: tuple[str, ...] = ()
    """What a person should know about the file as a whole."""


def file_objection(data: bytes, limits: InventoryLimits) -> str:
    """Return why a file as a whole is not read, as the end of a sentence about it; "" where it is."""
    if kind := _workbook(data):
        return f"is {kind}: save it as CSV"
    if len(data) > limits.megabytes * 2**20:
        return f"is larger than {limits.megabytes} MB: is it a list of printers?"
    if max(data.count(b"\n"), data.count(b"\r")) > limits.rows + _HEADER_WITHIN:
        return f"has more than {limits.rows:,} rows: split it"
    return ""


def read_inventory(data: bytes) -> ParsedInventory:
    """Return the printers of a CSV file in any usual encoding, separator and dialect of column names."""
    if kind := _workbook(data):
        return ParsedInventory((), (RefusedRow(1, f"the file is {kind}: save it as CSV"),))
    lines = [f"{line}\n" for line in _decode(data).split("\n")]
    header, delimiter, header_line = _find_header(lines)
    if header is None:
        reason = "no column `host`: the first line must name the columns, for example `host,name,location`"
        return ParsedInventory((), (RefusedRow(header_line, reason),))
    rows: list[InventoryRow] = []
    refused: list[RefusedRow] = []
    taken: dict[object, int] = {}
    for line, cells in _records(lines, delimiter, header_line):
        try:
            if isinstance(cells, str):
                raise BadValue(cells)  # noqa: TRY301
            if "".join(cells).strip():
                rows.append(_unlike_others(_row(line, header, cells), taken))
        except BadValue as bad:
            refused.append(RefusedRow(line, str(bad)))
    return ParsedInventory(tuple(rows), tuple(refused), tuple(header.notes))


def write_inventory(printers: Iterable[Mapping[str, Value]]) -> str:
    """Return the printers as CSV that a spreadsheet shows as text and that reads back the same."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for printer in printers:
        writer.writerow([defused(_text(printer.get(column, ""))) for column in COLUMNS])
    return out.getvalue()


def _decode(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", "replace")
    elif data[1:400:2].count(0) > len(data[:400]) // 4:
        text = data.decode("utf-16-le", "replace")
    elif data[0:400:2].count(0) > len(data[:400]) // 4:
        text = data.decode("utf-16-be", "replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", "replace")
    return text.replace("\x00", "").replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")


def _find_header(lines: list[str]) -> tuple[Header | None, str, int]:
    """Return the line that names most of our columns, read with the separator that makes it so."""
    best: tuple[Header | None, str, int] = (None, ",", 1)
    for at, line in enumerate(lines[:_HEADER_WITHIN]):
        for delimiter in _DELIMITERS:
            _, cells = next(_records([line], delimiter, 0))
            header = Header([] if isinstance(cells, str) else [_unescaped(cell) for cell in cells])
            if header.has("host") and header.known > (best[0].known if best[0] else 0):
                best = (header, delimiter, at + 1)
    return best


def _workbook(data: bytes) -> str:
    return next(
        (kind for magic, soon, kind in _WORKBOOKS if data.startswith(magic) and soon in data[:200]), ""
    )


def _records(lines: list[str], delimiter: str, start: int) -> Iterator[tuple[int, Cells | str]]:
    """Yield line number and cells of every record as written; the reason for a line that is none."""
    while start < len(lines):
        line = lines[start]
        if len(line) > _LONGEST_LINE or line.count(delimiter) >= _MOST_CELLS:
            start += 1
            yield start, f"the line has more than {_LONGEST_LINE:,} characters or {_MOST_CELLS} cells"
            continue
        if '"' not in line:  # almost all, and split() is much faster
            start += 1
            yield start, line.rstrip("\n").split(delimiter)
            continue
        reader = csv.reader(
            lines[start : start + _LONGEST_RECORD], delimiter=delimiter, strict=True, skipinitialspace=True
        )
        try:
            cells: Cells | str = next(reader)
            used = reader.line_num
        except csv.Error:
            cells, used = "a quotation mark is out of place or never closed", 1
        yield start + 1, cells
        start += used


def _row(line: int, header: Header, cells: Cells) -> InventoryRow:
    if "".join(cells[header.width :]).strip():
        raise BadValue(
            f"{len(cells)} cells under {header.width} column names: "
            "text that holds a separator belongs into quotation marks"
        )
    for at in header.used:
        if at < len(cells):
            cells[at] = _unescaped(cells[at])
    written = header.first("host", cells)
    host, port = clean_host(fields.clean_text(written))
    values: dict[str, Value] = {"host": host}
    own_port = fields.clean_text(header.first("port", cells))
    if own_port:
        port = clean_port(own_port)
    if port is not None:
        values["port"] = port
    values |= _identity(header, cells, written) | _choices(header, cells) | _texts(header, cells)
    return InventoryRow(line, values)


def _identity(header: Header, cells: Cells, written_host: str) -> dict[str, Value]:
    """Return the id and the name, where the file gives them."""
    found: dict[str, Value] = {}
    printer_id = fields.clean_text(header.first("printer_id", cells))
    if not fields.is_nothing(printer_id):
        found["printer_id"] = fields.clean_printer_id(printer_id)
    host_name = header.host_name(cells)
    name = fields.clean_text(header.first("name", cells) or (host_name if host_name != written_host else ""))
    if name:
        found["name"] = name
    return found


def _choices(header: Header, cells: Cells) -> dict[str, Value]:
    """Return what an empty cell leaves as it is."""
    cleaners: dict[str, Callable[[str], Value]] = {
        "site": fields.clean_site,
        "profile": fields.clean_text,
        "enabled": fields.clean_enabled,
    }
    given = {field: fields.clean_text(header.first(field, cells)) for field in cleaners}
    return {field: cleaners[field](text) for field, text in given.items() if text}


def _texts(header: Header, cells: Cells) -> dict[str, Value]:
    """Return what an empty cell empties, where the file has the column."""
    found: dict[str, Value] = {}
    if header.has("location", "building", "floor", "room"):
        found["location"] = _location(header, cells)
    if header.has("model", "make"):
        found["model"] = _model(header, cells)
    if header.has("serial"):
        serial = fields.clean_text(header.first("serial", cells))
        found["serial"] = "" if fields.is_nothing(serial) else serial
    if header.has("mac"):
        found["mac"] = clean_mac(fields.clean_text(header.first("mac", cells)))
    for field in ("cost_center", "contract"):
        if header.has(field):
            found[field] = fields.clean_text(header.first(field, cells))
    if header.has("asset_tag"):
        tag = fields.clean_text(header.first("asset_tag", cells))
        found["asset_tag"] = "" if fields.is_nothing(tag) else tag
    for field in DAYS:
        if header.has(field):
            day = fields.clean_day(field, fields.clean_text(header.first(field, cells)))
            found[field] = day.isoformat() if day else ""
    if header.has("notes"):
        found["notes"] = fields.clean_notes(header.first("notes", cells))
    return found


def _location(header: Header, cells: Cells) -> str:
    parts = []
    for field in ("location", "building", "floor", "room"):
        text = fields.clean_text(header.first(field, cells))
        bare = field in ("floor", "room") and text[:1].isdigit()
        parts.append(f"{field} {text}" if bare else text)
    return fields.clean_text(", ".join(dict.fromkeys(part for part in parts if part)))


def _model(header: Header, cells: Cells) -> str:
    make, model = (fields.clean_text(header.first(field, cells)) for field in ("make", "model"))
    return model if model.casefold().startswith(make.casefold()) else fields.clean_text(f"{make} {model}")


def _unlike_others(row: InventoryRow, taken: dict[object, int]) -> InventoryRow:
    """Return the row, unless an earlier one has its address or its id."""
    for what, key in (("host and port", row.address), ("printer_id", row.values.get("printer_id"))):
        if key is not None and key in taken:
            raise BadValue(f"the same {what} as line {taken[key]}: {_shown(key)}")
    for key in (row.address, row.values.get("printer_id")):
        if key is not None:
            taken[key] = row.line
    return row


def _shown(key: object) -> str:
    return f"{key[0]}:{key[1]}" if isinstance(key, tuple) else str(key)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _unescaped(cell: str) -> str:
    text = cell.strip()
    excel = _EXCEL_TEXT.fullmatch(text)
    if excel:
        return excel[1].strip()
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text

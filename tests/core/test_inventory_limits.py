"""How much an import takes, and that no bytes keep it busy: time is linear in what is read."""

import io
import random
import time
import zipfile
from collections.abc import Callable

import pytest

from core.domain.inventory.csv_file import (
    IN_THE_BROWSER,
    ON_THE_COMMAND_LINE,
    InventoryLimits,
    file_objection,
    read_inventory,
)

HEAD = b"host,name,location,model,serial,mac,notes\n"
SECONDS = 60.0
"""Generous, for a loaded machine: what this is about took minutes, or hours."""


def good(lines: int) -> bytes:
    rows = (b"10.0.%d.%d,N%d,Library,HP,S%d,,hello there\n" % (n // 250, n % 250, n, n) for n in range(lines))
    return HEAD + b"".join(rows)


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"," * 16_000_000,
        HEAD + (b"," * 499 + b"\n") * 10_000,
        HEAD + b"10.0.0.5" + b"," * 16_000_000,
        b"host," * 3_000_000,
        HEAD + b'"' * 4_000_000,
        HEAD + b'"a\n' + b'","a\n' * 20_000,
        HEAD + b'"a' + b'""' * 1_000_000,
        HEAD + random.Random(1).randbytes(1_000_000),
        HEAD + "ж".encode() * 2_000_000,
        HEAD + ("ж" * 90 + ".example\n").encode() * 1_000,
        HEAD + "e\u0301\u0323".encode() * 500_000,
        HEAD + b" " * 8_000_000,
        HEAD + b"\x00" * 4_000_000,
        HEAD + b"10.0.0.5,x\n" * 20_000,
    ],
    ids=range(14),
)
def test_no_bytes_keep_an_import_busy(data: bytes) -> None:
    begun = time.process_time()
    read_inventory(data)
    assert time.process_time() - begun < SECONDS


def test_ten_times_the_rows_take_about_ten_times_as_long() -> None:
    def seconds(lines: int) -> float:
        data = good(lines)
        begun = time.process_time()
        assert len(read_inventory(data).rows) == lines
        return time.process_time() - begun

    few, many = min(seconds(2_000), seconds(2_000)), seconds(20_000)
    assert many < 40 * few


def test_a_line_of_millions_of_cells_is_refused_by_its_number_and_the_rest_is_read() -> None:
    found = read_inventory(HEAD + b"," * 100_000 + b"\n10.0.0.5\n" + b"," * 600 + b"\n")
    assert [row.values["host"] for row in found.rows] == ["10.0.0.5"]
    assert [row.line for row in found.refused] == [2, 4]
    assert "more than 50,000 characters or 500 cells" in found.refused[0].reason


def workbook(*names: str) -> Callable[[], bytes]:
    def made() -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            for name in names:
                content = "application/vnd.oasis.opendocument.spreadsheet" if name == "mimetype" else "<x/>"
                archive.writestr(name, content)
        return data.getvalue()

    return made


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (workbook("[Content_Types].xml", "xl/workbook.xml")(), "an Excel file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "an Excel file"),
        (workbook("mimetype", "content.xml")(), "an OpenDocument file"),
    ],
)
def test_a_workbook_is_told_how_to_become_csv_whatever_it_is_named(data: bytes, kind: str) -> None:
    assert file_objection(data, IN_THE_BROWSER) == f"is {kind}: save it as CSV"
    (refused,) = read_inventory(data).refused
    assert refused.reason == f"the file is {kind}: save it as CSV"


@pytest.mark.parametrize(
    ("limits", "data", "objection"),
    [
        (IN_THE_BROWSER, b"x" * (2 * 2**20 + 1), "is larger than 2 MB: is it a list of printers?"),
        (IN_THE_BROWSER, b"h\n" * 20_011, "has more than 20,000 rows: split it"),
        (IN_THE_BROWSER, b"h\r" * 20_011, "has more than 20,000 rows: split it"),
        (IN_THE_BROWSER, b"h\n" * 20_001, ""),
        (ON_THE_COMMAND_LINE, b"h\n" * 200_001, ""),
        (ON_THE_COMMAND_LINE, b"h\n" * 200_011, "has more than 200,000 rows: split it"),
        (ON_THE_COMMAND_LINE, b"x" * (64 * 2**20 + 1), "is larger than 64 MB: is it a list of printers?"),
    ],
    ids=range(7),
)
def test_a_file_that_is_too_large_is_refused_as_a_whole(
    limits: InventoryLimits, data: bytes, objection: str
) -> None:
    assert file_objection(data, limits) == objection

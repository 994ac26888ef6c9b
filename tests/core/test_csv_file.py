"""The inventory as CSV: dirty files in, clean ones out, and no input that raises."""

import csv
import io
import unicodedata
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.domain.inventory.csv_file import ParsedInventory, read_inventory, write_inventory
from core.domain.inventory.header import COLUMNS
from core.domain.inventory.import_plan import plan_import
from core.domain.inventory.printers import Value, stored
from tests.builders import known_printer


def read(text: str, encoding: str = "utf-8") -> ParsedInventory:
    return read_inventory(text.encode(encoding))


def reasons(found: ParsedInventory) -> dict[int, str]:
    return {row.line: row.reason for row in found.refused}


def test_only_the_host_is_needed() -> None:
    found = read("host\n10.0.0.5\nprn-1.example.org\n")
    assert [row.values for row in found.rows] == [{"host": "10.0.0.5"}, {"host": "prn-1.example.org"}]


def test_spaces_case_and_blank_rows_are_cleaned() -> None:
    found = read("  Host , NAME ,Location\n , ,\n  PRN-1.Example.ORG. ,  Library\t 1 , Room\u00a0 12 \n,,\n")
    assert found.refused == ()
    assert found.rows[0].values == {"host": "prn-1.example.org", "name": "Library 1", "location": "Room 12"}
    assert found.rows[0].line == 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_line_ends_are_recognized(
    delimiter: str, encoding: str, line_end: str
) -> None:
    lines = [["host", "name", "location"], ["10.0.0.5", "Bücherei", "Erdgeschoß"]]
    text = line_end.join(delimiter.join(line) for line in lines) + line_end
    found = read(text, encoding)
    assert [row.values["name"] for row in found.rows] == ["Bücherei"]
    assert found.rows[0].values["location"] == "Erdgeschoß"


def test_a_separator_named_by_a_spreadsheet_and_a_title_are_passed_over() -> None:
    found = read("sep=;\nAll printers 2026;;\nIP;Name\n10.0.0.5;Library\n")
    assert [(row.line, row.values["name"]) for row in found.rows] == [(4, "Library")]


@pytest.mark.parametrize(
    ("written", "host", "port"),
    [
        ("10.0.0.5:1161", "10.0.0.5", 1161),
        ("010.000.001.007", "10.0.1.7", None),
        ("10.0.0.5/24", "10.0.0.5", None),
        ("[2001:DB8::1]:162", "2001:db8::1", 162),
        ("2001:db8:0::1", "2001:db8::1", None),
        ("IP_10.0.0.5_1", "10.0.0.5", None),
        ("socket://10.0.0.5:9100", "10.0.0.5", None),
        ("ipp://prn-1.local:631/ipp/print", "prn-1.local", None),
        ("snmp://10.0.0.5:1161", "10.0.0.5", 1161),
        ("http://10.0.0.5/", "10.0.0.5", None),
        ("drucker.büro.example", "drucker.xn--bro-hoa.example", None),
        ('="10.0.0.5"', "10.0.0.5", None),
    ],
)
def test_hosts_are_understood_as_people_write_them(written: str, host: str, port: int | None) -> None:
    row = read_inventory(write_row(["host"], [written])).rows[0]
    assert (row.values["host"], row.values.get("port")) == (host, port)


def write_row(header: list[str], *rows: list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("10.0.0.300,A", "neither an IP address nor a host name"),
        ("10.0.1,A", "neither an IP address nor a host name"),
        ("Library main,A", "neither an IP address nor a host name"),
        ("0.0.0.0,A", "not the address of one device"),
        ("239.1.2.3,A", "not the address of one device"),
        (",A", "no host"),
        ("n/a,A", "no host"),
        ("10.0.0.5:99999,A", "port `99999` is not a number"),
        ("10.0.0.5,Library, room 2", "3 cells under 2 column names"),
        (f"10.0.0.5,{'x' * 201}", "longer than 200 characters"),
        ('"10.0.0.5,A', "quotation mark"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_line_and_reason(row: str, says: str) -> None:
    found = read(f"host,name\n10.0.0.1,First\n{row}\n10.0.0.2,Last\n")
    assert [each.values["name"] for each in found.rows] == ["First", "Last"]
    assert list(reasons(found)) == [3]
    assert says in reasons(found)[3]


def test_the_second_of_two_rows_with_one_address_is_refused() -> None:
    found = read("host,port,name\n10.0.0.5,,A\n10.0.0.5:161,,B\n10.0.0.5,1161,C\nPRN-1,,D\nprn-1.,,E\n")
    assert [row.values["name"] for row in found.rows] == ["A", "C", "D"]
    assert reasons(found) == {
        3: "the same host and port as line 2: 10.0.0.5:161",
        6: "the same host and port as line 5: prn-1:161",
    }


def test_the_columns_of_other_systems_are_understood() -> None:
    found = read(
        "Asset Tag,IP Address,Hostname,Building,Floor,Room,"
        "Manufacturer,Model,S/N,MAC,Department,Active,Comments\n"
        "A-0042,10.0.0.5,prn-lib,Library,2,204,HP,LaserJet M552,VNB123,0011.22AA.BBCC,Law,Yes,by the desk\n"
    )
    assert found.rows[0].values == {
        "host": "10.0.0.5",
        "name": "prn-lib",
        "location": "Library, floor 2, room 204",
        "model": "HP LaserJet M552",
        "serial": "VNB123",
        "mac": "00:11:22:aa:bb:cc",
        "cost_center": "Law",
        "asset_tag": "A-0042",
        "enabled": True,
        "notes": "by the desk",
    }


def test_secrets_are_left_out_and_said_so() -> None:
    found = read("host,community,colour\n10.0.0.5,private,blue\n")
    assert "private" not in str(found)
    assert any("community" in note and "SNMP_PROFILES" in note for note in found.notes)
    assert any("colour" in note for note in found.notes)


@pytest.mark.parametrize("text", ["", "\n\n", "a,b,c\n1,2,3\n", "10.0.0.5\n", "\x00\x00"])
def test_a_file_without_a_host_column_is_refused_as_a_whole(text: str) -> None:
    found = read(text)
    assert found.rows == ()
    assert "no column `host`" in found.refused[0].reason


@pytest.mark.parametrize(
    ("written", "enabled"), [("yes", True), ("0", False), ("Nein", False), ("TRUE", True), ("x", True)]
)
def test_yes_and_no_have_many_words(written: str, enabled: bool) -> None:
    assert read(f"host,enabled\n10.0.0.5,{written}\n").rows[0].values["enabled"] is enabled


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-2", "@SUM(A1)", "'=x", "''+x", "＝1"])
def test_an_export_is_no_formula_and_reads_back(text: str) -> None:
    printer: dict[str, Value] = {**PRINTER, "name": text, "notes": text}
    written = write_inventory([printer])
    for row in list(csv.reader(io.StringIO(written)))[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cell in row)
    assert read(written).rows[0].values["name"] == text


PRINTER: dict[str, Value] = {
    "printer_id": "library-1",
    "name": "Library 1",
    "host": "10.0.0.5",
    "port": 161,
    "location": "",
    "site": "main",
    "profile": "default",
    "model": "",
    "serial": "",
    "mac": "",
    "cost_center": "",
    "asset_tag": "",
    "in_use_since": "",
    "warranty_until": "",
    "contract": "",
    "contract_until": "",
    "enabled": True,
    "notes": "",
}


@given(st.binary(max_size=600))
@example(b"\xff\xfe")
@example(b"host\n\xff\xfe\x00")
def test_no_bytes_raise(data: bytes) -> None:
    found = read_inventory(data)
    assert found.rows or found.refused or not data.strip() or found.notes is not None


CELL = st.text(alphabet=st.sampled_from(list("ab1.:/[]=+-@'\"\n\r\t ,;|\x00éß０\u200b\ufeff")), max_size=12)
TABLE = st.lists(st.lists(CELL, min_size=1, max_size=6), max_size=8)


@given(TABLE, st.sampled_from([",", ";", "\t"]), st.sampled_from(["utf-8", "utf-16", "cp1252"]))
def test_no_table_raises_and_every_row_that_is_read_can_be_planned(
    table: list[list[str]], delimiter: str, encoding: str
) -> None:
    lines = [delimiter.join(["host", "name", "port", "notes"]), *(delimiter.join(row) for row in table)]
    found = read_inventory("\n".join(lines).encode(encoding, "replace"))
    plan = plan_import(found.rows, [])
    assert len({change.printer_id for change in plan.added}) == len(plan.added)


def printable(text: str) -> str:
    return " ".join(
        "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c)[0] != "C").split()
    )


CLEAN = st.text(max_size=40).map(printable)
HOSTS = st.ip_addresses(v=4).filter(
    lambda a: not (a.is_multicast or a.is_unspecified or str(a) == "255.255.255.255")
).map(str) | st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9](\.[a-z]{2,5})?", fullmatch=True)
NOTHING = {"-", "--", "?", "n/a", "na", "none", "null", "nil", "unknown", "tbd", "dhcp"}
DAYS_WRITTEN = st.just("") | st.dates(date(1970, 1, 1), date(2100, 12, 31)).map(str)
PRINTERS = st.lists(
    st.fixed_dictionaries(
        {
            "printer_id": st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True).filter(
                lambda text: text not in NOTHING
            ),
            "name": CLEAN.filter(bool),
            "host": HOSTS.filter(lambda text: text not in NOTHING),
            "port": st.integers(1, 65535),
            "location": CLEAN,
            "site": st.from_regex(r"[a-z0-9][a-z0-9._-]{0,10}", fullmatch=True),
            "profile": CLEAN.filter(bool),
            "model": CLEAN,
            "serial": CLEAN.filter(lambda text: text.casefold() not in NOTHING),
            "mac": st.sampled_from(["", "00:11:22:aa:bb:cc"]),
            "cost_center": CLEAN,
            "asset_tag": CLEAN.filter(lambda text: text.casefold() not in NOTHING),
            "in_use_since": DAYS_WRITTEN,
            "warranty_until": DAYS_WRITTEN,
            "contract": CLEAN,
            "contract_until": DAYS_WRITTEN,
            "enabled": st.booleans(),
            "notes": st.lists(CLEAN, max_size=3).map("\n".join).map(str.strip),
        }
    ),
    max_size=6,
    unique_by=(lambda printer: printer["printer_id"], lambda printer: (printer["host"], printer["port"])),
)


@given(PRINTERS)
def test_what_is_exported_is_imported_as_it_was(printers: list[dict[str, Value]]) -> None:
    found = read_inventory(write_inventory(printers).encode())
    assert found.refused == ()
    assert [change.after for change in plan_import(found.rows, []).added] == printers
    there = [known_printer(**stored(printer)) for printer in printers]  # type: ignore[arg-type]
    again = plan_import(found.rows, there)
    assert (again.added, again.changed, len(again.unchanged)) == ([], [], len(printers))


def test_an_export_has_all_columns_in_order() -> None:
    assert write_inventory([]) == ",".join(COLUMNS) + "\n"

"""Hosts of the command line as printers."""

import pytest

from collector.hosts import address_of, printer_at
from core.contract.errors import UserError
from core.contract.messages import PolledPrinter


@pytest.mark.parametrize(
    ("written", "printer_id", "host", "port"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.7", 161),
        ("192.0.2.7:1161", "192.0.2.7-1161", "192.0.2.7", 1161),
        ("192.0.2.7:161", "192.0.2.7", "192.0.2.7", 161),
        ("Lib-1.Example", "lib-1.example", "lib-1.example", 161),
        ("[2001:db8::7]:1161", "2001-db8-7-1161", "2001:db8::7", 1161),
        ("[2001:db8::7]", "2001-db8-7", "2001:db8::7", 161),
        ("2001:db8::7", "2001-db8-7", "2001:db8::7", 161),
    ],
)
def test_an_address_is_a_printer(written: str, printer_id: str, host: str, port: int) -> None:
    expected = PolledPrinter(printer_id=printer_id, host=host, port=port, profile="x")
    assert printer_at(written, "x") == expected


@pytest.mark.parametrize(
    "written", ["192.0.2.7", "lib-1.example:1161", "[2001:db8::7]", "[2001:db8::7]:1161"]
)
def test_its_address_is_written_as_it_was_given(written: str) -> None:
    assert address_of(printer_at(written, "x")) == written


@pytest.mark.parametrize("written", ["", "a b", "x:0", "x:99999", "x:y", "[::1", "http://"])
def test_what_is_no_address_is_one_sentence(written: str) -> None:
    with pytest.raises(UserError, match=r"\.$"):
        printer_at(written, "default")

"""Computers that list print queues are told from printers by the Printer MIB's rows and by their agent."""

import pytest

from core.domain.print_queues import is_computer

WINDOWS, NET_SNMP, HP = "1.3.6.1.4.1.311.1.1.3.1.1", "1.3.6.1.4.1.8072.3.2.10", "1.3.6.1.4.1.11.2.3.9.1"


@pytest.mark.parametrize(
    ("object_id", "described"),
    [
        (WINDOWS, "Hardware: Intel64 Family 6 - Software: Windows Version 10.0"),
        (f".{NET_SNMP}", "Linux print01 6.1.0-18-amd64 #1 SMP Debian x86_64"),
        (NET_SNMP, None),
        ("1.3.6.1.4.1.2021.250.10", "Linux cups 2.4.20"),
        ("", "Darwin Kernel Version 23.1.0"),
        ("1.3.6.1.4.1.99999.1", "FreeBSD files 14.0-RELEASE amd64"),
    ],
)
def test_a_computer_with_print_queues_is_no_printer(object_id: str, described: str | None) -> None:
    told = {"object_id": object_id, "description": described}
    assert is_computer(**told, printers=2, has_printer_mib=False)
    assert is_computer(**told, printers=1, has_printer_mib=False)
    assert not is_computer(**told, printers=0, has_printer_mib=False)


@pytest.mark.parametrize("object_id", [WINDOWS, NET_SNMP])
def test_rows_of_the_printer_mib_make_a_printer_whatever_the_operating_system(object_id: str) -> None:
    described = "Windows Embedded, Linux 4.17 x86_64"
    assert not is_computer(object_id=object_id, description=described, printers=1, has_printer_mib=True)


@pytest.mark.parametrize("described", ["HP LaserJet 4250", "Xerox AltaLink C8045; SS 100.0", None, ""])
def test_a_printer_without_the_printer_mib_stays_one(described: str | None) -> None:
    assert not is_computer(object_id=HP, description=described, printers=1, has_printer_mib=False)

"""One model has one name, whatever firmware, service tag or serial number stands behind it."""

import pytest

from core.domain.model_names import has_model, is_useful, model_name

XEROX, DELL, KYOCERA, HP, OKI = ("1.3.6.1.4.1.253.8.62.1", "1.3.6.1.4.1.674.10898", "1.3.6.1.4.1.1347.41",
                                 "1.3.6.1.4.1.11.2.3.9.1", "1.3.6.1.4.1.2001.1.1.1.1")  # fmt: skip


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Xerox VersaLink B405; SS 57.50.31, NC 57.50.31, UI 57.50", "Xerox VersaLink B405"),
        ("Xerox Phaser 6510;System 64.20.11,Controller 1.1", "Xerox Phaser 6510"),
        ("Dell S5840cdn 9ZB4D72 LW65.GM7.P632", "Dell S5840cdn"),
        ("Dell S5840cdn ABC1234 LW65.GM7.P632", "Dell S5840cdn"),
        ("Dell B5460dn 4JX8Q12", "Dell B5460dn"),
        ("Lexmark MX710 701663HH07ZK1 NH60.MS2.N622", "Lexmark MX710"),
        ("Lexmark MX710 701663HH07ZK1", "Lexmark MX710"),
        ("HP LaserJet M605 S/N CNBVK12345", "HP LaserJet M605"),
        ("RICOH IM C4500 1.20 / RICOH Network Printer C model", "RICOH IM C4500"),
        ("Canon LBP253 /P", "Canon LBP253"),
        ("Lexmark MS622de version MSNGW.075.272 kernel 4.17.19", "Lexmark MS622de"),
        ("Samsung X4300 V5.01.02; V11.01; Engine V1", "Samsung X4300"),
        ("HP LaserJet 400 M401DNE", "HP LaserJet 400 M401DNE"),
        ("HP Color LaserJet MFP M480f", "HP Color LaserJet MFP M480f"),
        ("HP OfficeJet Pro 8600 N911g", "HP OfficeJet Pro 8600 N911g"),
        ("Lexmark CX725 (7528-836)", "Lexmark CX725 (7528-836)"),
        ("Brother MFC-L2710DW series", "Brother MFC-L2710DW series"),
        ("Testdrucker", "Testdrucker"),
    ],
)
def test_versions_and_numbers_of_the_piece_are_no_part_of_a_model(told: str, name: str) -> None:
    assert model_name(told) == name
    assert model_name(name) == name


def test_a_tail_that_is_the_serial_number_goes_whatever_it_looks_like() -> None:
    assert model_name("HP LaserJet M605 AB12CD", serial_number="ab12cd") == "HP LaserJet M605"
    assert model_name("HP LaserJet M605 AB12CD") == "HP LaserJet M605 AB12CD"


@pytest.mark.parametrize(
    ("told", "object_id", "name"),
    [
        ("CS 4053ci", KYOCERA, "Kyocera CS 4053ci"),
        ("bizhub C300i", "1.3.6.1.4.1.18334.1.2", "Konica Minolta bizhub C300i"),
        ("LaserJet 4250", f".{HP}", "HP LaserJet 4250"),
        ("Phaser 3635MFP; Net 10.30,ESS 2008", XEROX, "Xerox Phaser 3635MFP"),
        ("hp LaserJet 4250", HP, "hp LaserJet 4250"),
        ("UTAX 3060ci", KYOCERA, "UTAX 3060ci"),
        ("Gestetner MP 2501", "1.3.6.1.4.1.367.1.1", "Gestetner MP 2501"),
        ("OKI-C650-7A21", OKI, "OKI-C650-7A21"),
        ("Laser 1", "1.3.6.1.4.1.8072.3.2.10", "Laser 1"),
        ("Laser 1", None, "Laser 1"),
    ],
)
def test_the_maker_comes_from_the_enterprise_number_where_the_name_lacks_it(
    told: str, object_id: str | None, name: str
) -> None:
    assert model_name(told, object_id=object_id) == name


@pytest.mark.parametrize(
    ("told", "described", "device_id", "name"),
    [
        ("HP JetDirect 300X", None, "MFG:Hewlett-Packard;MDL:LaserJet 1200;", "HP LaserJet 1200"),
        ("Ethernet", None, "MANUFACTURER:EPSON;MODEL:Stylus R800;CLASS:PRINTER;", "Epson Stylus R800"),
        (None, "AXIS 5600 Network Print Server V6.10", "MFG:OKI UK LTD;MDL:MC873;", "OKI MC873"),
        ("MFG:Brother;CMD:HBP,PJL;MDL:MFC-8440;CLS:PRINTER;", None, None, "Brother MFC-8440"),
        ("Lexmark MS410dn", None, "MFG:Other;MDL:Thing 1", "Lexmark MS410dn"),
        (None, "HP ETHERNET MULTI-ENVIRONMENT,SN:X1234,PID:HP LaserJet M507", None, "HP LaserJet M507"),
        (None, "OKI OkiLAN 9450g Rev.1 PrintServer: Attached to MC873 Rev.07 : Copyright", None, "OKI MC873"),
        ("eth0", "Lexmark MS622de version 1.2.3", None, "Lexmark MS622de"),
        ("Ethernet", None, None, "Ethernet"),
        (None, "Brother NC-8300h, Firmware Ver.1.14", None, "Brother NC-8300h, Firmware Ver.1.14"),
        (None, None, None, None),
    ],
)  # fmt: skip
def test_what_names_an_interface_or_a_print_server_gives_way_to_what_names_the_printer(
    told: str | None, described: str | None, device_id: str | None, name: str | None
) -> None:
    assert model_name(told, described, device_id=device_id) == name


@pytest.mark.parametrize(
    "name", ["Ethernet", "eth0", "USB Port", "Network Printer", "Unknown", "HP", "Printer 1"]
)
def test_names_that_any_printer_may_have_are_useless(name: str) -> None:
    assert not is_useful(name)
    assert not has_model(name, None)


def test_a_hostile_text_is_a_name_at_most() -> None:
    for text in ("A" * 5000, ";" * 200, "MDL:", "PID:", "1.2.3.4", "\x00\x01", "(" * 300, "MFG:;MDL:;"):
        assert len(model_name(text[:255]) or "") <= 255

"""Recordings: bounded walks of agents good and bad, and nothing left in them of whose printer it was."""

import asyncio

import pytest

from collector.capture.anonymize import Disguise, anonymized
from collector.capture.lines import lines_of
from collector.capture.subtree import SubtreeWalk
from collector.drivers.protocol import Varbind
from collector.drivers.wire import WireDriver
from core.contract import ber
from core.contract.mib_names import OID
from core.contract.printer_mib import IF_PHYS_ADDRESS
from tests.collector.agents import (
    GET_BULK,
    FakeAgent,
    Oid,
    Reply,
    Request,
    column,
    number,
    oid,
    small_printer,
)

MIB = ber.encode_oid("1.3.6.1.2.1.43")
SYSTEM = ber.encode_oid("1.3.6.1.2.1.1")


def walked(fake: FakeAgent, most: int = 1000, root: bytes = MIB) -> list[Varbind]:
    async def main() -> list[Varbind]:
        driver = WireDriver()
        await driver.start()
        async with fake:
            walk = SubtreeWalk(driver, fake.agent(timeout=0.3), most)
            await walk.greet(SYSTEM)
            found = await walk.below(root)
        await driver.close()
        return found

    return asyncio.run(main())


def below(objects: dict[Oid, tuple[int, bytes]]) -> set[Oid]:
    return {name for name in objects if name[:7] == (1, 3, 6, 1, 2, 1, 43)}


@pytest.mark.parametrize("versions", [(0, 1), (1,), (0,)])
def test_everything_below_an_object_is_walked_and_nothing_else(versions: tuple[int, ...]) -> None:
    found = walked(FakeAgent(small_printer(), versions=versions))
    assert {ber.decode_arcs(varbind.oid) for varbind in found} == below(small_printer())


def test_a_walk_has_an_end_even_where_the_agent_has_none() -> None:
    rows = {f"1.{n}": number(n) for n in range(1, 900)}
    assert len(walked(FakeAgent(small_printer() | column("prtMarkerSuppliesLevel", rows)), 100)) == 100


def test_an_agent_that_goes_in_circles_is_left() -> None:
    class Circling(FakeAgent):
        def following(self, name: Oid) -> tuple[Oid, tuple[int, bytes] | None]:
            return oid("1.3.6.1.2.1.43.11.1.1.9.1.1"), number(1)

    assert len(walked(Circling(small_printer()))) == 1


def test_an_agent_without_getbulk_is_walked_step_by_step() -> None:
    class Old(FakeAgent):
        def reply(self, request: Request) -> Reply | None:
            return None if request.pdu == GET_BULK else super().reply(request)

    assert len(walked(Old(small_printer()))) == len(below(small_printer()))


SECRETS = {
    "sysName": "BRN3C2AF4112233",
    "sysLocation": "Haus Süd, Raum 12",
    "prtGeneralSerialNumber": "E71999A0N000001",
    "prtGeneralServicePerson": "Jane Doe",
    "prtChannelInformation": "Port: LPD1",
}
MAC = bytes.fromhex("3c2af4112233")


def recorded() -> list[Varbind]:
    def string(name: str, value: str | bytes) -> Varbind:
        octets = value if isinstance(value, bytes) else value.encode()
        return Varbind(ber.encode_oid(name), ber.OCTET_STRING, octets)

    texts = [string(f"{OID[name]}.1", value) for name, value in SECRETS.items()]
    return [
        *texts,
        string("1.3.6.1.2.1.1.4.0", "help@library.example.edu"),
        string(f"{IF_PHYS_ADDRESS}.1", MAC),
        string(f"{OID['hrDeviceDescr']}.1", "Brother HL-L5200DW series"),
        string(f"{OID['prtGeneralPrinterName']}.1", "HL-L5200DW"),
        string(f"{OID['sysDescr']}.0", "Brother NC-8700w, Firmware Ver.1.05 (22.03.14), BRN3C2AF4112233"),
        string(f"{OID['prtConsoleDisplayBufferText']}.1.1", "Call +49 89 1234-567, mail jane@x.example"),
        string(
            f"{OID['prtConsoleDisplayBufferText']}.1.2",
            "http://prn.library.example.edu 10.1.2.3 fe80::3e2a:f4ff:1",
        ),
        string(f"{OID['prtMarkerSuppliesDescription']}.1.1", "Black Toner, PN 106R01, S/N: AB12345678"),
        string(
            f"{OID['prtMarkerSuppliesDescription']}.1.2",
            "In Haus Süd, Raum 12: 3C:2A:F4:11:22:33 3c2af4112233",
        ),
        string(f"{OID['prtInputName']}.1.1", b"\x00\x01" + MAC + b"\xff"),
        Varbind(ber.encode_oid("1.3.6.1.4.1.11.1.1"), ber.IP_ADDRESS, bytes((10, 1, 2, 3))),
        Varbind(ber.encode_oid(f"{OID['prtMarkerLifeCount']}.1.1"), ber.COUNTER32, b"\x12\x34"),
    ]


def written(key: bytes = b"key") -> str:
    return "\n".join(lines_of(anonymized(recorded(), Disguise(key))))


def decoded(key: bytes = b"key") -> str:
    return "\n".join(v.value.decode("latin-1") for v in anonymized(recorded(), Disguise(key)))


@pytest.mark.parametrize(
    "secret",
    [
        *SECRETS.values(),
        "3c2af4",
        "11:22:33",
        "Süd".encode().decode("latin-1"),
        "Raum",
        "jane",
        "library",
        "1234",
        "10.1.2.3",
        "fe80",
        "AB12345678",
        "example.edu",
    ],
)
def test_nothing_is_left_of_whose_printer_it_was(secret: str) -> None:
    assert secret.lower() not in decoded().lower()
    assert secret.lower() not in written().lower()
    assert MAC.decode("latin-1") not in decoded()


@pytest.mark.parametrize(
    "kept",
    [
        "Brother HL-L5200DW series",
        "HL-L5200DW",
        "NC-8700w, Firmware Ver.1.05 (22.03.14)",
        "PN 106R01",
        "Black Toner",
    ],
)
def test_what_a_recording_is_for_is_still_there(kept: str) -> None:
    assert kept in decoded()
    assert f"{OID['prtMarkerLifeCount']}.1.1|65|4660" in written()


def test_the_same_word_becomes_the_same_word_everywhere_and_keeps_its_shape() -> None:
    lines = {line.split("|", 1)[0]: line.split("|", 2)[2] for line in written().splitlines()}
    name = lines[f"{OID['sysName']}.1"]
    assert len(name) == len(SECRETS["sysName"])
    assert name[:3].isupper() and name[3].isdigit()
    assert lines[f"{OID['sysDescr']}.0"].endswith(name)
    mac = bytes.fromhex(lines[f"{IF_PHYS_ADDRESS}.1"])
    assert mac.hex(":").upper() in decoded()
    assert mac.hex() in decoded()


def test_another_recording_has_other_words() -> None:
    assert decoded(b"one") != decoded(b"two")
    assert decoded(b"one") == decoded(b"one")


def test_a_short_or_plain_word_is_not_taken_out_of_others() -> None:
    rows = [
        Varbind(ber.encode_oid(f"{OID['sysLocation']}.0"), ber.OCTET_STRING, b"Main"),
        Varbind(ber.encode_oid(f"{OID['sysName']}.0"), ber.OCTET_STRING, b"lp"),
        Varbind(
            ber.encode_oid(f"{OID['prtAlertDescription']}.1.1"),
            ber.OCTET_STRING,
            b"Maintenance due: help, main door",
        ),
    ]
    changed = [varbind.value for varbind in anonymized(rows, Disguise(b"key"))]
    assert changed[2].startswith(b"Maintenance due: help, ")
    assert b"main door" not in changed[2]
    assert b"Main" not in changed[0]


def test_lines_are_plain_ascii_and_whatever_is_no_text_is_hex() -> None:
    rows = [
        Varbind(ber.encode_oid("1.3.6.1.2"), ber.OCTET_STRING, value)
        for value in (b"", b"a|b", b"two\nlines", "ä".encode(), b"\x00")
    ]
    rows += [
        Varbind(ber.encode_oid("1.3.6.1.2"), ber.INTEGER, b"\xfd"),
        Varbind(b"", 2, b""),
        Varbind(b"\x2b", 5, b""),
    ]
    assert list(lines_of(rows)) == [
        "1.3.6.1.2|4|",
        "1.3.6.1.2|4|a|b",
        "1.3.6.1.2|4x|74776f0a6c696e6573",
        "1.3.6.1.2|4x|c3a4",
        "1.3.6.1.2|4x|00",
        "1.3.6.1.2|2|-3",
    ]


def told(text: str) -> str:
    """What becomes of the text on a panel."""
    name = ber.encode_oid(f"{OID['prtConsoleDisplayBufferText']}.1.1")
    [changed] = anonymized([Varbind(name, ber.OCTET_STRING, text.encode())], Disguise(b"key"))
    return changed.value.decode()


@pytest.mark.parametrize(
    "text",
    [
        "Ethernet 10/100/1000",
        "Ethernet 10/100/1000/10000 half duplex",
        "10/100/1000BASE-T, 2500 5000",
        "Baud 9600-115200, 1200/2400 dpi",
        "Firmware 2019/04/05 10",
        "Built 05.04.2019, 2019-04-05, 12/12/2019 and 20190405-1200",
        "System Software 072.040.004.09100, Net Controller 072.044.09100",
        "Xerox AltaLink C8055; System 103.008.020.123, ESS 1.2.3.4",
        "version NH62.GM.N637 kernel 3.0.0.1 All-N-1",
        "JETDIRECT,JD153,EEPROM V.45.11.FF.15",
        "Linux 2.6.31.8, SNMP v5.7.3.1, FW: 4.10.2.33",
        "Firmware 1.02-20190405-123456",
        "Software Rev. 103-4567-89",
        "1.15.300 1234567",
        "Build 1.2.3.400",
    ],
)
def test_speeds_versions_and_dates_are_left_alone(text: str) -> None:
    assert told(text) == text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Call 030/1234567", "1234567"),
        ("Call (555) 123-4567", "123-4567"),
        ("Call 1-800-555-0199 today", "555-0199"),
        ("Hotline 0800 100 200", "100 200"),
        ("Tel. +49.30.1234567", "1234567"),
        ("Call 12 34 56 78", "12 34 56 78"),
        ("Service since 2019-04-05 555-123-4567", "123-4567"),
        ("Address 10.1.2.3", "10.1.2.3"),
        ("Scan to 192.168.1.77 or 192.168.001.010", "192.168"),
        ("http://prn-7.library.example.edu", "library"),
        ("Firmware from prn.library.example.edu", "library"),
    ],
)
def test_numbers_and_names_that_lead_to_somebody_are_not(text: str, secret: str) -> None:
    assert secret not in told(text)

"""Who is there: printers named by one small exchange, and everything else passed over."""

import asyncio
from collections.abc import Mapping

import pytest

from collector.discovery.identity import IdentityAnswer, identify
from collector.drivers.wire import WireDriver
from core.contract import ber
from core.contract.printer_mib import IF_PHYS_ADDRESS
from tests.collector.agents import FakeAgent, Oid, Value, column, number, oid, small_printer, text

HOST_RESOURCES_PROCESSOR = (ber.OBJECT_IDENTIFIER, ber.encode_oid("1.3.6.1.2.1.25.3.1.3"))


def identified(fake: FakeAgent, *, version: str = "auto") -> IdentityAnswer:
    async def main() -> IdentityAnswer:
        driver = WireDriver()
        await driver.start()
        async with fake:
            answer = await identify(driver, fake.agent(timeout=0.3, version=version))
        await driver.close()
        return answer

    return asyncio.run(main())


def interfaces(rows: Mapping[int, bytes]) -> dict[Oid, Value]:
    return {oid(f"{IF_PHYS_ADDRESS}.{row}"): (ber.OCTET_STRING, value) for row, value in rows.items()}


def library_printer() -> dict[Oid, Value]:
    return {
        **small_printer(),
        **column("sysName", {"0": text("lib-1")}),
        **column("sysLocation", {"0": (ber.OCTET_STRING, "Bücherei".encode("latin-1"))}),
        **column("hrDeviceDescr", {"1": text("Laser 9000\x00")}),
        **column("prtGeneralSerialNumber", {"1": text("SN-1\r\n")}),
        **column("prtGeneralCurrentLocalization", {"1": number(1)}),
        **column("prtLocalizationCharacterSet", {"1.1": number(4)}),
        **interfaces(
            {1: b"", 2: bytes(6), 3: bytes.fromhex("01005e000001"), 4: bytes.fromhex("001122aabbcc")}
        ),
    }


@pytest.mark.parametrize("versions", [(0, 1), (0,)])
def test_a_printer_says_who_it_is_in_a_few_requests(versions: tuple[int, ...]) -> None:
    fake = FakeAgent(library_printer(), versions=versions)
    printer = identified(fake).printer
    assert printer is not None
    assert (printer.model, printer.serial_number, printer.mac) == ("Laser 9000", "SN-1", "00:11:22:aa:bb:cc")
    assert (printer.system_name, printer.system_location) == ("lib-1", "Bücherei")
    assert len(fake.requests) <= 4 or versions == (0,)


def test_a_printer_by_its_hr_device_table_alone_is_one() -> None:
    printer = identified(FakeAgent(small_printer())).printer
    assert printer is not None
    assert (printer.model, printer.serial_number, printer.mac) == ("Laser 1", None, None)


def test_a_switch_with_many_interfaces_is_passed_over_without_reading_them() -> None:
    fake = FakeAgent(
        {
            **column("sysDescr", {"0": text("Switch")}),
            **interfaces({n: bytes.fromhex("0011223344") + bytes([n]) for n in range(1, 200)}),
        }
    )
    assert identified(fake) == IdentityAnswer(answered=True)
    assert len(fake.requests) <= 3


def test_a_server_that_lists_its_processors_is_no_printer() -> None:
    objects = {
        **column("sysDescr", {"0": text("Server")}),
        **column("hrDeviceType", {"1": HOST_RESOURCES_PROCESSOR}),
    }
    assert identified(FakeAgent(objects)) == IdentityAnswer(answered=True)


def test_where_nobody_answers_nobody_is() -> None:
    assert identified(FakeAgent(small_printer(), versions=())) == IdentityAnswer(answered=False)


def test_values_of_the_wrong_kind_are_no_trouble() -> None:
    objects = library_printer() | {
        **column("prtLocalizationCharacterSet", {"1.1": (ber.INTEGER, b"")}),
        **column("prtGeneralCurrentLocalization", {"1": (ber.OCTET_STRING, bytes(40))}),
        **column("hrDeviceType", {"1": (ber.INTEGER, b"\x01")}),
        **interfaces({1: b"\xff" * 20}),
    }
    assert identified(FakeAgent(objects)).answered


def print_queues(object_id: str, described: str, more: Mapping[Oid, Value] | None = None) -> dict[Oid, Value]:
    printer = (ber.OBJECT_IDENTIFIER, ber.encode_oid("1.3.6.1.2.1.25.3.1.5"))
    return {
        **column("sysDescr", {"0": text(described)}),
        **column("sysObjectID", {"0": (ber.OBJECT_IDENTIFIER, ber.encode_oid(object_id))}),
        **column("hrDeviceType", {"1": printer, "2": printer, "3": HOST_RESOURCES_PROCESSOR}),
        **column("hrDeviceDescr", {"1": text("Write to PDF"), "2": text("Fax"), "3": text("CPU")}),
        **column("hrPrinterStatus", {"1": number(1), "2": number(1)}),
        **(more or {}),
    }


@pytest.mark.parametrize(
    ("object_id", "described"),
    [
        ("1.3.6.1.4.1.311.1.1.3.1.2", "Hardware: AMD64 Family 25 - Software: Windows Version 10.0"),
        ("1.3.6.1.4.1.8072.3.2.10", "Linux cups01 6.1.0-18-amd64 #1 SMP x86_64"),
    ],
)
def test_a_computer_that_lists_print_queues_is_not_offered(object_id: str, described: str) -> None:
    assert identified(FakeAgent(print_queues(object_id, described))) == IdentityAnswer(
        answered=True, computer=True
    )
    marker = column("prtMarkerLifeCount", {"1.1": number(7, ber.COUNTER32)})
    answer = identified(FakeAgent(print_queues(object_id, described, marker)))
    assert answer.printer is not None
    assert not answer.computer


def test_a_printer_behind_a_print_server_is_named_by_its_device_id() -> None:
    device_id = {oid("1.3.6.1.4.1.11.2.3.9.1.1.7.0"): text("MFG:EPSON;MDL:Stylus R800;CLS:PRINTER;")}
    server = column("hrDeviceDescr", {"1": text("HP JetDirect 300X")})
    printer = identified(FakeAgent({**small_printer(), **server, **device_id})).printer
    assert printer is not None
    assert printer.model == "Epson Stylus R800"

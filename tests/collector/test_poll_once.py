"""Readings here and now: of real agents, of nobody, of what cannot be asked."""

import socket
import sys
from collections.abc import Iterator

import pytest

from collector.poll_once import poll_once
from core.contract.messages import PolledPrinter, Reading
from core.runtime.settings import SnmpSettings
from tests.brokers import free_port
from tests.collector.agents import agents

SETTINGS = SnmpSettings(snmp_timeout=2, snmp_retries=0)


@pytest.fixture(scope="module")
def answering() -> Iterator[tuple[PolledPrinter, ...]]:
    with agents(2) as printers:
        yield printers


def test_each_printer_gives_a_reading_answered_or_not(answering: tuple[PolledPrinter, ...]) -> None:
    nobody = PolledPrinter(printer_id="nobody", host="127.0.0.1", port=free_port(socket.SOCK_DGRAM))
    readings = {reading.printer_id: reading for reading in poll_once([*answering, nobody], SETTINGS, "here")}
    reachable = {name: reading.reachable for name, reading in readings.items()}
    assert reachable == {"p0": True, "p1": True, "nobody": False}
    assert readings["p0"].varbinds
    assert readings["p0"].site == "here"
    assert readings["nobody"].error
    assert len({reading.id for reading in readings.values()}) == 3


def test_a_reading_is_what_it_is_after_its_way_through_a_broker(answering: tuple[PolledPrinter, ...]) -> None:
    (reading,) = poll_once(answering[:1], SETTINGS, "main")
    assert Reading.model_validate_json(reading.model_dump_json()) == reading


def test_an_unknown_profile_and_a_name_without_address_are_readings() -> None:
    unknown, nameless = (
        PolledPrinter(printer_id="p", host="192.0.2.1", profile="vault"),
        PolledPrinter(printer_id="p", host="no-such-printer.invalid"),
    )
    (reading,) = poll_once([unknown], SETTINGS, "main")
    assert "'vault' is not known here (known: default" in str(reading.error)
    (reading,) = poll_once([nameless], SETTINGS, "main")
    assert (reading.reachable, "no-such-printer.invalid" in str(reading.error)) == (False, True)


def test_without_uvloop_it_works_the_same(
    answering: tuple[PolledPrinter, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    (reading,) = poll_once(answering[:1], SETTINGS, "main")
    assert reading.reachable

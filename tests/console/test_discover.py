"""`discover` against simulated printers on many ports of loopback: found, known, moved, taken over."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from core.domain.inventory.csv_file import read_inventory
from core.runtime.settings import DatabaseSettings
from core.storage.database import open_database, reading
from core.storage.inventory import read_printers
from simulator.fleet_run import FleetOptions, SimulatedFleet, make_fleet
from tests.console.cli import call_printers, printers
from tests.console.simulated import answering, free_ports
from tests.paths import ROOT

QUICK = {"SNMP_TIMEOUT": "0.5", "SNMP_RETRIES": "0"}
RECORDINGS = ROOT / "tests" / "recordings"
NAMES = ("brother_own_levels", "ricoh_own_toner_table", "zebra_no_supplies", "oki_v1_only")


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    """Four recorded printers, and a port where nobody is."""
    first = free_ports(len(NAMES) + 1)
    recordings = tuple(RECORDINGS / f"{name}.snmprec" for name in NAMES)
    fleet: SimulatedFleet = make_fleet(FleetOptions(len(NAMES), first, recordings=recordings))
    with answering(fleet, first):
        yield first, first + len(NAMES)


def discover(ports: tuple[int, int], *arguments: str) -> tuple[int, str]:
    said = printers("discover", "127.0.0.1", "--port", f"{ports[0]}-{ports[1]}", *arguments, env=QUICK)
    return said.exit_code, said.output


def inventory() -> dict[str, dict[str, object]]:
    with reading(open_database(DatabaseSettings())) as connection:
        return {printer.serial: asdict(printer) for printer in read_printers(connection)}


def test_printers_are_found_and_named_and_nothing_is_changed(ports: tuple[int, int]) -> None:
    code, said = discover(ports)
    assert code == 0, said
    assert "4 printers found: 4 new" in said
    for words in ("RICOH MP C2800", "E71000A0N000002", "Registry", f"127.0.0.1:{ports[0]}", "--add"):
        assert words in said
    assert inventory() == {}


def test_what_was_found_is_taken_over_once_and_known_afterwards(ports: tuple[int, int]) -> None:
    code, said = discover(ports, "--add", "--site", "north")
    assert code == 0, said
    assert "4 printers added" in said
    first = inventory()
    assert {printer["site"] for printer in first.values()} == {"north"}
    assert first["E71000A0N000002"]["name"] == "BRN00000000C3D4"
    _, said = discover(ports, "--add")
    assert "0 new" in said
    assert "4 known as they are" in said
    assert inventory() == first


def test_a_printer_that_has_moved_gets_its_new_address(ports: tuple[int, int]) -> None:
    printers("add", "192.0.2.77", "--name", "Copy shop", "--serial", "V9000000007")
    _, said = discover(ports)
    assert re.search(r"moved .*copy-shop by its serial number, was 192\.0\.2\.77:161", said)
    assert inventory()["V9000000007"]["host"] == "192.0.2.77", "it is a proposal"
    _, said = discover(ports, "--add")
    assert "3 printers added, 1 printer changed" in said
    moved = inventory()["V9000000007"]
    assert (moved["host"], moved["port"], moved["printer_id"]) == ("127.0.0.1", ports[0] + 1, "copy-shop")


def test_a_spreadsheet_of_what_was_found_can_be_imported(ports: tuple[int, int]) -> None:
    code, said = discover(ports, "--csv", "found.csv")
    assert (code, "printers import found.csv" in said) == (0, True)
    assert len(read_inventory(Path("found.csv").read_bytes()).rows) == 4
    assert printers("import", "found.csv").exit_code == 0
    assert set(inventory()) >= {"E71000A0N000002", "V9000000007"}


def test_a_program_gets_json(ports: tuple[int, int]) -> None:
    code, said = discover(ports, "--json")
    found = json.loads(said)
    assert (code, len(found)) == (0, 4)
    assert {one["status"] for one in found} == {"new"}
    assert {one["serial_number"] for one in found} >= {"V9000000007"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("10.0.0.0/8",), "too many for a sweep"),
        (("10.0.0.0/15",), "more than a /16 has"),
        (("fd00::/64",), "up to /112"),
        (("library",), "`library` is not a network"),
        (("127.0.0.1", "--port", "x"), "`x` is not a UDP port"),
        (("127.0.0.1", "--port", "1-9999"), "name 64 at most"),
        (("127.0.0.1", "--port", "0"), "UDP ports"),
        (("127.0.0.1", "--profile", "secret"), "the SNMP profile 'secret' is not known here"),
        (("127.0.0.1", "--add", "--csv", "x.csv"), "do not go together"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(arguments: tuple[str, ...], says: str) -> None:
    said = printers("discover", *arguments, env=QUICK)
    assert said.exit_code == 2
    assert said.output.startswith("error: ")
    assert says in said.output
    assert "Traceback" not in said.output


def test_where_nobody_is_nothing_is_found(ports: tuple[int, int]) -> None:
    said = call_printers("discover", "127.0.0.1", "--port", str(ports[1]), env=QUICK)
    assert (said.returncode, "0 printers found" in said.stdout) == (0, True)
    assert "Is SNMP switched on in the printers" in said.stdout


def test_a_spreadsheet_of_nothing_is_not_written(ports: tuple[int, int]) -> None:
    said = call_printers("discover", "127.0.0.1", "--port", str(ports[1]), "--csv", "found.csv", env=QUICK)
    assert "found.csv is not written: there is nothing to import." in said.stdout
    assert not Path("found.csv").exists()

"""`add`, `edit` and `remove`."""

from pathlib import Path
from typing import Any

from core.runtime.settings import DatabaseSettings
from core.storage.core_tables import AUDIT, MOVES
from core.storage.database import open_database, reading
from tests.console.cli import printers
from tests.console.tables import stored_printers


def test_a_printer_is_added_with_what_is_given() -> None:
    said = printers(
        "add", "10.0.0.5:1161", "--name", "=Library 1", "--location", "Room 12", "--site", "annex"
    )
    created, added_line, _ = said.output.split("\n")
    assert created.startswith(f"A new database was created: {Path.cwd() / 'data' / 'db.sqlite3'}.")
    assert added_line.startswith("Added library-1: =Library 1 at 10.0.0.5:1161, site annex.")
    added = stored_printers()["library-1"]
    assert (added["port"], added["name"], added["location"], added["version"]) == (
        1161,
        "=Library 1",
        "Room 12",
        1,
    )


def test_a_printer_that_is_there_is_not_added_again() -> None:
    printers("add", "10.0.0.5", "--name", "Library")
    said = printers("add", "10.0.0.5", "--name", "Other")
    assert said.exit_code == 2
    assert "it is there already as library (Library at 10.0.0.5:161)" in said.output
    assert "printers edit library" in said.output
    assert len(stored_printers()) == 1


def test_an_address_that_is_none_is_refused() -> None:
    said = printers("add", "10.0.0.999")
    assert (said.exit_code, stored_printers()) == (2, {})
    assert said.output == "error: host `10.0.0.999` is neither an IP address nor a host name.\n"


def test_printers_are_removed_by_id_host_or_name() -> None:
    for number in range(1, 5):
        printers("add", f"10.0.0.{number}", "--name", f"Library {number}")
    assert printers("remove", "library-1", "10.0.0.2:161", "LIBRARY 3").exit_code == 0
    assert list(stored_printers()) == ["library-4"]


def test_one_that_is_not_there_removes_nothing() -> None:
    printers("add", "10.0.0.1", "--name", "Library 1")
    said = printers("remove", "library-1", "librari-1")
    assert said.exit_code == 2
    assert "there is no printer `librari-1`; nothing was changed. Did you mean library-1?" in said.output
    assert list(stored_printers()) == ["library-1"]


def test_a_name_of_two_printers_removes_neither() -> None:
    for number in (1, 2):
        printers("add", f"10.0.0.{number}", "--name", "Library")
    said = printers("remove", "Library")
    assert "can mean several printers: library, library-2" in said.output
    assert len(stored_printers()) == 2


def audit() -> list[tuple[str, str, str, dict[str, Any]]]:
    with reading(open_database(DatabaseSettings())) as connection:
        rows = connection.execute(AUDIT.select().order_by(AUDIT.c.id))
        return [(row.actor, row.action, row.subject, row.details) for row in rows]


def test_a_printer_is_edited_and_the_rest_stays_as_it_is() -> None:
    printers("add", "10.0.0.5:1161", "--name", "Library 1", "--model", "LaserJet", "--notes", "by the door")
    said = printers("edit", "library-1", "--location", "Room 14", "--profile", "secure", "--notes", "")
    assert said.exit_code == 0, said.output
    assert said.output.startswith("Changed library-1: location: Room 14, profile: default -> secure, notes:")
    row = stored_printers()["library-1"]
    assert (row["host"], row["port"], row["name"], row["model"]) == (
        "10.0.0.5",
        1161,
        "Library 1",
        "LaserJet",
    )
    assert (row["location"], row["profile"], row["notes"], row["version"]) == ("Room 14", "secure", "", 2)
    assert audit()[-1] == (
        "console",
        "printer.changed",
        "library-1",
        {"location": ["", "Room 14"], "profile": ["default", "secure"], "notes": ["by the door", ""]},
    )


def test_a_port_goes_with_the_host_it_is_written_with() -> None:
    printers("add", "10.0.0.5:1161", "--name", "Library 1")
    printers("edit", "library-1", "--host", "10.0.0.6")
    row = stored_printers()["library-1"]
    assert (row["host"], row["port"]) == ("10.0.0.6", 1161)
    printers("edit", "10.0.0.6", "--host", "[2001:db8::7]:161")
    row = stored_printers()["library-1"]
    assert (row["host"], row["port"]) == ("2001:db8::7", 161)
    printers("edit", "LIBRARY 1", "--host", "10.0.0.8:5", "--port", "1162", "--mac", "00-11-22-AA-BB-CC")
    row = stored_printers()["library-1"]
    assert (row["host"], row["port"], row["mac"]) == ("10.0.0.8", 1162, "00:11:22:aa:bb:cc")


def test_a_printer_that_moves_keeps_the_readings_that_are_on_their_way() -> None:
    printers("add", "10.0.0.5", "--name", "Library 1")
    assert printers("edit", "library-1", "--site", "annex", "--disabled").exit_code == 0
    row = stored_printers()["library-1"]
    assert (row["site"], row["enabled"]) == ("annex", False)
    with reading(open_database(DatabaseSettings())) as connection:
        move = connection.execute(MOVES.select()).mappings().one()
    assert (move["printer_id"], move["site"]) == ("library-1", "main")


def test_an_edit_that_changes_nothing_says_so_and_leaves_no_trace() -> None:
    printers("add", "10.0.0.5", "--name", "Library 1")
    said = printers("edit", "library-1", "--name", "Library 1", "--enabled")
    assert (said.exit_code, "is like that already" in said.output) == (0, True)
    assert stored_printers()["library-1"]["version"] == 1
    assert len(audit()) == 1


def test_an_edit_that_cannot_be_is_one_sentence_and_changes_nothing() -> None:
    printers("add", "10.0.0.5", "--name", "Library 1")
    printers("add", "10.0.0.6", "--name", "Library 2")
    before = stored_printers()
    for arguments, word in (
        (("library-1",), "say what to change"),
        (("librari-1", "--name", "x"), "Did you mean library-1"),
        (("x" * 300, "--name", "x"), "there is no printer"),
        (("library-1", "--host", "10.0.0.6"), "10.0.0.6:161 is the address of library-2"),
        (("library-1", "--host", "10.0.0.999"), "neither an IP address nor a host name"),
        (("library-1", "--host", ""), "No host"),
        (("library-1", "--port", "70000"), "not a number between 1 and 65535"),
        (("library-1", "--site", ""), "--site cannot be empty"),
        (("library-1", "--mac", "nonsense"), "is no MAC address"),
        (("library-1", "--name", "x" * 300), "longer than 200 characters"),
    ):
        said = printers("edit", *arguments)
        assert said.exit_code == 2, said.output
        assert word in said.output
    assert stored_printers() == before

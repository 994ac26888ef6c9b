"""`add` and `remove`."""

from pathlib import Path

from tests.console.cli import printers
from tests.console.test_import import stored


def test_a_printer_is_added_with_what_is_given() -> None:
    said = printers(
        "add", "10.0.0.5:1161", "--name", "=Library 1", "--location", "Room 12", "--site", "annex"
    )
    created, added_line, _ = said.output.split("\n")
    assert created.startswith(f"A new database was created: {Path.cwd() / 'data' / 'db.sqlite3'}.")
    assert added_line.startswith("Added library-1: =Library 1 at 10.0.0.5:1161, site annex.")
    added = stored()["library-1"]
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
    assert len(stored()) == 1


def test_an_address_that_is_none_is_refused() -> None:
    said = printers("add", "10.0.0.999")
    assert (said.exit_code, stored()) == (2, {})
    assert said.output == "error: host `10.0.0.999` is neither an IP address nor a host name.\n"


def test_printers_are_removed_by_id_host_or_name() -> None:
    for number in range(1, 5):
        printers("add", f"10.0.0.{number}", "--name", f"Library {number}")
    assert printers("remove", "library-1", "10.0.0.2:161", "LIBRARY 3").exit_code == 0
    assert list(stored()) == ["library-4"]


def test_one_that_is_not_there_removes_nothing() -> None:
    printers("add", "10.0.0.1", "--name", "Library 1")
    said = printers("remove", "library-1", "librari-1")
    assert said.exit_code == 2
    assert "there is no printer `librari-1`; nothing was changed. Did you mean library-1?" in said.output
    assert list(stored()) == ["library-1"]


def test_a_name_of_two_printers_removes_neither() -> None:
    for number in (1, 2):
        printers("add", f"10.0.0.{number}", "--name", "Library")
    said = printers("remove", "Library")
    assert "can mean several printers: library, library-2" in said.output
    assert len(stored()) == 2

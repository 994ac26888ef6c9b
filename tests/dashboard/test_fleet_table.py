"""The rows of the fleet's list: what stands in a row is of one reading."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

from dashboard.features.fleet.listed import ListedDetails
from dashboard.features.fleet.table import fleet_table
from tests.dashboard.listed import listed

NOW = datetime.now(UTC)
JAM = ListedDetails(state="stopped", severity="critical", flags=1, message="Paper is jammed.")


def words(html: str) -> str:
    """What can be read of it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_state_is_of_the_same_reading_as_the_flags() -> None:
    older = listed("a", state="stopped", health="critical")
    assert "Stopped" not in words(fleet_table([older], {"a": ListedDetails(state="idle")}))
    assert "Ready" in words(fleet_table([older], {"a": ListedDetails(state="idle")}))
    assert "Stopped Paper is jammed." in words(fleet_table([listed("a")], {"a": JAM}))


def test_old_news_stay_old_whatever_they_say() -> None:
    stale = listed("a", state="stale", health="stale")
    assert "No data Paper is jammed. As last seen" in words(fleet_table([stale], {"a": JAM}))


def test_what_is_not_known_of_a_printer_is_said_in_its_row() -> None:
    gap = "The printer's SNMP view shows no supplies: nothing is known of that."
    calm = ListedDetails(state="idle", gap=gap)
    assert gap in words(fleet_table([listed("a")], {"a": calm}))
    jammed = ListedDetails(state="stopped", severity="critical", flags=1, message="Paper is jammed.", gap=gap)
    said = words(fleet_table([listed("a")], {"a": jammed}))
    assert "Paper is jammed." in said and gap in said


def test_what_a_printer_does_and_how_it_is_are_told_apart() -> None:
    jammed = ListedDetails(state="printing", severity="critical", flags=1, message="A tray is empty.")
    assert "Critical Printing A tray is empty." in words(fleet_table([listed("a")], {"a": jammed}))


def test_a_place_that_the_name_tells_is_not_written_again() -> None:
    named = listed("a", name="Library 12", location="Library, floor 2, room 1")
    assert "Library 12 OK floor 2, room 1 Ready" in words(fleet_table([named], {}))
    whole = listed("b", name="Chemistry, lab 3 (color)", location="Chemistry, Lab 3")
    assert "Chemistry, lab 3 (color) OK Ready" in words(fleet_table([whole], {}))
    other = listed("c", name="Librarian", location="Library")
    assert "Librarian OK Library Ready" in words(fleet_table([other], {}))


def test_the_last_reading_is_told_only_where_it_is_not_current() -> None:
    earlier = NOW - timedelta(hours=2)
    read = ListedDetails(state="idle", taken_at=NOW, answered_at=NOW)
    assert "<time" not in fleet_table([listed("a")], {"a": read})
    silent = ListedDetails(state="idle", taken_at=NOW, answered_at=earlier, reachable=False)
    assert "answered </span><time" in fleet_table([listed("a")], {"a": silent})
    never = ListedDetails(state="unknown", taken_at=NOW, reachable=False)
    assert "never answered" in words(fleet_table([listed("a")], {"a": never}))
    old = ListedDetails(taken_at=earlier, answered_at=earlier)
    assert "<time" in fleet_table([listed("a", state="stale", health="stale")], {"a": old})

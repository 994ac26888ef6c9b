"""The rows of the fleet's list: what stands in a row is of one reading."""

import re
from datetime import UTC, datetime
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
    assert "No news Paper is jammed. As last seen" in words(fleet_table([stale], {"a": JAM}))


def test_what_is_not_known_of_a_printer_is_said_in_its_row() -> None:
    gap = "The printer's SNMP view shows no supplies: nothing is known of that."
    calm = ListedDetails(state="idle", gap=gap)
    assert gap in words(fleet_table([listed("a")], {"a": calm}))
    jammed = ListedDetails(state="stopped", severity="critical", flags=1, message="Paper is jammed.", gap=gap)
    said = words(fleet_table([listed("a")], {"a": jammed}))
    assert "Paper is jammed." in said and gap in said

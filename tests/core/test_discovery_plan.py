"""What a sweep means for the inventory: new, known, moved, and nobody twice."""

from typing import Any

import pytest

from core.contract.discovery_messages import FoundPrinter
from core.domain.inventory.discovery_plan import Proposal, propose
from core.domain.inventory.printers import InventoryPrinter, stored
from tests.builders import known_printer

MAC, OTHER_MAC = "00:11:22:aa:bb:01", "00:11:22:aa:bb:02"


def known(printer_id: str, host: str = "10.0.0.5", **values: Any) -> InventoryPrinter:
    return known_printer(printer_id, host=host, **values)


def found(host: str = "10.0.0.5", serial: str | None = None, **values: Any) -> FoundPrinter:
    return FoundPrinter(host=host, serial_number=serial, **values)


def proposal_of(sightings: list[FoundPrinter], *existing: InventoryPrinter) -> Proposal:
    return propose(sightings, existing, site="north", profile="secure")


def changes(proposal: Proposal) -> dict[str, dict[str, Any]]:
    """What is written, by printer: the fields that change."""
    return {
        change.printer_id: {name: change.after[name] for name in change.fields}
        for change in (*proposal.plan.added, *proposal.plan.changed)
    }


def statuses(proposal: Proposal) -> list[tuple[str, str, str]]:
    return [(one.status, one.printer_id, one.known_by) for one in proposal.sightings]


def test_a_new_printer_is_added_as_it_calls_itself() -> None:
    one = found(serial="SN-0001", model="Laser 1", mac=MAC, system_name="lib-1", system_location="Room 12")
    proposal = proposal_of([one])
    assert statuses(proposal) == [("new", "", "")]
    [change] = proposal.plan.added
    after = dict(change.after)
    assert (after["printer_id"], after["name"], after["location"]) == ("lib-1", "lib-1", "Room 12")
    assert (after["site"], after["profile"], after["serial"], after["mac"]) == (
        "north",
        "secure",
        "SN-0001",
        MAC,
    )


def test_a_printer_known_by_its_serial_number_has_moved() -> None:
    proposal = proposal_of([found("10.0.0.9", "SN-0001")], known("lib-1", serial="SN-0001"))
    assert statuses(proposal) == [("moved", "lib-1", "serial")]
    assert changes(proposal) == {"lib-1": {"host": "10.0.0.9"}}


def test_the_serial_number_it_told_itself_counts_as_well() -> None:
    proposal = proposal_of([found("10.0.0.9", "SN-0001")], known("lib-1", told_serial="sn-0001"))
    assert statuses(proposal) == [("moved", "lib-1", "serial")]
    assert changes(proposal) == {"lib-1": {"host": "10.0.0.9", "serial": "SN-0001"}}


def test_without_a_serial_number_the_mac_address_tells() -> None:
    proposal = proposal_of([found("10.0.0.9", mac=MAC)], known("lib-1", mac=MAC))
    assert statuses(proposal) == [("moved", "lib-1", "mac")]


def test_who_is_where_it_was_is_known_and_what_is_missing_is_filled_in() -> None:
    proposal = proposal_of([found(serial="SN-0001", mac=MAC, model="Laser")], known("lib-1", model="Mine"))
    assert statuses(proposal) == [("known", "lib-1", "host")]
    assert changes(proposal) == {"lib-1": {"serial": "SN-0001", "mac": MAC}}
    assert proposal.plan.changed[0].after["location"] == "Library"


def test_a_printer_that_is_all_as_it_was_changes_nothing() -> None:
    proposal = proposal_of([found(serial="SN-0001")], known("lib-1", serial="SN-0001"))
    assert (statuses(proposal), changes(proposal)) == ([("known", "lib-1", "serial")], {})


def test_two_that_have_swapped_their_addresses_are_told_apart() -> None:
    proposal = proposal_of(
        [found("10.0.0.5", "SN-0002"), found("10.0.0.6", "SN-0001")],
        known("one", "10.0.0.5", serial="SN-0001"),
        known("two", "10.0.0.6", serial="SN-0002"),
    )
    assert changes(proposal) == {"one": {"host": "10.0.0.6"}, "two": {"host": "10.0.0.5"}}
    assert proposal.plan.refused == []


def test_another_printer_at_a_known_address_is_a_conflict_and_not_a_double() -> None:
    proposal = proposal_of([found(serial="SN-0002")], known("lib-1", serial="SN-0001"))
    assert [(one.status, one.printer_id) for one in proposal.sightings] == [("conflict", "lib-1")]
    assert "another serial number" in proposal.sightings[0].note
    assert changes(proposal) == {}


def test_where_the_old_one_has_moved_the_new_one_takes_its_address() -> None:
    proposal = proposal_of(
        [found("10.0.0.5", "SN-0002", system_name="new"), found("10.0.0.9", "SN-0001")],
        known("lib-1", serial="SN-0001"),
    )
    assert changes(proposal)["lib-1"] == {"host": "10.0.0.9"}
    assert changes(proposal)["new"]["host"] == "10.0.0.5"
    assert [one.status for one in proposal.sightings] == ["new", "moved"]


def test_one_printer_at_two_addresses_is_one() -> None:
    proposal = proposal_of([found("10.0.0.9", "SN-0001"), found("10.0.0.7", "SN-0001")])
    assert [one.status for one in proposal.sightings] == ["new", "same"]
    assert proposal.sightings[1].note == "the same printer as 10.0.0.7:161"
    assert [change.after["host"] for change in proposal.plan.added] == ["10.0.0.7"]


@pytest.mark.parametrize("serial", ["0000000", "XXXX", "12", "", None])
def test_a_serial_number_that_says_nothing_makes_no_two_printers_one(serial: str | None) -> None:
    proposal = proposal_of([found("10.0.0.7", serial), found("10.0.0.8", serial)])
    assert [one.status for one in proposal.sightings] == ["new", "new"]
    assert len(proposal.plan.added) == 2


def test_a_serial_number_that_two_of_ours_have_names_neither() -> None:
    proposal = proposal_of(
        [found("10.0.0.9", "SN-0001")],
        known("one", "10.0.0.5", serial="SN-0001"),
        known("two", "10.0.0.6", serial="SN-0001"),
    )
    assert statuses(proposal) == [("new", "", "")]


def test_a_printer_asked_by_its_name_keeps_it() -> None:
    proposal = proposal_of([found("10.0.0.9", "SN-0001")], known("lib-1", "prn.example", serial="SN-0001"))
    assert statuses(proposal) == [("known", "lib-1", "serial")]
    assert "asked by its name prn.example" in proposal.sightings[0].note
    assert changes(proposal) == {}


def test_a_retired_printer_is_known_and_stays_retired() -> None:
    one = known("lib-1", serial="SN-0001", enabled=False)
    proposal = proposal_of([found("10.0.0.9", "SN-0001")], one)
    assert proposal.plan.added == []
    assert proposal.plan.changed[0].after["enabled"] is False


def test_texts_of_printers_are_cut_and_cleaned() -> None:
    proposal = proposal_of([found(system_name="a" * 255, system_location="x\ny" * 80)])
    after = proposal.plan.added[0].after
    assert len(str(after["name"])) == 200
    assert "\n" not in str(after["location"])


def test_sweeping_again_changes_nothing_more() -> None:
    sweep = [found("10.0.0.7", "SN-0001", mac=MAC), found("10.0.0.8", mac=OTHER_MAC), found("10.0.0.9")]
    first = proposal_of(sweep)
    there = [known_printer(**stored(change.after)) for change in first.plan.added]  # type: ignore[arg-type]
    again = proposal_of(sweep, *there)
    assert (len(there), changes(again)) == (3, {})
    assert [one.status for one in again.sightings] == ["known"] * 3

"""What an import would change: matched by id, address or serial number, never doubled."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.inventory.csv_file import InventoryRow
from core.domain.inventory.import_plan import plan_import
from tests.builders import known_printer


def row(line: int = 2, **values: Any) -> InventoryRow:
    return InventoryRow(line, {"host": "10.0.0.5", **values})


def only(changes: list[Any]) -> Mapping[str, Any]:
    assert len(changes) == 1
    after: Mapping[str, Any] = changes[0].after
    return after


def test_a_new_printer_gets_defaults_and_an_id_from_its_name() -> None:
    after = only(plan_import([row(name="Bücherei, 1. Stock")], []).added)
    assert after["printer_id"] == "bucherei-1.-stock"
    assert (after["port"], after["site"], after["profile"], after["enabled"]) == (
        161,
        "main",
        "default",
        True,
    )


@pytest.mark.parametrize(
    ("values", "printer_id"),
    [
        ({}, "10.0.0.5"),
        ({"host": "fe80::1"}, "fe80-1"),
        ({"name": "打印机", "host": "prn-7"}, "prn-7"),
        ({"name": "x" * 200}, "x" * 64),
        ({"printer_id": "given", "name": "Other"}, "given"),
    ],
)
def test_an_id_is_made_where_none_is_given(values: dict[str, Any], printer_id: str) -> None:
    assert only(plan_import([row(**values)], []).added)["printer_id"] == printer_id


def test_made_ids_never_meet_a_given_or_an_existing_one() -> None:
    rows = [
        row(2, name="Library", host="h1"),
        row(3, name="Library", host="h2"),
        row(4, printer_id="library-2", host="h3"),
    ]
    plan = plan_import(rows, [known_printer("library", host="h0")])
    assert [change.printer_id for change in plan.added] == ["library-3", "library-4", "library-2"]


def test_an_id_matches_before_an_address_and_an_address_before_a_serial_number() -> None:
    there = [
        known_printer("a", host="h1", serial="SN-AAAA"),
        known_printer("b", host="h2", serial="SN-BBBB"),
    ]
    assert only(plan_import([row(printer_id="a", host="h9")], there).changed)["host"] == "h9"
    assert only(plan_import([row(host="h2", name="B")], there).changed)["printer_id"] == "b"
    moved = only(plan_import([row(host="h7", serial="sn-bbbb")], there).changed)
    assert (moved["printer_id"], moved["host"]) == ("b", "h7")


@pytest.mark.parametrize("serial", ["0000000", "123", ""])
def test_a_serial_number_that_says_nothing_matches_nothing(serial: str) -> None:
    plan = plan_import([row(host="h7", serial=serial)], [known_printer("a", host="h1", serial=serial)])
    assert len(plan.added) == 1


def test_a_serial_number_of_two_printers_matches_none() -> None:
    there = [known_printer("a", host="h1", serial="SN-1234"), known_printer("b", host="h2", serial="SN-1234")]
    assert len(plan_import([row(host="h7", serial="SN-1234")], there).added) == 1


def test_a_column_that_is_absent_changes_nothing() -> None:
    there = [known_printer("a", notes="keep", port=1161)]
    after = only(plan_import([row(printer_id="a", name="New")], there).changed)
    assert (after["notes"], after["port"], after["location"], after["name"]) == (
        "keep",
        1161,
        "Library",
        "New",
    )


def test_an_existing_id_stays_and_is_said() -> None:
    plan = plan_import([row(printer_id="other", name="a", location="Library")], [known_printer("a")])
    assert (len(plan.unchanged), plan.notes) == (1, ["line 2: other is there as a, which stays"])


def test_two_rows_for_one_printer_are_one() -> None:
    plan = plan_import([row(2, printer_id="a", host="h5"), row(3, host="10.0.0.5")], [known_printer("a")])
    assert [refused.reason for refused in plan.refused] == ["the same printer as line 2: a"]


def test_an_address_that_another_printer_keeps_is_refused() -> None:
    there = [known_printer("a", host="h1"), known_printer("b", host="h2")]
    plan = plan_import([row(printer_id="a", host="h2")], there)
    assert [refused.reason for refused in plan.refused] == ["h2:161 is the address of b"]
    assert not plan.changed


def test_two_printers_can_change_places() -> None:
    there = [known_printer("a", host="h1"), known_printer("b", host="h2")]
    plan = plan_import([row(2, printer_id="a", host="h2"), row(3, printer_id="b", host="h1")], there)
    assert {change.printer_id: change.after["host"] for change in plan.changed} == {"a": "h2", "b": "h1"}


ROWS = st.lists(
    st.builds(
        lambda line, host, values: InventoryRow(line, {"host": host, **values}),
        st.integers(2, 99),
        st.sampled_from(["h1", "h2", "h3", "h4"]),
        st.fixed_dictionaries(
            {},
            optional={
                "printer_id": st.sampled_from(["a", "b", "c", "d"]),
                "port": st.sampled_from([161, 1161]),
                "serial": st.sampled_from(["", "SN-1111", "SN-2222"]),
                "name": st.sampled_from(["a", "b", "x"]),
            },
        ),
    ),
    max_size=6,
)


@given(ROWS)
def test_no_import_doubles_an_id_or_an_address(rows: list[InventoryRow]) -> None:
    there = [known_printer("a", host="h1", serial="SN-1111"), known_printer("b", host="h2")]
    plan = plan_import(rows, there)
    after = {each.printer_id: each.values for each in there}
    changes = [*plan.added, *plan.changed, *plan.unchanged]
    after |= {change.printer_id: dict(change.after) for change in changes}
    addresses = [(each["host"], each["port"]) for each in after.values()]
    assert len(set(addresses)) == len(addresses)
    assert len(changes) + len(plan.refused) == len(rows)
    assert all(change.before is None for change in plan.added)

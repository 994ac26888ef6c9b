"""The inventory: added, edited, switched off, removed and imported by admins, each change in the audit."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from core.contract.errors import Conflict
from core.domain.inventory.printers import InventoryPrinter
from core.storage.core_tables import AUDIT, PRINTERS
from core.storage.database import reading, writing
from core.storage.inventory import RefusedPrinter, read_printers
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.inventory import actions as inventory_actions
from dashboard.features.inventory.import_file import differences
from dashboard.features.inventory.queries import InventoryFilter, count_inventory, matching_printers
from dashboard.undoing import undo
from dashboard.viewer import Forbidden, Viewer
from tests.dashboard.drawing import tables_of
from tests.dashboard.harness import ADMIN, ANONYMOUS, MANAGER, TECHNICIAN, drawn, open_college

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def college(tmp_path: Path) -> AppContext:
    """The five printers, at addresses of their own."""
    made = open_college(tmp_path)
    with writing(made.engine) as connection:
        for number, row in enumerate(read_printers(connection)):
            values = {"host": f"10.0.0.{number + 1}"}
            connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == row.printer_id).values(values))
    return made


def printer(college: AppContext, printer_id: str) -> InventoryPrinter:
    with reading(college.engine) as connection:
        return {row.printer_id: row for row in read_printers(connection)}[printer_id]


def ids(college: AppContext) -> list[str]:
    with reading(college.engine) as connection:
        return [row.printer_id for row in read_printers(connection)]


def audit(college: AppContext) -> list[tuple[str, str, str]]:
    with reading(college.engine) as connection:
        rows = connection.execute(select(AUDIT).where(AUDIT.c.action.startswith("printer."))).mappings()
        return [(row["actor"], row["action"], row["subject"]) for row in rows]


def texts(page: AppTest) -> str:
    parts = [page.caption, page.success, page.warning, page.error, page.info, page.subheader, page.markdown]
    return "\n".join(str(element.value) for part in parts for element in part)


def test_all_printers_are_listed_also_those_that_are_off(college: AppContext) -> None:
    page = drawn("inventory", ADMIN, college)
    assert not page.exception
    frame = tables_of(page)[0]
    assert list(frame["Polled"]).count("no") == 1
    assert f"{len(frame)} printers" in texts(page)


def test_words_find_a_printer(college: AppContext) -> None:
    wanted = InventoryFilter(NOW.date(), "room annex")
    with reading(college.engine) as connection:
        assert count_inventory(connection, wanted) == 1
        (found,) = matching_printers(connection, wanted, limit=50)
    assert found.printer_id == "low"


def test_what_ends_is_found_by_its_days_and_a_printer_by_its_asset_tag(college: AppContext) -> None:
    today = NOW.date()
    ends: dict[str, dict[str, Any]] = {
        "low": {"warranty_until": today, "asset_tag": "A-0042"},
        "old": {"contract_until": today + timedelta(days=61), "contract": "Ricoh lease 4711"},
        "jammed": {"warranty_until": today - timedelta(days=1)},
    }
    with writing(college.engine) as connection:
        for printer_id, values in ends.items():
            connection.execute(update(PRINTERS).where(PRINTERS.c.printer_id == printer_id).values(values))

    def found(text: str = "", ends: str = "") -> set[str]:
        with reading(college.engine) as connection:
            rows = matching_printers(connection, InventoryFilter(today, text, ends), limit=50)
        return {row.printer_id for row in rows}

    assert (found(ends="60d"), found(ends="90d")) == ({"low"}, {"low", "old"})
    assert found(ends="ended") == {"jammed"}
    assert (found("a-0042"), found("ricoh 4711"), found("4711", "60d")) == ({"low"}, {"old"}, set())
    page = drawn("inventory", ADMIN, college, ends="90d")
    assert not page.exception
    assert page.selectbox("choice-ends").value == "90d"


def test_days_of_an_asset_are_edited_as_texts_and_undone(college: AppContext) -> None:
    seen, by = printer(college, "low"), Actor(college.engine, ADMIN, NOW)
    values = {"warranty_until": "2027-03-01", "contract": "Ricoh lease 4711", "asset_tag": "A-0042"}
    done = inventory_actions.edit(by, seen, values)
    after = printer(college, "low").asset
    assert (after.warranty_until, after.contract, after.asset_tag) == (
        date(2027, 3, 1),
        *list(values.values())[1:],
    )
    with pytest.raises(RefusedPrinter, match="can be two days: write it as 2027-12-31"):
        inventory_actions.edit(by, printer(college, "low"), {"contract_until": "3/4/2027"})
    undo(by, done)
    assert printer(college, "low").asset == seen.asset


def test_a_printer_is_added_from_the_form_and_asked_for_again(college: AppContext) -> None:
    page = drawn("inventory", ADMIN, college, view="add")
    page.text_input("new-host").set_value("10.9.8.7:1161")
    page.text_input("new-name").set_value("Library 9")
    page.button("new-save").click().run()
    assert "is added" in texts(page)
    assert printer(college, "library-9").port == 1161
    assert page.text_input("new-host").value == ""
    assert audit(college) == [("ada", "printer.added", "library-9")]


def test_what_cannot_be_used_is_told_and_what_was_typed_stays(college: AppContext) -> None:
    page = drawn("inventory", ADMIN, college, view="add")
    page.text_input("new-host").set_value("10.0.0.999")
    page.button("new-save").click().run()
    assert "neither an IP address nor a host name" in texts(page)
    assert page.text_input("new-host").value == "10.0.0.999"
    assert audit(college) == []


def test_an_edit_can_empty_a_field_and_be_undone(college: AppContext) -> None:
    seen = printer(college, "low")
    done = inventory_actions.edit(
        Actor(college.engine, ADMIN, NOW), seen, {"location": "", "host": "10.1.1.1"}
    )
    assert (printer(college, "low").location, printer(college, "low").host) == ("", "10.1.1.1")
    undo(Actor(college.engine, ADMIN, NOW), done)
    after = printer(college, "low")
    assert (after.location, after.host, after.version) == ("Room 12", seen.host, 3)


def test_two_people_who_edit_one_printer_are_told(college: AppContext) -> None:
    seen = printer(college, "low")
    inventory_actions.edit(Actor(college.engine, ADMIN, NOW), seen, {"name": "First"})
    with pytest.raises(Conflict):
        inventory_actions.edit(Actor(college.engine, ADMIN, NOW), seen, {"notes": "Second"})
    assert printer(college, "low").name == "First"


def test_who_edits_a_printer_that_was_removed_meanwhile_is_told(college: AppContext) -> None:
    seen = printer(college, "low")
    inventory_actions.remove(Actor(college.engine, ADMIN, NOW), [seen])
    with pytest.raises(Conflict):
        inventory_actions.edit(Actor(college.engine, ADMIN, NOW), seen, {"notes": "Second"})
    assert "low" not in ids(college)


def test_the_address_of_another_printer_is_refused(college: AppContext) -> None:
    other = printer(college, "fine")
    inventory_actions.edit(Actor(college.engine, ADMIN, NOW), printer(college, "low"), {"host": "10.1.1.1"})
    with pytest.raises(RefusedPrinter, match="is the address of low"):
        inventory_actions.edit(Actor(college.engine, ADMIN, NOW), other, {"host": "10.1.1.1", "port": 161})


def test_printers_are_switched_off_together_and_removed_and_brought_back(college: AppContext) -> None:
    rows = [printer(college, "fine"), printer(college, "low")]
    off = inventory_actions.enable(Actor(college.engine, ADMIN, NOW), rows, enabled=False)
    assert not printer(college, "fine").enabled and not printer(college, "low").enabled
    undo(Actor(college.engine, ADMIN, NOW), off)
    assert printer(college, "fine").enabled
    gone = inventory_actions.remove(Actor(college.engine, ADMIN, NOW), [printer(college, "low")])
    assert "low" not in ids(college)
    undo(Actor(college.engine, ADMIN, NOW), gone)
    assert printer(college, "low").location == "Room 12"
    assert ("ada", "printer.removed", "low") in audit(college)


def test_an_import_is_shown_before_it_is_done(college: AppContext) -> None:
    data = b'host;name;location\n10.7.7.7;=HYPERLINK("x");Hall\n;nobody;Hall\n10.7.7.8;Two;<b>Hall</b>\n'
    found, plan = inventory_actions.preview(college.engine, ADMIN, data)
    assert [row.line for row in plan.refused] == [3]
    assert len(plan.added) == 2 and not found.notes
    assert "10.7.7.7" not in str(ids(college))
    inventory_actions.import_file(Actor(college.engine, ADMIN, NOW), data)
    names = {row.host: row.name for row in inventory_rows(college)}
    assert names["10.7.7.7"] == '=HYPERLINK("x")'
    assert b"'=HYPERLINK" in inventory_actions.export(college.engine, ADMIN)


def test_a_preview_says_what_an_empty_cell_takes_away(college: AppContext) -> None:
    seen = printer(college, "low")
    data = f"host;port;location\n{seen.host};{seen.port};\n".encode()
    _, plan = inventory_actions.preview(college.engine, ADMIN, data)
    (change,) = plan.changed
    assert differences(change) == "location: Room 12 → nothing"


def inventory_rows(college: AppContext) -> list[InventoryPrinter]:
    with reading(college.engine) as connection:
        return read_printers(connection)


@pytest.mark.parametrize(
    "viewer", [ANONYMOUS, TECHNICIAN, MANAGER], ids=lambda viewer: viewer.role.name.upper()
)
def test_nobody_but_an_admin_changes_the_inventory(college: AppContext, viewer: Viewer) -> None:
    seen = printer(college, "low")
    acts = (
        lambda: inventory_actions.add(Actor(college.engine, viewer, NOW), {"host": "10.5.5.5"}),
        lambda: inventory_actions.edit(Actor(college.engine, viewer, NOW), seen, {"name": "x"}),
        lambda: inventory_actions.enable(Actor(college.engine, viewer, NOW), [seen], enabled=False),
        lambda: inventory_actions.remove(Actor(college.engine, viewer, NOW), [seen]),
        lambda: inventory_actions.preview(college.engine, viewer, b"host\n10.5.5.5\n"),
        lambda: inventory_actions.import_file(Actor(college.engine, viewer, NOW), b"host\n10.5.5.5\n"),
        lambda: inventory_actions.export(college.engine, viewer),
    )
    for act in acts:
        with pytest.raises(Forbidden):
            act()
    assert printer(college, "low") == seen


def test_an_empty_inventory_says_how_to_begin(tmp_path: Path) -> None:
    page = drawn("inventory", ADMIN, open_college(tmp_path, empty=True))
    assert not page.exception
    assert page.get("html") or page.markdown

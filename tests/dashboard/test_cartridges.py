"""The cartridge ledger on pages and as figures, and the calendar's page."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from core.contract.errors import Conflict, UserError
from core.domain.supply_events import SupplyEvent
from core.storage.calendar_periods import read_periods
from core.storage.core_tables import AUDIT, SUPPLY_EVENTS
from core.storage.database import reading, writing
from core.storage.supply_events import event_values, newest_of_printer
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.calendar import actions
from dashboard.features.calendar.actions import TypedPeriod
from dashboard.features.reports.cartridge_actions import say_it_was_none
from dashboard.features.reports.cartridge_frames import LEDGER_COLUMNS, ledger_frame, remark
from dashboard.features.reports.cartridge_queries import ledger
from dashboard.features.reports.cartridges import LedgerFilter, LedgerLine, early, judged, yields
from dashboard.features.reports.tables import frame_to_csv
from dashboard.viewer import Forbidden
from tests.dashboard.drawing import fine, html_of, said
from tests.dashboard.harness import ADMIN, MANAGER, TECHNICIAN, drawn
from tests.dashboard.manager_fleet import HOSTILE_NAME, NOW, ago


def event(number: int = 0, **changes: object) -> SupplyEvent:
    base = SupplyEvent(
        printer_id="lib-1",
        supply_index="1.1",
        at=ago(days=2, minutes=number),
        not_before=ago(days=2, minutes=number + 5),
        model="Model X",
        part="Black Toner TN-1",
        part_number="TN-1",
        old_percent=3,
        new_percent=100,
        pages=5000,
        began_at=ago(days=40),
        began_percent=100,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def line(**changes: object) -> LedgerLine:
    return LedgerLine(event(**changes), "LIB-1", "Library, floor 1", "Library")  # type: ignore[arg-type]


def store(app_context: AppContext, *events: SupplyEvent) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(insert(SUPPLY_EVENTS), [event_values(one) for one in events])


def test_yields_are_those_of_cartridges_that_began_full_and_were_used_up() -> None:
    counted = [line(pages=pages) for pages in (4000, 5000, 6000, 7000)]
    others = [line(pages=9, old_percent=40), line(pages=9, began_percent=50), line(pages=None)]
    undone = line(pages=9, undone_at=NOW)
    (found,) = yields([*counted, *others, undone])
    assert (found.count, found.low, found.median, found.high) == (4, 4750, 5500, 6250)


def test_one_that_printed_far_less_than_others_with_as_much_has_failed_early() -> None:
    usual = [line(pages=5000) for _ in range(5)]
    found = judged([*usual, line(pages=2000), line(pages=2600), line(pages=2000, old_percent=55)], {})
    assert [one.failed for one in found[5:]] == [True, False, False]
    assert not any(one.failed for one in judged([*usual[:4], line(pages=10)], {}))


def test_early_swaps_cost_what_was_left_of_their_price() -> None:
    lines = [line(old_percent=25), line(old_percent=60), line(old_percent=10), line(old_percent=None)]
    found = early(judged(lines, {"Black Toner TN-1": Decimal("84.50")}))
    assert [(one.event.old_percent, one.cost) for one in found] == [
        (60, Decimal("50.70")),
        (25, Decimal("21.12")),
    ]
    assert [one.cost for one in judged(lines, {})] == [None] * 4
    assert judged(lines[:1], {"TN-1": Decimal(40)})[0].cost == Decimal("10.00")


def test_the_list_is_filtered_by_place_model_part_printer_and_time() -> None:
    one = line()
    assert LedgerFilter("Library", "Model X", "Black Toner TN-1", "lib-1", ago(days=3), NOW).takes(one)
    assert not LedgerFilter("Law").takes(one) and not LedgerFilter(model="Y").takes(one)
    assert not LedgerFilter(part="Y").takes(one) and not LedgerFilter(printer_id="law-1").takes(one)
    assert not LedgerFilter(since=ago(days=1)).takes(one) and not LedgerFilter(until=ago(days=3)).takes(one)


def test_the_report_shows_replacements_with_hostile_names_as_text(app_context: AppContext) -> None:
    store(app_context, event(1), event(2, part=HOSTILE_NAME, old_percent=40), event(3, printer_id="gone"))
    test = fine(drawn("reports", MANAGER, app_context, of="cartridges"))
    assert HOSTILE_NAME not in html_of(test)
    shown = ["Place" if column == "Location" else column for column in LEDGER_COLUMNS[:6]]
    assert all(column in html_of(test) for column in shown)
    assert {metric.label: metric.value for metric in test.metric}["Early"] == "1"
    only = fine(drawn("reports", MANAGER, app_context, of="cartridges", place="Library", part=HOSTILE_NAME))
    assert {metric.label: metric.value for metric in only.metric}["Replaced"] == "1"


def test_a_report_without_replacements_says_so(app_context: AppContext) -> None:
    assert "No supply was replaced" in html_of(fine(drawn("reports", MANAGER, app_context, of="cartridges")))


def test_a_manager_says_that_one_was_none_and_nobody_twice(app_context: AppContext) -> None:
    store(app_context, event())
    with reading(app_context.engine) as connection:
        (stored,) = newest_of_printer(connection, "lib-1", 5)
    number = stored.event_id or 0
    with pytest.raises(Forbidden):
        say_it_was_none(Actor(app_context.engine, TECHNICIAN, NOW), number)
    say_it_was_none(Actor(app_context.engine, MANAGER, NOW), number)
    with pytest.raises(Conflict):
        say_it_was_none(Actor(app_context.engine, MANAGER, NOW), number)
    with reading(app_context.engine) as connection:
        (again,) = ledger(connection, NOW, {})
        row = connection.execute(select(SUPPLY_EVENTS)).one()
        actions_noted = connection.execute(select(AUDIT.c.action)).scalars().all()
    assert (row.owed, row.revision, row.undone_by) == (True, 2, MANAGER.name)
    assert remark(again) == f"undone by {MANAGER.name}"
    assert "supply_event.undone" in actions_noted


def test_the_table_has_what_was_wasted_only_where_a_part_has_a_price() -> None:
    priced = judged([line(old_percent=50)], {"TN-1": Decimal(10)})
    assert list(ledger_frame(priced, ZoneInfo("UTC"))["Wasted"]) == [Decimal("5.00")]
    assert b"5.00" in frame_to_csv(ledger_frame(priced, ZoneInfo("UTC")))
    assert "Wasted" not in ledger_frame(judged([line()], {}), ZoneInfo("UTC"))


def test_the_page_of_a_printer_has_the_last_replacement_of_each_supply(app_context: AppContext) -> None:
    store(app_context, event(1), event(500, pages=4321), event(2, supply_index="1.9", part="Fuser"))
    page = html_of(fine(drawn("printer", TECHNICIAN, app_context, id="lib-1")))
    assert "5,000 pages" in page and "4,321" not in page and "Fuser" not in page


def test_the_calendar_is_edited_on_its_page_by_administrators_alone(app_context: AppContext) -> None:
    engine = app_context.engine
    typed = TypedPeriod("holiday", "Easter", date(2026, 4, 3), date(2026, 4, 6))
    with pytest.raises(Forbidden):
        actions.add(Actor(engine, MANAGER, NOW), typed)
    actions.add(Actor(engine, ADMIN, NOW), typed)
    with pytest.raises(UserError, match="in the calendar already"):
        actions.add(Actor(engine, ADMIN, NOW), typed)
    with reading(engine) as connection:
        (seen,) = read_periods(connection)
    actions.edit(Actor(engine, ADMIN, NOW), seen, replace(typed, name="Easter break"))
    with pytest.raises(Conflict):
        actions.edit(Actor(engine, ADMIN, NOW), seen, replace(typed, name="Spring break"))
    test = fine(drawn("calendar", ADMIN, app_context))
    shown = "\n".join(str(each.value).replace("\\", "").replace("\xa0", " ") for each in test.markdown)
    assert "Easter break, 3 Apr 2026 to 6 Apr 2026" in shown
    (button,) = [button for button in test.button if button.label == "Delete"]
    assert "is deleted" in said(fine(button.click().run()))
    with reading(engine) as connection:
        assert read_periods(connection) == []


def test_a_period_that_cannot_be_is_told_on_the_page(app_context: AppContext) -> None:
    test = fine(drawn("calendar", ADMIN, app_context))
    test.text_input(key="new-name").set_value("Easter")
    test.date_input(key="new-first").set_value(date(2026, 4, 6))
    test.date_input(key="new-last").set_value(date(2026, 4, 3))
    (button,) = [button for button in test.button if button.label == "Add"]
    assert "is before the first one" in said(fine(button.click().run()))


def test_periods_of_a_file_are_added_once(app_context: AppContext) -> None:
    data = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Closed\nDTSTART;VALUE=DATE:20260501\nEND:VEVENT\n"
    found = actions.preview(ADMIN, data)
    first = actions.import_file(Actor(app_context.engine, ADMIN, NOW), found.periods)
    again = actions.import_file(Actor(app_context.engine, ADMIN, NOW + timedelta(minutes=1)), found.periods)
    assert first.said.startswith("1 period") and "1 was there already" in again.said

"""The pages of stock as they are drawn: with and without anything, for each role, with hostile text."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.contract.errors import UserError
from core.domain.supply_parts import SupplyPart, supply_part
from core.storage.database import reading, writing
from core.storage.parts import ensure_part
from core.storage.purchases import PlacedOrder, order_part
from core.storage.stock import stock_lines
from core.storage.store_rooms import StoreRoom, add_room, read_rooms
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.stock import actions
from dashboard.features.stock.actions import TypedPart
from dashboard.undoing import Done
from dashboard.viewer import Forbidden, Viewer
from tests.dashboard.drawing import fine, html_of
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN, drawn, open_college
from tests.dashboard.manager_fleet import HOSTILE_NAME, NOW

HOSTILE = TypedPart("", HOSTILE_NAME, models=(HOSTILE_NAME,))
VIEWS = ("shelves", "low", "parts", "rooms")


def room(app_context: AppContext) -> StoreRoom:
    with reading(app_context.engine) as connection:
        found = read_rooms(connection)
    if found:
        return found[0]
    with writing(app_context.engine) as connection:
        add_room(connection, "Central store", [])
    return room(app_context)


def test_without_a_store_room_the_page_says_what_to_do(app_context: AppContext, tmp_path: Path) -> None:
    assert "Add the first one" in html_of(fine(drawn("stock", MANAGER, app_context)))
    assert "A manager adds them" in html_of(fine(drawn("stock", TECHNICIAN, app_context)))
    nothing = open_college(tmp_path / "none", empty=True)
    assert "There is no store room yet" in html_of(fine(drawn("stock", MANAGER, nothing)))


@pytest.mark.parametrize("viewer", [MANAGER, TECHNICIAN], ids=lambda viewer: viewer.name)
def test_every_view_shows_hostile_names_as_text(viewer: Viewer, app_context: AppContext) -> None:
    engine, store = app_context.engine, room(app_context)
    actions.fill_shelf(Actor(engine, MANAGER, NOW), store, HOSTILE, 0)
    with reading(engine) as connection:
        (line,) = stock_lines(connection)
    actions.set_minimum(Actor(engine, MANAGER, NOW), line.shelf, 2)
    actions.save_room(Actor(engine, MANAGER, NOW), store, HOSTILE_NAME, [HOSTILE_NAME])
    for show in VIEWS:
        html = html_of(fine(drawn("stock", viewer, app_context, show=show)))
        assert "<script>" not in html
        assert "&lt;script&gt;" in html
    assert "<script>" not in html_of(fine(drawn("supplies", MANAGER, app_context)))
    attention = html_of(fine(drawn("attention", MANAGER, app_context)))
    assert "Stock is low" in attention
    assert "<script>" not in attention


def test_parts_of_one_name_are_told_apart_by_what_they_fit(app_context: AppContext) -> None:
    engine, store = app_context.engine, room(app_context)
    for model in ("Model A", "Model B"):
        actions.fill_shelf(
            Actor(engine, MANAGER, NOW), store, SupplyPart(model, "Toner", "", "black", "toner"), 1
        )
    html = html_of(fine(drawn("stock", TECHNICIAN, app_context)))
    assert ("fits Model A" in html, "fits Model B" in html) == (True, True)
    found = html_of(fine(drawn("stock", TECHNICIAN, app_context, part="model b")))
    assert ("fits Model A" in found, "fits Model B" in found) == (False, True)


def test_an_overdue_order_stands_on_the_page_of_attention(app_context: AppContext) -> None:
    held = supply_part("Model X", "Black Toner TN-1", "black", "toner")
    with writing(app_context.engine) as connection:
        part = ensure_part(connection, held, now=NOW)
        order = PlacedOrder(3, "PO-1", (NOW - timedelta(days=3)).date())
        order_part(connection, part.id, (), order, actor="maya", now=NOW)
    assert "Orders overdue" in html_of(fine(drawn("attention", MANAGER, app_context)))
    assert "Overdue" in html_of(fine(drawn("supplies", TECHNICIAN, app_context)))


def test_technicians_count_and_take_and_managers_do_the_rest(app_context: AppContext) -> None:
    engine, store = app_context.engine, room(app_context)
    held = supply_part("Model X", "Black Toner TN-1", "black", "toner")
    actions.fill_shelf(Actor(engine, TECHNICIAN, NOW), store, held, 2)
    with reading(engine) as connection:
        (line,) = stock_lines(connection)
    taken = actions.take(Actor(engine, TECHNICIAN, NOW), line.shelf, 1)
    assert taken.said == "Black Toner TN-1: 1 taken, 1 left"
    typed = TypedPart("TN-1", "Toner", "black", "toner", "84.50", ("Model X",))
    refused: tuple[Callable[[], Done], ...] = (
        lambda: actions.set_minimum(Actor(engine, TECHNICIAN, NOW), line.shelf, 2),
        lambda: actions.edit_part(Actor(engine, TECHNICIAN, NOW), line.part, typed),
        lambda: actions.save_room(Actor(engine, TECHNICIAN, NOW), None, "Another", []),
        lambda: actions.fill_shelf(Actor(engine, TECHNICIAN, NOW), store, typed, 1),
        lambda: actions.count(Actor(engine, ANONYMOUS, NOW), line.shelf, 1),
        lambda: actions.take(Actor(engine, ANONYMOUS, NOW), line.shelf, 1),
    )
    for act in refused:
        with pytest.raises(Forbidden):
            act()
    actions.edit_part(Actor(engine, MANAGER, NOW), line.part, typed)
    assert "EUR 84.50" in html_of(fine(drawn("stock", TECHNICIAN, app_context, show="parts")))


def test_what_cannot_be_is_a_sentence_and_changes_nothing(app_context: AppContext) -> None:
    engine, store = app_context.engine, room(app_context)
    held = supply_part("Model X", "Black Toner TN-1", "black", "toner")
    actions.fill_shelf(Actor(engine, TECHNICIAN, NOW), store, held, 2)
    with reading(engine) as connection:
        (line,) = stock_lines(connection)
    long, shelf = TypedPart("x" * 500, "Toner"), line.shelf
    refused: dict[str, Callable[[], Done]] = {
        "A count is a whole number; 'two' is none.": lambda: actions.count(
            Actor(engine, MANAGER, NOW), shelf, "two"
        ),
        "A count is 0 or more; -1 cannot be.": lambda: actions.count(Actor(engine, MANAGER, NOW), shelf, -1),
        "By the list 2 pieces are here": lambda: actions.take(Actor(engine, MANAGER, NOW), shelf, 3),
        "The reason is missing": lambda: actions.correct(Actor(engine, MANAGER, NOW), shelf, 1, " "),
        "at most 60 characters": lambda: actions.edit_part(Actor(engine, MANAGER, NOW), line.part, long),
        "has a shelf in Central store": lambda: actions.fill_shelf(
            Actor(engine, MANAGER, NOW), store, held, 1
        ),
        "There is a store room central STORE": lambda: actions.save_room(
            Actor(engine, MANAGER, NOW), None, "central STORE", []
        ),
    }
    for sentence, act in refused.items():
        with pytest.raises(UserError) as caught:
            act()
        assert sentence in str(caught.value)
    with reading(engine) as connection:
        assert [each.shelf for each in stock_lines(connection)] == [line.shelf]


def test_a_place_is_served_by_one_store_room(app_context: AppContext) -> None:
    engine = app_context.engine
    actions.save_room(Actor(engine, MANAGER, NOW), None, "North", ["Library"])
    with pytest.raises(UserError, match="Library is served by North already"):
        actions.save_room(Actor(engine, MANAGER, NOW), None, "South", ["Library"])

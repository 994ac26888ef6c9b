"""The purchase list: what is needed, ordered and has arrived; what cannot be is refused."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from core.contract.errors import Conflict, UserError
from core.domain.part_names import order_name
from core.domain.purchase_list import DueSupply, OrderFilter, PurchaseLine, matching
from core.domain.purchase_words import needed_by, purchase_csv, where, why
from core.storage.database import reading, writing
from core.storage.purchase_list import due_supplies, purchase_list
from core.storage.stock import stock_lines
from core.storage.store_rooms import add_room
from dashboard.actor import Actor
from dashboard.features.supplies import actions
from dashboard.features.supplies.actions import LineEntry, OrderEntry
from dashboard.undoing import undo
from dashboard.viewer import Forbidden
from tests.builders import printer, put, snapshot
from tests.dashboard.harness import ANONYMOUS, MANAGER, TECHNICIAN
from tests.dashboard.manager_fleet import HOSTILE_NAME, HOSTILE_PLACE, NOW, flag, opened, state, toner
from tests.postgres import DATABASES

TODAY = NOW.date()
WEEK = timedelta(days=7)


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


def _due(engine: Engine, wanted: OrderFilter | None = None) -> list[DueSupply]:
    with reading(engine) as connection:
        return due_supplies(connection, wanted or OrderFilter(), NOW)


def _listed(engine: Engine, past: int = 0) -> list[PurchaseLine]:
    with reading(engine) as connection:
        return purchase_list(connection, OrderFilter(), NOW, ZoneInfo("UTC"), past=past)


def _ordered(engine: Engine, quantity: object = 3, expected_by: date | None = TODAY + WEEK) -> PurchaseLine:
    """The toner that three printers need, ordered; the line as it is listed then."""
    (line,) = _listed(engine)
    actions.order(Actor(engine, MANAGER, NOW), line, OrderEntry(quantity, "PO-7", expected_by))
    return next(each for each in _listed(engine) if each.purchase is not None)


def _room(engine: Engine) -> int:
    with writing(engine) as connection:
        return add_room(connection, "Central store", [])


def _rows(lines: list[PurchaseLine]) -> list[dict[str, str]]:
    return list(
        csv.DictReader(
            io.StringIO(purchase_csv(lines, "EUR", {"maya": "Maya Lindqvist"}).decode("utf-8-sig"))
        )
    )


def test_low_and_soon_to_run_out_are_needed_the_soonest_first(engine: Engine) -> None:
    assert [(due.printer_id, due.low, due.runs_out) for due in _due(engine)] == [
        ("lib-2", False, True),
        ("lib-1", True, False),
        ("law-1", True, False),
    ]


def test_the_level_and_the_days_are_chosen(engine: Engine) -> None:
    assert [due.printer_id for due in _due(engine, OrderFilter(percent=5, days=2))] == ["lib-1", "law-1"]
    found = _due(engine, OrderFilter(percent=0, days=0))
    assert {due.flagged for due in found} == {"supply_low"}  # the printers themselves call them low


def test_what_gives_no_measure_is_needed_when_its_printer_calls_it_low(engine: Engine) -> None:
    assert "all-1" not in {due.printer_id for due in _due(engine)}
    put(engine, flag("all-1", "supply_low", "warning", subject="1.1"))
    (found,) = (due for due in _due(engine) if due.printer_id == "all-1")
    assert (found.percent, why(found)) == (None, "low")


def test_a_receptacle_counts_by_its_flag_alone(engine: Engine) -> None:
    waste = toner(2, index="1.9", description="Waste Box", supply_class="receptacle_that_is_filled")
    seen = state("box-1", supplies=(waste,))
    put(engine, printer("box-1"), snapshot("box-1", seen, lowest_supply_percent=2))
    assert "box-1" not in {due.printer_id for due in _due(engine)}
    put(engine, flag("box-1", "waste_full", "critical", subject="1.9"))
    (found,) = (due for due in _due(engine) if due.printer_id == "box-1")
    assert (found.percent, found.flagged) == (None, "waste_full")


def test_the_same_part_is_one_line_with_its_places_and_the_day_of_its_forecast(engine: Engine) -> None:
    (line,) = _listed(engine)
    assert (line.name, line.color, line.models, line.quantity) == (
        "Black Toner TN-1",
        "black",
        ("Model X",),
        3,
    )
    assert line.places == {"Library": 2, "Law School": 1}
    assert line.needed is not None
    band = (line.needed.day, line.needed.early, line.needed.late)
    assert band == tuple((NOW + timedelta(days=days)).date() for days in (3.2, 2, 6))
    assert where(line) == "Library: 2; Law School: 1"


def test_parts_that_have_run_out_are_needed_today_and_come_first(engine: Engine) -> None:
    other = toner(0, index="1.2", description="Drum DR-1", supply_type="opc")
    seen = state("out-1", supplies=(other,))
    put(engine, printer("out-1"), snapshot("out-1", seen, lowest_supply_percent=0))
    lines = _listed(engine)
    assert [(line.name, line.empty) for line in lines] == [("Drum DR-1", 1), ("Black Toner TN-1", 0)]
    assert lines[0].needed is not None
    assert needed_by(lines[0].needed).endswith(f"{TODAY.day} {TODAY:%b}")


def test_a_part_of_several_models_is_one_line_by_its_number(engine: Engine) -> None:
    for number, model in enumerate(("Model Y", "Model Z")):
        seen = state(f"m-{number}", supplies=(toner(1, description="Toner, PN CT203402"),))
        put(engine, printer(f"m-{number}"))
        put(engine, snapshot(f"m-{number}", seen, lowest_supply_percent=1, model=model))
    (line,) = (line for line in _listed(engine) if line.part_number == "CT203402")
    assert (line.quantity, line.models) == (2, ("Model Y", "Model Z"))


def test_what_is_ordered_does_not_ask_again_and_asks_when_it_is_overdue(engine: Engine) -> None:
    line = _ordered(engine)
    assert [(each.state, each.quantity) for each in _listed(engine)] == [("ordered", 3)]
    assert line.purchase is not None
    assert (line.purchase.ordered_by, line.purchase.reference) == ("maya", "PO-7")
    actions.expect(Actor(engine, MANAGER, NOW), line, TODAY - timedelta(days=1))
    (late,) = _listed(engine)
    assert late.state == "overdue"
    assert _rows([late])[0]["State"] == "Overdue"


def test_the_rest_of_what_is_needed_still_asks(engine: Engine) -> None:
    _ordered(engine, quantity=1)
    needed = [line for line in _listed(engine) if line.state == "needed"]
    assert [(line.quantity, line.on_order) for line in needed] == [(2, 1)]


def test_what_has_arrived_is_in_stock_once(engine: Engine) -> None:
    room, line = _room(engine), _ordered(engine)
    actions.arrived(Actor(engine, TECHNICIAN, NOW), line, 3, room)
    with reading(engine) as connection:
        (shelf,) = stock_lines(connection)
    assert (shelf.shelf.on_hand, shelf.part.name) == (3, "Black Toner TN-1")
    assert _listed(engine) == []
    assert [(each.state, each.quantity) for each in _listed(engine, past=10)] == [("arrived", 3)]


def test_two_people_who_say_that_one_line_has_arrived_count_it_once(engine: Engine) -> None:
    room, line = _room(engine), _ordered(engine)
    actions.arrived(Actor(engine, TECHNICIAN, NOW), line, 3, room)
    with pytest.raises(Conflict, match="was changed by somebody else in the meantime"):
        actions.arrived(Actor(engine, MANAGER, NOW), line, 3, room)
    with reading(engine) as connection:
        assert [shelf.shelf.on_hand for shelf in stock_lines(connection)] == [3]


def test_two_people_who_order_one_part_order_it_once(engine: Engine) -> None:
    (line,) = _listed(engine)
    actions.order(Actor(engine, MANAGER, NOW), line, OrderEntry(3))
    with pytest.raises(Conflict, match="What is ordered of this part was changed by somebody else"):
        actions.order(Actor(engine, replace(MANAGER, name="ada"), NOW), line, OrderEntry(3))
    assert [each.quantity for each in _listed(engine)] == [3]


def test_the_rest_of_a_delivery_stays_ordered(engine: Engine) -> None:
    room, line = _room(engine), _ordered(engine)
    done = actions.arrived(Actor(engine, TECHNICIAN, NOW), line, 2, room)
    assert done.said == "2 × Black Toner TN-1: arrived, 1 still to come"
    assert [(each.state, each.quantity) for each in _listed(engine)] == [("ordered", 1)]
    undo(Actor(engine, TECHNICIAN, NOW), done)
    assert [(each.state, each.quantity) for each in _listed(engine)] == [("ordered", 3)]
    with reading(engine) as connection:
        assert [shelf.shelf.on_hand for shelf in stock_lines(connection)] == [0]


def test_an_order_is_undone_and_a_canceled_one_asks_again(engine: Engine) -> None:
    (line,) = _listed(engine)
    done = actions.order(Actor(engine, MANAGER, NOW), line, OrderEntry(3))
    undo(Actor(engine, MANAGER, NOW), done)
    assert [(each.state, each.quantity) for each in _listed(engine)] == [("needed", 3)]
    ordered = _ordered(engine)
    actions.cancel(Actor(engine, MANAGER, NOW), ordered)
    assert [each.state for each in _listed(engine)] == ["needed"]


@pytest.mark.parametrize(
    ("quantity", "sentence"),
    [
        (0, "The quantity is 1 or more; 0 cannot be."),
        (-2, "The quantity is 1 or more; -2 cannot be."),
        ("three", "The quantity is a whole number; 'three' is none."),
        ("2.5", "The quantity is a whole number; '2.5' is none."),
        ("", "The quantity is a whole number; '' is none."),
        (10**9, "The quantity is at most 100,000; 1,000,000,000 cannot be."),
    ],
)
def test_an_order_of_no_number_is_a_sentence(quantity: object, sentence: str, engine: Engine) -> None:
    (line,) = _listed(engine)
    with pytest.raises(UserError) as caught:
        actions.order(Actor(engine, MANAGER, NOW), line, OrderEntry(quantity))
    assert str(caught.value) == sentence
    assert [each.state for each in _listed(engine)] == ["needed"]


def test_more_than_was_ordered_or_no_room_is_a_sentence(engine: Engine) -> None:
    line = _ordered(engine)
    with pytest.raises(UserError, match="3 were ordered, so 4 cannot arrive with this line"):
        actions.arrived(Actor(engine, TECHNICIAN, NOW), line, 4, _room(engine))
    with pytest.raises(UserError, match="Choose the store room"):
        actions.arrived(Actor(engine, TECHNICIAN, NOW), line, 3, None)


def test_paper_is_added_by_hand_ordered_and_arrives_without_a_shelf(engine: Engine) -> None:
    entry = LineEntry("Paper A4", 40, TODAY + WEEK, "Library")
    actions.add_line(Actor(engine, MANAGER, NOW), entry)
    paper = next(line for line in _listed(engine) if line.name == "Paper A4")
    assert (paper.state, paper.quantity, where(paper)) == ("needed", 40, "Library")
    actions.order(Actor(engine, MANAGER, NOW), paper, OrderEntry(40, "P-1", TODAY + WEEK))
    paper = next(line for line in _listed(engine) if line.name == "Paper A4")
    actions.arrived(Actor(engine, TECHNICIAN, NOW), paper, 40, None)
    assert "Paper A4" not in {line.name for line in _listed(engine)}
    with pytest.raises(UserError, match="Item has at most 120 characters; this has 500"):
        actions.add_line(Actor(engine, MANAGER, NOW), LineEntry("x" * 500, 1))
    with pytest.raises(UserError, match="Item is missing"):
        actions.add_line(Actor(engine, MANAGER, NOW), LineEntry(" ", 1))


def test_technicians_say_what_arrived_and_managers_order(engine: Engine) -> None:
    (line,) = _listed(engine)
    with pytest.raises(Forbidden):
        actions.order(Actor(engine, TECHNICIAN, NOW), line, OrderEntry(3))
    with pytest.raises(Forbidden):
        actions.add_line(Actor(engine, TECHNICIAN, NOW), LineEntry("Paper", 1))
    ordered = _ordered(engine)
    with pytest.raises(Forbidden):
        actions.cancel(Actor(engine, TECHNICIAN, NOW), ordered)
    with pytest.raises(Forbidden):
        actions.expect(Actor(engine, TECHNICIAN, NOW), ordered, TODAY)
    with pytest.raises(Forbidden):
        actions.arrived(Actor(engine, ANONYMOUS, NOW), ordered, 3, None)


def test_a_word_finds_parts_models_printers_and_references(engine: Engine) -> None:
    lines = _listed(engine)
    for word in ("tn-1", "model x", "lib-2", "law school", "black"):
        assert matching(lines, word) == lines
    assert matching(lines, "science") == []


def test_the_file_is_complete_and_harmless(engine: Engine) -> None:
    seen = state("evil", supplies=(toner(1, description="=cmd|'/c calc'!A1"),))
    put(engine, printer("evil", name=HOSTILE_NAME, location=HOSTILE_PLACE))
    put(engine, snapshot("evil", seen, lowest_supply_percent=1, model="+Model"))
    rows = _rows(_listed(engine))
    assert {row["Part"]: row["Quantity"] for row in rows} == {
        "Black Toner TN-1": "3",
        "'=cmd|'/c calc'!A1": "1",
    }
    evil = next(row for row in rows if row["Quantity"] == "1")
    assert evil["Places"].startswith("'=HYPERLINK")
    assert evil["Models"] == "'+Model"
    fine = next(row for row in rows if row["Quantity"] == "3")
    assert fine["Places"] == "Library: 2; Law School: 1"
    assert fine["Printers"].startswith("lib-2 (60 %, about 3 days left), lib-1 (4 %, low)")
    assert fine["Needed by"] == (NOW + timedelta(days=3.2)).date().isoformat()


@pytest.mark.parametrize(
    ("description", "colorant", "supply_type", "name"),
    [
        (
            "Cyan Toner Cartridge, PN 006R01698;SN26A0C51003",
            "cyan",
            "toner",
            "Cyan Toner Cartridge, PN 006R01698",
        ),
        ("Black Toner S/N:CRUM-16021840417", "black", "toner", "Black Toner"),
        ("Drum Cartridge [R1-R4]", None, "opc", "Drum Cartridge [R1-R4]"),
        ("Toner", "yellow", "toner", "Toner, yellow"),
        ("TK-8375C", "cyan", "toner", "TK-8375C"),
        ("", "black", "ink_cartridge", "Ink cartridge, black"),
        (None, None, None, "Supply"),
        ("Snow white toner", "white", "toner", "Snow white toner"),
    ],
)
def test_a_part_is_named_without_what_is_particular_to_one_piece(
    description: str | None, colorant: str | None, supply_type: str | None, name: str
) -> None:
    assert order_name(description, colorant, supply_type) == name

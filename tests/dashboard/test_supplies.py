"""What to order: which supplies, grouped into which parts, as which CSV."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.domain.part_names import order_name
from core.storage.database import reading
from dashboard.features.supplies.order_lists import order_csv, supplies_csv, why
from dashboard.features.supplies.queries import DueSupply, OrderFilter, due_supplies, parts
from tests.builders import printer, put, snapshot
from tests.dashboard.manager_fleet import HOSTILE_NAME, HOSTILE_PLACE, flag, opened, state, toner
from tests.postgres import DATABASES


@pytest.fixture(params=DATABASES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with opened(request.param, tmp_path) as engine:
        yield engine


def _due(engine: Engine, wanted: OrderFilter | None = None) -> list[DueSupply]:
    with reading(engine) as connection:
        return due_supplies(connection, wanted or OrderFilter())


def test_low_and_soon_to_run_out_are_listed_the_soonest_first(engine: Engine) -> None:
    assert [(due.printer_id, due.low, due.runs_out) for due in _due(engine)] == [
        ("lib-2", False, True),
        ("lib-1", True, False),
        ("law-1", True, False),
    ]


def test_the_level_and_the_days_are_chosen(engine: Engine) -> None:
    assert [due.printer_id for due in _due(engine, OrderFilter(percent=5, days=2))] == ["lib-1", "law-1"]
    found = _due(engine, OrderFilter(percent=0, days=0))
    assert {due.flagged for due in found} == {"supply_low"}  # the printers themselves call them low
    assert [due.printer_id for due in _due(engine, OrderFilter(text="law school"))] == ["law-1"]


def test_what_gives_no_measure_is_listed_when_its_printer_calls_it_low(engine: Engine) -> None:
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


def test_the_same_part_of_a_model_is_one_line_with_its_places(engine: Engine) -> None:
    (part,) = parts(_due(engine))
    assert (part.name, part.model, part.count) == ("Black Toner TN-1", "Model X", 3)
    assert part.places == {"Library": 2, "Law School": 1}
    assert (part.lowest_percent, part.soonest_days, part.empty) == (4, 3.2, 0)


def test_parts_that_have_run_out_come_first(engine: Engine) -> None:
    other = toner(0, index="1.2", description="Drum DR-1", supply_type="opc")
    put(
        engine,
        printer("out-1"),
        snapshot("out-1", state("out-1", supplies=(other,)), lowest_supply_percent=0),
    )
    assert [(part.name, part.empty) for part in parts(_due(engine))] == [
        ("Drum DR-1", 1),
        ("Black Toner TN-1", 0),
    ]


def test_both_files_are_complete_and_harmless(engine: Engine) -> None:
    seen = state("evil", supplies=(toner(1, description="=cmd|'/c calc'!A1"),))
    put(engine, printer("evil", name=HOSTILE_NAME, location=HOSTILE_PLACE))
    put(engine, snapshot("evil", seen, lowest_supply_percent=1, model="+Model"))
    due = _due(engine)
    orders = list(csv.DictReader(io.StringIO(order_csv(parts(due)).decode("utf-8-sig"))))
    assert {row["Part"]: row["How many"] for row in orders} == {
        "Black Toner TN-1": "3",
        "'=cmd|'/c calc'!A1": "1",
    }
    assert [row["Where"] for row in orders if row["How many"] == "3"] == ["Library: 2; Law School: 1"]
    rows = list(csv.DictReader(io.StringIO(supplies_csv(due).decode("utf-8-sig"))))
    evil = next(row for row in rows if row["Printer ID"] == "evil")
    assert evil["Location"].startswith("'=HYPERLINK")
    assert evil["Model"] == "'+Model"


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

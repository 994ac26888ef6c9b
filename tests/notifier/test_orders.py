"""The weekly order mail: the purchase list, with a table that no spreadsheet runs."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from core.contract.messages import PrinterState, Supply
from core.domain.supply_parts import supply_part
from core.storage.database import writing
from core.storage.parts import ensure_part
from core.storage.purchases import PlacedOrder, order_part
from core.storage.stock import count_shelf, make_shelf
from core.storage.store_rooms import add_room
from core.storage.supply_tables import SupplyForecast
from core.storage.users import NewUser, add_user
from notifier.orders.order_mail import OrderMails
from tests.builders import printer, put, snapshot
from tests.notifier.making import LINKS, NOON, flag, make_settings, outbox, store
from tests.postgres import DATABASES

MONDAY = datetime(2026, 3, 9, 7, tzinfo=UTC)
WEEK = timedelta(days=7)
TONER = supply_part("HL-L5100", "Black Toner TN-3480", None, None)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path) as (engine, _):
        yield engine


def ordering(engine: Engine, folder: Path, **values: Any) -> OrderMails:
    wanted = {"order_mail_weekday": "monday", "order_mail_recipient": "buyer@example.org", **values}
    return OrderMails(engine, make_settings(folder, summary_time=time(7), **wanted), LINKS)


def fill(engine: Engine) -> None:
    """Two printers that need the same toner, and one whose name is a formula."""
    for number, name in enumerate(("lib-1", "lib-2", "=HYPERLINK(1)"), 1):
        toner = f"Black Toner TN-3480;SN{number}234567"
        supplies = (
            Supply(index="1.1", description=toner, level_percent=number, level_state="measured"),
            Supply(index="1.2", description="Drum DR-3400", level_percent=60, level_state="measured"),
        )
        printer_id = f"p{number}"
        state = PrinterState(printer_id=printer_id, taken_at=NOON, model="HL-L5100", supplies=supplies)
        put(engine, printer(printer_id, name=name, location="=Library, floor 1"))
        put(engine, snapshot(printer_id, state, model="HL-L5100"))
    put(engine, flag("p1", "supply_empty", subject="1.1"), flag("p3", "supply_low", subject="1.1"))
    soon = {"days_left": 3.2, "computed_at": NOON}
    put(engine, SupplyForecast(printer_id="p2", supply_index="1.1", **soon))  # type: ignore[arg-type] # of both kinds
    late = SupplyForecast(printer_id="p2", supply_index="1.2", days_left=30, computed_at=NOON)
    put(engine, late)


def first_mail(engine: Engine, folder: Path, **values: Any) -> Mapping[str, Any]:
    one = ordering(engine, folder, **values)
    one.step(MONDAY - WEEK)
    one.step(MONDAY)
    return outbox(engine)[0]


@pytest.mark.parametrize("kind", DATABASES)
def test_it_is_sent_once_a_week_on_its_day_whoever_runs(kind: str, tmp_path: Path) -> None:
    with store(kind, tmp_path) as (engine, _):
        fill(engine)
        one, two = ordering(engine, tmp_path), ordering(engine, tmp_path)
        assert one.step(MONDAY - timedelta(days=2)) == 0
        steps = [one.step(MONDAY), two.step(MONDAY), one.step(MONDAY + WEEK - timedelta(minutes=1))]
        assert steps == [1, 0, 0]
        assert one.step(MONDAY + WEEK + timedelta(days=3)) == 1
        assert [row["recipient"] for row in outbox(engine)] == ["buyer@example.org"] * 2


def test_switched_on_it_begins_with_the_next_week(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    one = ordering(engine, tmp_path)
    assert one.step(MONDAY + timedelta(days=3)) == 0
    assert one.step(MONDAY + WEEK) == 1


def test_parts_are_counted_whatever_serial_numbers_their_pieces_have(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    mail = first_mail(engine, tmp_path)
    assert mail["subject"] == "To order: 3 pieces of 1 part"
    assert "3 × Black Toner TN-3480" in mail["body_text"]
    assert "p1 (1 %, empty), p2 (2 %, about 3 days left), p3 (3 %, low)" in " ".join(
        mail["body_text"].split()
    )
    (row,) = csv.DictReader(io.StringIO(mail["attachment"].decode("utf-8-sig")))
    assert mail["attachment_name"] == "order-2026-03-09.csv"
    told = (row["Quantity"], row["Part number"], row["Color"], row["Models"], row["Needed by"])
    assert told == ("3", "TN-3480", "black", "HL-L5100", "2026-03-09")
    assert row["Places"] == "'=Library: 3"


def test_what_is_in_stock_or_ordered_does_not_ask_again(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    with writing(engine) as connection:
        part = ensure_part(connection, TONER, now=NOON)
        shelf = make_shelf(connection, part.id, add_room(connection, "Store", []))
        count_shelf(connection, shelf, 1, actor="tom", now=NOON)
        order = PlacedOrder(1, "PO-1", (MONDAY + WEEK).date())
        order_part(connection, part.id, (), order, actor="maya", now=NOON)
    mail = first_mail(engine, tmp_path)
    assert mail["subject"] == "To order: 1 piece of 1 part"


def test_an_order_that_has_not_come_by_its_day_asks(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    with writing(engine) as connection:
        who = NewUser("maya", full_name="Maya Lindqvist")
        add_user(connection, who, actor="test", now=NOON)
        part = ensure_part(connection, TONER, now=NOON)
        order = PlacedOrder(3, "PO-1", (MONDAY - timedelta(days=1)).date())
        order_part(connection, part.id, (), order, actor="maya", now=NOON)
    mail = first_mail(engine, tmp_path)
    assert mail["subject"] == "1 order overdue"
    assert "expected by Sun 8 Mar, ordered by Maya Lindqvist, reference PO-1" in mail["body_text"]
    (row,) = csv.DictReader(io.StringIO(mail["attachment"].decode("utf-8-sig")))
    assert row["Ordered by"] == "Maya Lindqvist"


def test_nothing_to_order_is_no_mail_that_week(engine: Engine, tmp_path: Path) -> None:
    put(engine, printer("lib"))
    one = ordering(engine, tmp_path)
    assert [one.step(MONDAY - WEEK), one.step(MONDAY)] == [0, 0]
    fill(engine)
    assert one.step(MONDAY + timedelta(days=1)) == 0


def test_without_a_weekday_there_is_none(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    one = ordering(engine, tmp_path, order_mail_weekday="")
    assert [one.step(MONDAY - WEEK), one.step(MONDAY)] == [0, 0]


def test_readers_of_the_summary_get_it_where_nobody_else_is_named(engine: Engine, tmp_path: Path) -> None:
    fill(engine)
    values = {"order_mail_recipient": "", "issue_summary_recipient": "lead@example.org"}
    assert first_mail(engine, tmp_path, **values)["recipient"] == "lead@example.org"

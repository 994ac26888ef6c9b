"""The weekly order mail: what is needed, by part, with a table that no spreadsheet runs."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from core.contract.messages import PrinterState, Supply
from core.storage.database import reading
from core.storage.fleet_states import read_states
from core.storage.tables import SupplyForecast
from notifier.orders.order_mail import OrderMails
from notifier.orders.parts import needed_parts
from notifier.summary.queries import open_flags
from tests.builders import printer, put, snapshot
from tests.notifier.making import LINKS, NOON, flag, make_settings, outbox, store
from tests.postgres import DATABASES

MONDAY = datetime(2026, 3, 9, 7, tzinfo=UTC)
WEEK = timedelta(days=7)


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
        put(engine, printer(printer_id, name=name), snapshot(printer_id, state))
    put(engine, flag("p1", "supply_empty", subject="1.1"), flag("p3", "supply_low", subject="1.1"))
    soon = {"days_left": 3.2, "computed_at": NOON}
    put(engine, SupplyForecast(printer_id="p2", supply_index="1.1", **soon))  # type: ignore[arg-type] # of both kinds
    late = SupplyForecast(printer_id="p2", supply_index="1.2", days_left=30, computed_at=NOON)
    put(engine, late)


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
    one = ordering(engine, tmp_path)
    one.step(MONDAY - WEEK)
    one.step(MONDAY)
    mail = outbox(engine)[0]
    assert mail["subject"] == "To order: 3 supplies of 1 kind"
    assert "3 × Black Toner TN-3480" in mail["body_text"]
    assert "p1 (empty), p2 (runs out in about 3 days), p3 (low)" in mail["body_text"]
    table = list(csv.DictReader(io.StringIO(mail["attachment"].decode("utf-8-sig"))))
    assert mail["attachment_name"] == "order-2026-03-09.csv"
    assert [(row["printer_id"], row["reason"], row["level_percent"]) for row in table] == [
        ("p1", "empty", "1"),
        ("p2", "runs out in about 3 days", "2"),
        ("p3", "low", "3"),
    ]
    assert table[2]["printer"] == "'=HYPERLINK(1)"


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
    one = ordering(engine, tmp_path, order_mail_recipient="", issue_summary_recipient="lead@example.org")
    one.step(MONDAY - WEEK)
    one.step(MONDAY)
    assert [row["recipient"] for row in outbox(engine)] == ["lead@example.org"]


def test_nothing_is_needed_where_nothing_is_low() -> None:
    assert needed_parts({}, [], []) == []


def test_what_a_waste_container_reads_is_no_level(engine: Engine) -> None:
    container = Supply(
        index="1.3", description="Waste box", supply_class="receptacle_that_is_filled", level_percent=96
    )
    state = PrinterState(printer_id="lib", taken_at=NOON, supplies=(container,))
    put(engine, printer("lib"), snapshot("lib", state), flag("lib", "waste_full", subject="1.3"))
    with reading(engine) as connection:
        states = {one.printer_id: one for one in read_states(connection, NOON)}
        (found,) = needed_parts(states, open_flags(connection, NOON), [])
    assert (found.reason, found.level_percent) == ("full", None)

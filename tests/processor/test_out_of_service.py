"""A printer out of service opens no issue and is no part of an outage; what it still has then, it has."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import Engine, event, select

from core.runtime.settings import RuleSettings
from core.storage.core_tables import ISSUES, OUT_OF_SERVICE, OUTAGES
from core.storage.database import reading, writing
from core.storage.inventory import read_printers, remove_printer
from core.storage.issues import change_status, issue_row
from core.storage.out_of_service import (
    hold_out_of_service,
    put_back_in_service,
    remove_ended,
    take_out_of_service,
)
from core.storage.tables import IssueStatus
from processor.batch.store import store
from processor.issues.back_in_service import BackInService, put_back
from processor.issues.outages import settle_outages
from tests.patience import PATIENCE_SECONDS
from tests.processor.making import (
    JAMMED,
    NOON,
    NOTHING_WRONG,
    add_printers,
    make_reading,
    received,
    unanswered,
)

RULES: Final = RuleSettings(unreachable_after=2)
HOUR: Final = timedelta(hours=1)


def read(engine: Engine, *numbers: int, bits: str = JAMMED) -> None:
    for number in numbers:
        store(engine, received(make_reading(number, bits=bits)), RULES, NOON)


def take_out(engine: Engine, printer_id: str = "lib-1", until: datetime | None = None) -> None:
    with writing(engine) as connection:
        take_out_of_service(connection, printer_id, until=until, why="repair", actor="tom", now=NOON)


def issues(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        query = select(ISSUES.c.attention_code, ISSUES.c.status).order_by(ISSUES.c.id)
        return [(code, status) for code, status in connection.execute(query)]


@pytest.fixture(autouse=True)
def printers(engine: Engine) -> None:
    add_printers(engine, *(f"lib-{number}" for number in range(1, 6)))


def test_what_persists_has_its_issue_once_the_printer_is_back(engine: Engine) -> None:
    take_out(engine)
    read(engine, 1, 2, 3)
    assert issues(engine) == []
    back(engine)
    assert issues(engine) == [("jam", "open")]
    put_back(engine, NOON + HOUR)
    read(engine, 4)
    assert issues(engine) == [("jam", "open")]
    read(engine, 5, 6, bits=NOTHING_WRONG)
    assert issues(engine) == [("jam", "resolved")]


def test_what_is_gone_by_then_has_none(engine: Engine) -> None:
    take_out(engine, until=NOON + HOUR)
    read(engine, 1, 2, 3)
    read(engine, 4, 5, bits=NOTHING_WRONG)
    put_back(engine, NOON + HOUR)
    assert issues(engine) == []


def test_an_issue_of_before_is_resolved_as_ever(engine: Engine) -> None:
    read(engine, 1, 2)
    take_out(engine)
    read(engine, 3, 4, bits=NOTHING_WRONG)
    assert issues(engine) == [("jam", "resolved")]


def test_it_ends_by_itself_within_a_look_or_two(engine: Engine) -> None:
    take_out(engine, until=NOON + HOUR)  # long ago, for the clock of this machine
    take_out(engine, "lib-2", until=datetime.now(UTC) + HOUR)
    BackInService(engine).step()
    with reading(engine) as connection:
        assert list(connection.execute(select(OUT_OF_SERVICE.c.printer_id)).scalars()) == ["lib-2"]


def test_printers_out_of_service_are_no_outage_nor_a_part_of_one(engine: Engine) -> None:
    for number in (1, 2):
        taken = [make_reading(0, f"lib-{each}") for each in range(1, 6)]
        silent = [unanswered(number, f"lib-{each}") for each in range(1, 5)]
        store(engine, received(*(taken if number == 1 else []), *silent), RULES, NOON)
    take_out(engine, "lib-1")
    take_out(engine, "lib-2")
    settle_outages(engine, NOON)
    with reading(engine) as connection:
        assert connection.execute(select(OUTAGES)).all() == []


def test_a_batch_and_the_end_of_it_at_the_same_moment_lose_no_issue(engine: Engine) -> None:
    """The batch has left the issue out and is not committed yet when the time is over."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    take_out(engine, until=NOON + HOUR)
    read(engine, 1)
    ended = threading.Thread(target=put_back, args=(engine, NOON + HOUR))

    def end() -> None:
        ended.start()
        ended.join(0.5)
        assert ended.is_alive(), "it waits for the batch"

    with during_the_commit_of_a_batch(engine, end):
        read(engine, 2)
    ended.join(PATIENCE_SECONDS)
    assert issues(engine) == [("jam", "open")]
    with writing(engine) as connection:
        assert remove_ended(connection, NOON + HOUR) == []


def test_an_issue_that_a_person_has_ended_meanwhile_stays_ended(engine: Engine) -> None:
    read(engine, 1, 2)
    take_out(engine)
    with writing(engine) as connection:
        row = issue_row(connection, 1)
        assert row is not None
        change_status(connection, row, IssueStatus.CLOSED, actor="tom", now=NOON + HOUR / 2)
    read(engine, 3)
    back(engine)
    assert issues(engine) == [("jam", "closed")]


def test_a_fault_that_came_after_an_earlier_one_was_over_has_its_issue(engine: Engine) -> None:
    read(engine, 1, 2)
    read(engine, 3, 4, bits=NOTHING_WRONG)
    assert issues(engine) == [("jam", "resolved")]
    take_out(engine)
    read(engine, 5, 6)
    assert issues(engine) == [("jam", "resolved")]
    back(engine)
    assert issues(engine) == [("jam", "open")]


def test_a_batch_that_waits_for_a_change_of_the_reason_opens_no_issue(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    take_out(engine)
    read(engine, 1)
    batch = threading.Thread(target=read, args=(engine, 2))
    with writing(engine) as connection:
        take_out_of_service(connection, "lib-1", until=None, why="moved", actor="maya", now=NOON)
        batch.start()
        batch.join(0.5)
        assert batch.is_alive(), "it waits for the change"
    batch.join(PATIENCE_SECONDS)
    assert issues(engine) == []


def test_those_that_end_together_are_locked_in_the_order_of_those_who_change_them(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    for printer_id in ("lib-2", "lib-1"):  # as they lie in the table
        take_out(engine, printer_id, until=NOON + HOUR)

    def remove() -> None:
        with writing(engine) as connection:
            remove_ended(connection, NOON + HOUR)

    removal = threading.Thread(target=remove)
    with writing(engine) as connection:
        hold_out_of_service(connection, ["lib-1"])
        removal.start()
        removal.join(0.5)
        assert hold_out_of_service(connection, ["lib-1", "lib-2"]) == {"lib-1", "lib-2"}
    removal.join(PATIENCE_SECONDS)
    with reading(engine) as connection:
        assert connection.execute(select(OUT_OF_SERVICE)).all() == []


def test_a_printer_that_is_removed_meanwhile_leaves_nothing(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")

    def remove() -> None:
        with writing(engine) as connection:
            seen = next(one for one in read_printers(connection) if one.printer_id == "lib-1")
            remove_printer(connection, seen, NOON, actor="maya")

    removal = threading.Thread(target=remove)
    with writing(engine) as connection:
        take_out_of_service(connection, "lib-1", until=None, why="repair", actor="tom", now=NOON)
        removal.start()
        removal.join(0.5)
        assert removal.is_alive(), "it waits"
    removal.join(PATIENCE_SECONDS)
    with reading(engine) as connection:
        assert connection.execute(select(OUT_OF_SERVICE)).all() == []


def back(engine: Engine) -> None:
    with writing(engine) as connection:
        put_back_in_service(connection, "lib-1", actor="tom", now=NOON + HOUR)
    put_back(engine, NOON + HOUR)


@contextmanager
def during_the_commit_of_a_batch(engine: Engine, act: Callable[[], object]) -> Iterator[None]:
    """Have something done between the last statement of the next transaction and its commit."""
    done: list[bool] = []

    def before_commit(_connection: object) -> None:
        if not done:
            done.append(True)
            act()

    event.listen(engine, "commit", before_commit)
    try:
        yield
    finally:
        event.remove(engine, "commit", before_commit)

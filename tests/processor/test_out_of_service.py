"""A printer out of service opens no issue and is no part of an outage; what it still has then, it has."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import Engine, select

from core.contract.messages import PrinterState
from core.runtime.settings import RuleSettings
from core.storage.core_tables import ISSUES, OUT_OF_SERVICE, OUTAGES
from core.storage.database import reading, writing
from core.storage.out_of_service import put_back_in_service, remove_ended, take_out_of_service
from processor.batch.store import store
from processor.issues.back_in_service import BackInService, put_back
from processor.issues.changes import apply_issue_commands
from processor.issues.commands import opening_commands
from processor.issues.outages import settle_outages
from tests.patience import PATIENCE_SECONDS
from tests.processor.making import (
    JAMMED,
    NOON,
    NOTHING_WRONG,
    add_printers,
    make_reading,
    received,
    state_of,
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
    with writing(engine) as connection:
        put_back_in_service(connection, "lib-1", actor="tom", now=NOON + HOUR)
    put_back(engine, NOON + HOUR)
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
    with writing(engine) as connection:
        command = opening_commands(_persisting(engine))
        apply_issue_commands(connection, [("lib-1", each) for each in command], NOON)
        ended.start()
        ended.join(0.5)
        assert ended.is_alive(), "it waits for the batch"
    ended.join(PATIENCE_SECONDS)
    with writing(engine) as connection:
        assert remove_ended(connection, NOON + HOUR) == []


def _persisting(engine: Engine) -> PrinterState:
    state = state_of(engine)
    flags = tuple(flag.model_copy(update={"readings": 2}) for flag in state.attention)
    return state.model_copy(update={"attention": flags})

"""What is owed to other systems is cleared only when the broker has it, and only what it has."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import Engine, event, select

from core.contract.messages import IssueChange, PrinterAttention, PrinterState, SupplyReplaced
from core.runtime.mqtt_link import MqttLink
from core.runtime.settings import RuleSettings
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, comment, open_issue
from core.storage.out_of_service import put_back_in_service, take_out_of_service
from core.storage.supply_events import undo
from processor.batch.store import store
from processor.publish import out_of_service
from processor.publish.decommissioned import DecommissionedPrinters
from processor.publish.events import ISSUE_EVENTS, SUPPLY_REPLACEMENTS, PendingEvents
from processor.publish.in_flight import WINDOW
from processor.publish.states import PendingStates
from processor.tables import DOCUMENTS, EVENT_OWED, EVENTS, SNAPSHOTS, STATE_OWED, SUPPLY_EVENTS
from tests.processor.fakes import Wire
from tests.processor.making import (
    JAMMED,
    NOON,
    add_printers,
    edit,
    make_reading,
    put_readings,
    received,
    rows,
)


@pytest.fixture
def wire() -> Wire:
    return Wire()


def states(engine: Engine, wire: Wire) -> PendingStates:
    return PendingStates(engine, cast(MqttLink, wire))


def owed(engine: Engine) -> list[Any]:
    return rows(engine, SNAPSHOTS, "owed", "revision", "published_revision")


BOTH = ["printers/lib-1/state", "printers/lib-1/attention"]


def test_state_and_attention_are_cleared_after_both_acknowledgments(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-1")
    put_readings(engine, 1, bits=JAMMED)
    publisher = states(engine, wire)
    publisher.step()
    state = PrinterState.model_validate_json(wire.sent[0][1])
    flags = PrinterAttention.model_validate_json(wire.sent[1][1])
    assert flags.attention == state.attention
    assert flags.attention[0].code == "jam"
    assert wire.take() == BOTH
    publisher.step()
    assert (wire.take(), owed(engine)) == ([], [(True, 1, 0)])
    wire.acknowledge()
    publisher.step()
    assert owed(engine) == [(False, 1, 1)]


def test_a_state_that_changes_under_way_stays_owed(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-1")
    put_readings(engine, 1)
    publisher = states(engine, wire)
    publisher.step()
    put_readings(engine, 2)
    wire.take()
    publisher.step()
    assert wire.take() == []  # one at a time of each printer
    wire.acknowledge()
    publisher.step()
    assert (wire.take(), owed(engine)) == (BOTH, [(True, 2, 0)])
    wire.acknowledge()
    publisher.step()
    assert owed(engine) == [(False, 2, 2)]


def test_flags_that_have_not_changed_are_not_told_again(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-1")
    publisher = states(engine, wire)
    told = []
    for number, bits in ((1, "00"), (2, "00"), (3, JAMMED), (4, JAMMED)):
        put_readings(engine, number, bits=bits)
        publisher.step()
        told.append(wire.take())
        wire.acknowledge()
        publisher.step()
    assert told == [BOTH, BOTH[:1], BOTH, BOTH[:1]]
    assert owed(engine) == [(False, 4, 4)]


def test_a_newer_state_overtaken_by_an_older_one_is_owed_again(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-1")
    put_readings(engine, 1)
    slow = states(engine, wire)
    slow.step()
    put_readings(engine, 2)
    edit(engine, "UPDATE snapshots SET owed = false, published_revision = 2")  # another processor was faster
    wire.acknowledge()
    slow.step()
    assert owed(engine)[0][0]


def test_a_lost_connection_forgets_what_was_under_way_and_sends_everything_again(
    engine: Engine, wire: Wire
) -> None:
    add_printers(engine, "lib-1", "lib-2")
    put_readings(engine, 1)
    publisher = states(engine, wire)
    publisher.step()
    wire.up = False
    publisher.step()
    put_readings(engine, 1, printers=("lib-2",))
    edit(engine, "UPDATE snapshots SET owed = false WHERE printer_id = 'lib-2'")
    wire.take()
    wire.connect()
    wire.acknowledge()  # of the old connection: says nothing
    publisher.step()
    publisher.step()
    assert wire.take() == [*BOTH, "printers/lib-2/state", "printers/lib-2/attention"]
    assert dict(rows(engine, SNAPSHOTS, "printer_id", "owed")) == {"lib-1": True, "lib-2": False}


def published(wire: Wire) -> list[tuple[str, PrinterState]]:
    """Topics and states that were published since the last time, all of them arrived."""
    found = [(topic, PrinterState.model_validate_json(payload)) for topic, payload in wire.sent]
    wire.take()
    wire.acknowledge()
    return [(topic, state) for topic, state in found if topic.endswith("/state")]


def take_out(engine: Engine, *printer_ids: str, until: datetime | None = None) -> None:
    with writing(engine) as connection:
        for printer_id in printer_ids:
            take_out_of_service(
                connection, printer_id, until=until, why="repair", actor="tom", now=datetime.now(UTC)
            )


def test_a_printer_out_of_service_says_so_at_once_and_in_each_state_until_it_is_back(
    engine: Engine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out_of_service, "EVERY_SECONDS", 0.0)
    add_printers(engine, "lib-1", "lib-2", "never-read")
    put_readings(engine, 1, printers=("lib-1", "lib-2"))
    publisher = states(engine, wire)
    publisher.step()
    assert [b"out_of_service" in payload for _, payload in wire.sent] == [False] * 4
    assert len(published(wire)) == 2
    publisher.step()

    take_out(engine, "lib-1", "never-read")
    publisher.step()
    [(topic, state)] = published(wire)
    assert topic == "printers/lib-1/state"
    assert state.out_of_service is not None
    assert (state.out_of_service.note, state.out_of_service.until_at) == ("repair", None)
    publisher.step()
    assert (wire.take(), owed(engine)) == ([], [(False, 1, 1), (False, 1, 1)])

    put_readings(engine, 2, printers=("lib-1",))
    publisher.step()
    [(_, state)] = published(wire)
    assert state.out_of_service is not None
    publisher.step()

    until = datetime.now(UTC) + timedelta(hours=1)
    take_out(engine, "lib-1", until=until)
    publisher.step()
    [(_, state)] = published(wire)
    assert state.out_of_service is not None
    assert state.out_of_service.until_at == until
    publisher.step()

    with writing(engine) as connection:
        put_back_in_service(connection, "lib-1", actor="tom", now=datetime.now(UTC))
    publisher.step()
    [(topic, state)] = published(wire)
    assert (topic, state.out_of_service) == ("printers/lib-1/state", None)
    publisher.step()
    assert wire.take() == []


def test_a_change_that_meets_a_state_under_way_is_told_after_it(
    engine: Engine, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(out_of_service, "EVERY_SECONDS", 0.0)
    add_printers(engine, "lib-1")
    put_readings(engine, 1)
    publisher = states(engine, wire)
    publisher.step()
    wire.take()
    take_out(engine, "lib-1")
    publisher.step()
    assert wire.take() == []
    wire.acknowledge()
    publisher.step()
    [(_, state)] = published(wire)
    assert state.out_of_service is not None


def test_who_is_out_of_service_is_looked_up_now_and_then_and_not_for_each_reading(
    engine: Engine, wire: Wire
) -> None:
    add_printers(engine, "lib-1")
    publisher = states(engine, wire)
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(str(given[2])))
    for number in range(1, 6):
        put_readings(engine, number)
        before = len(asked)
        publisher.step()
        wire.acknowledge()
        publisher.step()
        looks = [statement for statement in asked[before:] if "out_of_service" in statement]
        assert len(looks) == (number == 1)


def test_many_states_leave_in_windows(engine: Engine, wire: Wire) -> None:
    names = tuple(f"p-{n:04}" for n in range(WINDOW + 100))
    add_printers(engine, *names)
    put_readings(engine, 1, printers=names)
    publisher = states(engine, wire)
    publisher.step()
    publisher.step()
    assert len(wire.take()) == 2 * WINDOW
    wire.acknowledge()
    publisher.step()
    assert len(wire.take()) == 2 * 100
    wire.acknowledge()
    publisher.step()
    assert {flag for flag, *_ in owed(engine)} == {False}


def test_a_printer_that_is_disabled_is_cleared_and_not_told_about_again(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-1")
    put_readings(engine, 1)
    edit(engine, "UPDATE printers SET enabled = false")
    publisher, retired = states(engine, wire), DecommissionedPrinters(engine, cast(MqttLink, wire))
    publisher.step()
    retired.step()
    assert wire.sent == [(topic, b"") for topic in BOTH]
    assert len(rows(engine, SNAPSHOTS)) == 1
    wire.acknowledge()
    retired.step()
    assert rows(engine, SNAPSHOTS) == []


def test_a_printer_enabled_again_before_it_was_forgotten_is_published(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-1")
    put_readings(engine, 1)
    edit(engine, "UPDATE snapshots SET owed = false")
    edit(engine, "UPDATE printers SET enabled = false")
    retired = DecommissionedPrinters(engine, cast(MqttLink, wire))
    retired.step()
    edit(engine, "UPDATE printers SET enabled = true")
    wire.acknowledge()
    retired.step()
    assert owed(engine)[0][0]


def test_issue_events_leave_in_order_and_are_cleared(engine: Engine, wire: Wire) -> None:
    with writing(engine) as connection:
        issue = open_issue(connection, NewIssue(printer_id="lib-1", title="Streaks"), actor="ann", now=NOON)
        comment(connection, issue, "the left half only", actor="ann", now=NOON)
    events = PendingEvents(engine, cast(MqttLink, wire), ISSUE_EVENTS)
    events.step()
    events.step()
    changes = [IssueChange.model_validate_json(payload) for _, payload in wire.sent]
    assert [(change.change, change.title, change.status) for change in changes] == [
        ("opened", "Streaks", "open"),
        ("commented", "Streaks", "open"),
    ]
    assert changes[1].details == {"text": "the left half only"}
    assert wire.take() == ["printers/lib-1/issue"] * 2
    wire.connect()
    events.step()
    assert wire.take() == ["printers/lib-1/issue"] * 2  # nobody acknowledged
    wire.acknowledge()
    events.step()
    assert rows(engine, EVENTS, "owed") == [(False,), (False,)]


def test_a_state_is_published_as_it_is_stored(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-1")
    put_readings(engine, 1)
    states(engine, wire).step()
    (stored,) = rows(engine, DOCUMENTS, "payload")
    assert json.loads(wire.sent[0][1]) == json.loads(stored[0])


@pytest.mark.parametrize("owed_rows", [(SNAPSHOTS, STATE_OWED), (EVENTS, EVENT_OWED)])
def test_what_is_owed_is_found_without_reading_the_whole_table(
    engine: Engine, owed_rows: tuple[Any, Any]
) -> None:
    table, condition = owed_rows
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's planner looks at the table's size, too")
    statement = str(select(table.c[0]).where(condition).compile(engine))
    with reading(engine) as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())
    assert f"INDEX {table.name}_owed" in plan


def replace_toner(engine: Engine, printer_id: str) -> None:
    shown = [make_reading(n, printer_id, level=level) for n, level in enumerate((5, 4, 100, 100, 100))]
    store(engine, received(*shown), RuleSettings(), NOON)


def test_a_replaced_supply_is_told_until_it_is_acknowledged(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-9")
    replace_toner(engine, "lib-9")
    pending = PendingEvents(engine, cast(MqttLink, wire), SUPPLY_REPLACEMENTS)
    pending.step()
    pending.step()
    ((topic, payload),) = wire.sent
    told = SupplyReplaced.model_validate_json(payload)
    assert topic == "printers/lib-9/supply_event"
    assert (told.printer_id, told.supply_index, told.old_percent, told.undone_at) == ("lib-9", "1.1", 4, None)
    wire.acknowledge()
    pending.step()
    assert rows(engine, SUPPLY_EVENTS, "owed") == [(False,)]


def test_one_that_is_undone_while_its_message_is_under_way_is_told_again(engine: Engine, wire: Wire) -> None:
    add_printers(engine, "lib-9")
    replace_toner(engine, "lib-9")
    pending = PendingEvents(engine, cast(MqttLink, wire), SUPPLY_REPLACEMENTS)
    pending.step()
    ((number,),) = rows(engine, SUPPLY_EVENTS, "id")
    with writing(engine) as connection:
        undo(connection, number, by="maya", now=NOON)
    wire.acknowledge()
    pending.step()
    first, second = (SupplyReplaced.model_validate_json(payload) for _, payload in wire.sent)
    assert (first.event_id, first.undone_at, second.event_id) == (number, None, number)
    assert second.undone_at == NOON
    wire.acknowledge()
    pending.step()
    assert rows(engine, SUPPLY_EVENTS, "owed") == [(False,)]

"""Printers out of service: until when and why, and how the fleet counts them; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from console.fleet import kind_of, read_fleet
from core.contract.errors import UserError
from core.domain.reasons import LONGEST_REASON
from core.storage.core_tables import ATTENTION, AUDIT, OUT_OF_SERVICE
from core.storage.database import reading, writing
from core.storage.fleet_states import read_states
from core.storage.inventory import read_printers, remove_printer
from core.storage.out_of_service import (
    OutOfService,
    TimeOutOfService,
    put_back_in_service,
    read_out_of_service,
    remove_ended,
    take_out_of_service,
    times_out_of_service,
    was_in_service,
)
from core.storage.tables import AttentionRow
from tests.builders import printer, put
from tests.console.small_fleet import fill

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def take_out(
    engine: Engine, printer_id: str = "jammed", until: datetime | None = None, why: str = "repair"
) -> None:
    with writing(engine) as connection:
        take_out_of_service(connection, printer_id, until=until, why=why, actor="tom", now=NOW)


def known(engine: Engine, now: datetime = NOW) -> dict[str, OutOfService]:
    with reading(engine) as connection:
        return read_out_of_service(connection, now)


def audited(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return list(connection.execute(select(AUDIT.c.action).order_by(AUDIT.c.id)).scalars())


def test_it_lasts_until_its_time_and_the_edit_of_it_keeps_since_when(engine: Engine) -> None:
    fill(engine, NOW)
    take_out(engine, until=NOW + HOUR)
    with writing(engine) as connection:
        later = NOW + timedelta(minutes=5)
        take_out_of_service(
            connection, "jammed", until=NOW + 2 * HOUR, why=" moved ", actor="maya", now=later
        )
    assert known(engine) == {"jammed": OutOfService(NOW, NOW + 2 * HOUR, "moved", "maya")}
    assert known(engine, NOW + 2 * HOUR) == {}
    assert audited(engine) == ["printer.out_of_service"] * 2


def test_without_an_end_it_lasts_until_it_is_put_back(engine: Engine) -> None:
    fill(engine, NOW)
    take_out(engine)
    assert "jammed" in known(engine, NOW + timedelta(days=400))
    with writing(engine) as connection:
        put_back_in_service(connection, "jammed", actor="maya", now=NOW + HOUR)
        put_back_in_service(connection, "jammed", actor="maya", now=NOW + HOUR)
    assert known(engine, NOW + HOUR) == {}
    assert audited(engine) == ["printer.out_of_service", "printer.in_service"]


@pytest.mark.parametrize(
    ("printer_id", "until", "why", "sentence"),
    [
        ("jammed", None, "  ", "Say why"),
        ("jammed", None, "x" * (LONGEST_REASON + 1), "may have 300 characters; this has 301"),
        ("jammed", NOW, "repair", "in the future"),
        ("nobody", None, "repair", "no such printer"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    engine: Engine, printer_id: str, until: datetime | None, why: str, sentence: str
) -> None:
    fill(engine, NOW)
    with pytest.raises(UserError, match=sentence):
        take_out(engine, printer_id, until, why)
    assert known(engine) == {}


def test_it_goes_with_the_printer(engine: Engine) -> None:
    put(engine, printer("lib"))
    take_out(engine, "lib")
    with writing(engine) as connection:
        (seen,) = read_printers(connection)
        remove_printer(connection, seen, NOW, actor="tom")
    with reading(engine) as connection:
        assert connection.execute(select(OUT_OF_SERVICE)).all() == []


def test_when_it_was_is_kept_after_it_is_over(engine: Engine) -> None:
    fill(engine, NOW)
    for printer_id, until in (("jammed", NOW + HOUR), ("old", NOW + 9 * HOUR), ("new", None)):
        take_out(engine, printer_id, until)
    with writing(engine) as connection:
        put_back_in_service(connection, "old", actor="maya", now=NOW + 2 * HOUR)
        assert remove_ended(connection, NOW + 2 * HOUR) == ["jammed", "old"]
        assert remove_ended(connection, NOW + 2 * HOUR) == []
    assert times(engine) == [
        ("jammed", NOW, NOW + HOUR),
        ("new", NOW, None),
        ("old", NOW, NOW + 2 * HOUR),
    ]
    assert times(engine, NOW + HOUR, NOW + 9 * HOUR) == [("new", NOW, None), ("old", NOW, NOW + 2 * HOUR)]
    assert times(engine, NOW - HOUR, NOW) == []


def test_a_printer_taken_out_again_before_the_processor_came_was_in_service_between(engine: Engine) -> None:
    fill(engine, NOW)
    take_out(engine)
    with writing(engine) as connection:
        put_back_in_service(connection, "jammed", actor="maya", now=NOW + HOUR)
        later = NOW + 3 * HOUR
        take_out_of_service(connection, "jammed", until=None, why="again", actor="tom", now=later)
    assert times(engine) == [("jammed", NOW, NOW + HOUR), ("jammed", NOW + 3 * HOUR, None)]
    with writing(engine) as connection:
        assert remove_ended(connection, NOW + 4 * HOUR) == []


def test_what_lasted_no_time_is_not_kept(engine: Engine) -> None:
    fill(engine, NOW)
    take_out(engine)
    with writing(engine) as connection:
        put_back_in_service(connection, "jammed", actor="tom", now=NOW - HOUR)  # the clock was set back
        assert remove_ended(connection, NOW) == ["jammed"]
    assert times(engine) == []


@pytest.mark.parametrize("until", [None, NOW + HOUR, NOW + 9 * HOUR])
def test_of_a_printer_that_is_removed_it_ends_with_that(engine: Engine, until: datetime | None) -> None:
    put(engine, printer("lib"))
    take_out(engine, "lib", until)
    with writing(engine) as connection:
        (seen,) = read_printers(connection)
        remove_printer(connection, seen, NOW + 2 * HOUR, actor="tom")
    ended = NOW + (HOUR if until == NOW + HOUR else 2 * HOUR)
    assert times(engine) == [("lib", NOW, ended)]


def test_a_flag_is_raised_in_service_up_to_the_moment_it_is_taken_out_and_from_that_it_is_back(
    engine: Engine,
) -> None:
    """While it is out, when its time is over and the processor has not come, and after that."""
    fill(engine, NOW)
    take_out(engine, until=NOW + HOUR)
    moments = [NOW - HOUR, NOW, NOW + HOUR / 2, NOW + HOUR, NOW + 2 * HOUR]
    put(
        engine,
        *(
            AttentionRow(
                printer_id=printer_id,
                code="door_open",
                subject=str(at),
                severity="critical",
                message="",
                fixer="anyone",
                since_at=at,
                evidence=[],
            )
            for printer_id in ("jammed", "old")
            for at in moments
        ),
    )
    in_service = [("jammed", at) for at in (moments[0], *moments[3:])] + [("old", at) for at in moments]
    flag = ATTENTION.c
    query = select(flag.printer_id, flag.since_at).where(
        flag.code == "door_open", was_in_service(flag.since_at, flag.printer_id)
    )
    for _ in range(2):
        with writing(engine) as connection:
            found = connection.execute(query.order_by(flag.printer_id, flag.since_at)).all()
            assert [(each.printer_id, each.since_at) for each in found] == in_service
            remove_ended(connection, NOW + HOUR)
    take_out(engine)
    with reading(engine) as connection:
        found = connection.execute(query.order_by(flag.printer_id, flag.since_at)).all()
    assert [tuple(each) for each in found] == [("jammed", moments[0]), *in_service[3:]]


def times(
    engine: Engine, since: datetime = NOW - HOUR, until: datetime = NOW + 9 * HOUR
) -> list[TimeOutOfService]:
    with reading(engine) as connection:
        return sorted(times_out_of_service(connection, since, until), key=lambda each: each[:2])


def test_the_fleet_counts_it_as_that_whatever_it_reports(engine: Engine) -> None:
    fill(engine, NOW)
    for printer_id in ("jammed", "old", "new"):
        take_out(engine, printer_id)
    with reading(engine) as connection:
        fleet = read_fleet(connection, NOW)
        states = {state.printer_id: state for state in read_states(connection, NOW)}
    assert fleet.kinds == {"out": 3, "warning": 1, "ok": 1}
    assert [kind_of(state) for state in fleet.printers] == ["warning", "out", "out", "out", "ok"]
    told = states["jammed"].as_json()["out_of_service"]
    assert told == {"since_at": NOW.isoformat(), "until_at": None, "note": "repair"}
    assert states["fine"].as_json()["out_of_service"] is None

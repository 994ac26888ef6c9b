"""What is muted raises no flag and opens no issue, as long as it is muted and about the same thing."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import Engine, select

from core.contract.errors import UserError
from core.contract.messages import Reading
from core.contract.printer_mib import COLUMN_OID
from core.runtime.settings import RuleSettings
from core.storage.core_tables import ATTENTION, ISSUES, MUTES, SNAPSHOTS
from core.storage.database import reading, writing
from core.storage.issues import NewIssue, open_issue
from core.storage.mutes import KnownMute, MuteRequest, mute_flag, read_mutes, unmute
from processor.batch.store import store
from tests.processor.making import (
    JAMMED,
    NOON,
    NOTHING_WRONG,
    add_printers,
    edit,
    make_reading,
    received,
    rows,
    state_of,
    unanswered,
)

RULES: Final = RuleSettings(unreachable_after=2)
HOUR: Final = timedelta(hours=1)
EMPTY: Final = 0
LOW: Final = 10


def read(engine: Engine, *readings: Reading, now: datetime = NOON) -> list[tuple[str, str]]:
    """Store readings, and return the flags that the printer has then."""
    store(engine, received(*readings), RULES, now)
    return [(flag.code, flag.subject) for flag in state_of(engine).attention]


def mute(
    engine: Engine, code: str, subject: str = "1.1", *, whole: bool = False, until: datetime | None = None
) -> KnownMute:
    asked = MuteRequest("lib-1", code, subject, "there is no such toner", until, whole)
    with writing(engine) as connection:
        return mute_flag(connection, asked, actor="tom", now=NOON)


def lives(engine: Engine) -> list[tuple[str, str]]:
    """Code and outcome of the flags that have ended."""
    with reading(engine) as connection:
        ended = select(ATTENTION.c.code, ATTENTION.c.outcome).where(ATTENTION.c.cleared_at.is_not(None))
        return [(row.code, row.outcome) for row in connection.execute(ended.order_by(ATTENTION.c.id))]


def issues(engine: Engine) -> list[Any]:
    return rows(engine, ISSUES, "attention_code", "status")


@pytest.fixture(autouse=True)
def printers(engine: Engine) -> None:
    add_printers(engine, "lib-1", "lib-2")


def test_a_muted_supply_has_no_flag_whatever_its_level_and_its_issue_is_closed(engine: Engine) -> None:
    assert read(engine, *(make_reading(n, level=EMPTY) for n in (0, 1, 2))) == [("supply_empty", "1.1")]
    assert issues(engine) == [("supply_empty", "open")]
    mute(engine, "supply_empty", whole=True)
    assert read(engine, make_reading(3, level=EMPTY)) == []
    assert lives(engine) == [("supply_empty", "muted")]
    assert issues(engine) == [("supply_empty", "closed")]
    assert read(engine, make_reading(4, level=LOW), make_reading(5, level=EMPTY)) == []
    assert issues(engine) == [("supply_empty", "closed")]
    state = state_of(engine)
    assert (state.severity, state.supplies[0].level_percent) == (None, 0)
    assert rows(engine, SNAPSHOTS, "lowest_supply_percent") == [(None,)]


def test_a_reading_that_says_the_same_is_judged_once_something_is_muted_or_unmuted(engine: Engine) -> None:
    same = [make_reading(n, level=LOW, pages=1000) for n in range(9)]
    assert read(engine, *same[:4]) == [("supply_low", "1.1")]
    known = mute(engine, "supply_low")
    assert read(engine, same[4]) == []
    assert read(engine, same[5], same[6]) == []
    with writing(engine) as connection:
        unmute(connection, known, actor="maya", now=NOON)
    assert read(engine, same[7]) == [("supply_low", "1.1")]


def test_one_muted_condition_leaves_the_graver_one_of_the_same_part(engine: Engine) -> None:
    read(engine, make_reading(0, level=LOW))
    mute(engine, "supply_low")
    assert read(engine, make_reading(1, level=LOW)) == []
    assert read(engine, make_reading(2, level=EMPTY)) == [("supply_empty", "1.1")]


def test_a_mute_ends_by_itself(engine: Engine) -> None:
    read(engine, make_reading(0, level=LOW))
    mute(engine, "supply_low", until=NOON + HOUR)
    assert read(engine, make_reading(1, level=LOW)) == []
    assert read(engine, make_reading(2, level=LOW), now=NOON + HOUR) == [("supply_low", "1.1")]


def test_a_mute_is_of_one_printer(engine: Engine) -> None:
    read(engine, make_reading(0, level=LOW))
    mute(engine, "supply_low")
    store(engine, received(make_reading(0, "lib-2", level=LOW)), RULES, NOON)
    assert [flag.code for flag in state_of(engine, "lib-2").attention] == ["supply_low"]


def test_what_was_muted_while_the_printer_does_not_answer_stays_away_when_it_does(engine: Engine) -> None:
    read(engine, make_reading(0, level=LOW))
    mute(engine, "supply_low")
    assert read(engine, *(unanswered(n) for n in (1, 2))) == [("unreachable", "")]
    assert read(engine, make_reading(3, level=LOW)) == []


def alerts(number: int, code: int, group: int, **words_by_row: str) -> Reading:
    """A reading with unspecific alerts of these words, `row_7="Fuser ages"`."""
    varbinds = {**make_reading(number).varbinds}
    for row, words in words_by_row.items():
        alert: dict[str, int | str] = {
            "prtAlertSeverityLevel": 4,
            "prtAlertGroup": group,
            "prtAlertCode": code,
            "prtAlertDescription": words.encode().hex(),
        }
        index = row.removeprefix("row_")
        varbinds |= {f"{COLUMN_OID[name]}.1.{index}": value for name, value in alert.items()}
    return make_reading(number, varbinds=varbinds)


def test_a_mute_of_what_names_no_part_is_of_what_it_says_in_whichever_row(engine: Engine) -> None:
    assert read(engine, alerts(0, 1, 1, row_7="Fuser ages")) == [("alert_warning", "1.7")]
    mute(engine, "alert_warning", "1.7")
    assert read(engine, alerts(1, 1, 1, row_8="Fuser ages")) == []
    assert read(engine, alerts(2, 1, 1, row_9="Scanner ages")) == [("alert_warning", "1.9")]


@pytest.mark.parametrize(("code", "group"), [(8, 1), (10, 9)], ids=["jam", "maintenance"])
def test_a_mute_of_several_reports_lasts_while_they_change_places_and_end(
    code: int, group: int, engine: Engine
) -> None:
    (key,) = read(engine, alerts(0, code, group, row_7="Path one", row_8="Path two"))
    mute(engine, *key)
    assert read(engine, alerts(1, code, group, row_8="Path two", row_9="Path one")) == []
    assert read(engine, alerts(2, code, group, row_9="Path one")) == []
    assert read(engine, alerts(3, code, group, row_9="Path one", row_10="Path three")) == [key]


def test_a_mute_follows_its_supply_to_another_row(engine: Engine) -> None:
    read(engine, make_reading(0, level=LOW))
    mute(engine, "supply_low")
    renumbered = {
        oid.removesuffix(".1.1") + ".1.4" if oid.startswith("1.3.6.1.2.1.43.11.1") else oid: value
        for oid, value in make_reading(1, level=LOW).varbinds.items()
    }
    assert read(engine, make_reading(1, varbinds=renumbered)) == []
    assert rows(engine, MUTES, "subject") == [("1.4",)]
    assert read(engine, make_reading(2, varbinds=renumbered)) == []


def test_a_mute_goes_with_its_device(engine: Engine) -> None:
    serial = f"{COLUMN_OID['prtGeneralSerialNumber']}.1"

    def of(number: int, device: str) -> Reading:
        plain = make_reading(number, level=LOW)
        return make_reading(number, varbinds={**plain.varbinds, serial: device.encode().hex()})

    read(engine, of(0, "SN11111"))
    mute(engine, "supply_low")
    assert read(engine, of(1, "SN11111")) == []
    flags = read(engine, of(2, "SN22222"), of(3, "SN22222"))
    assert ("supply_low", "1.1") in flags
    assert rows(engine, MUTES, "subject") == []


def test_a_persons_report_of_what_is_muted_stays_theirs(engine: Engine) -> None:
    read(engine, make_reading(0, bits=JAMMED))
    with writing(engine) as connection:
        new = NewIssue("lib-1", "It jams", category="jam", attention_code="jam")
        open_issue(connection, new, actor="ada", now=NOON)
    mute(engine, "jam", "")
    assert read(engine, make_reading(1, bits=JAMMED)) == []
    assert read(engine, *(make_reading(n, bits=NOTHING_WRONG) for n in (2, 3))) == []
    assert issues(engine) == [("jam", "open")]


def test_muted_twice_is_one_mute_with_the_later_reason_and_end(engine: Engine) -> None:
    read(engine, make_reading(0, level=LOW))
    first = mute(engine, "supply_low")
    again = mute(engine, "supply_low", until=NOON + HOUR)
    assert again.mute == first.mute
    with reading(engine) as connection:
        assert read_mutes(connection, NOON) == {"lib-1": (again,)}
        assert read_mutes(connection, NOON + HOUR) == {}


def test_what_cannot_be_muted_is_refused_in_a_sentence(engine: Engine) -> None:
    read(engine, make_reading(0, level=LOW), unanswered(1), unanswered(2))
    with pytest.raises(UserError, match="taken out of service"):
        mute(engine, "unreachable", "")
    with pytest.raises(UserError, match="nothing to mute"):
        mute(engine, "supply_empty")
    with pytest.raises(UserError, match="in the future"):
        mute(engine, "supply_low", until=NOON)
    edit(engine, "DELETE FROM printers WHERE printer_id = 'lib-1'")
    with pytest.raises(UserError, match="no such printer"):
        mute(engine, "supply_low")

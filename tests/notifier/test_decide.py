"""What is told in time: once, together where it belongs together, and nothing that somebody knows of."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runtime.mail_settings import NotifySettings
from notifier.notices.decide import Decision, NoticeCondition, Rules, decide
from tests.notifier.making import NOON, minutes

SIZES = {"main": 40, "annex": 8}


def rules(**values: Any) -> Rules:
    return Rules.of(NotifySettings(**values))


def condition(number: int = 1, **values: Any) -> NoticeCondition:
    """A critical one that has lasted for five minutes at noon."""
    base: dict[str, Any] = {
        "attention_id": number,
        "printer_id": f"p{number}",
        "printer": f"Printer {number}",
        "location": "Library",
        "site": "main",
        "code": "jam",
        "severity": "critical",
        "message": "Paper is jammed.",
        "since_at": NOON - minutes(5),
    }
    return NoticeCondition(**(base | values))


def silent(number: int, **values: Any) -> NoticeCondition:
    """A printer of the annex that has just stopped answering."""
    return condition(number, **({"code": "unreachable", "site": "annex", "since_at": NOON} | values))


def told(one: NoticeCondition, how: str = "single", at: datetime = NOON, **values: Any) -> NoticeCondition:
    return replace(one, how=how, noticed_at=at, last_told_at=at, **values)


def kinds(decision: Decision) -> list[tuple[str, list[int]]]:
    return [(message.kind, [one.attention_id for one in message.conditions]) for message in decision.messages]


def at_noon(*conditions: NoticeCondition, **values: Any) -> list[tuple[str, list[int]]]:
    return kinds(decide(conditions, SIZES, rules(**values), NOON))


def test_a_critical_condition_is_told_once_it_has_lasted() -> None:
    assert at_noon(condition()) == [("notice", [1])]
    assert at_noon(condition(since_at=NOON - timedelta(seconds=59))) == []


@pytest.mark.parametrize(
    "values",
    [
        {"severity": "warning"},
        {"quiet": True},
        {"cleared_at": NOON},
        {"how": "single", "noticed_at": NOON},
        {"last_told_at": NOON - minutes(59)},
    ],
)
def test_nothing_is_said_of_what_is_slight_known_over_or_told(values: dict[str, Any]) -> None:
    assert at_noon(condition(**values)) == []


def test_the_severity_is_a_setting() -> None:
    assert at_noon(condition(severity="warning"), notify_severity="warning") == [("notice", [1])]


@pytest.mark.parametrize(
    ("places", "count"), [("library", 1), ("Lib*, annex", 1), ("main", 1), ("annex", 0), ("", 1)]
)
def test_locations_and_sites_can_be_chosen(places: str, count: int) -> None:
    assert len(at_noon(condition(), notify_locations=places)) == count


def test_the_same_condition_is_told_again_after_the_cooldown() -> None:
    assert at_noon(condition(last_told_at=NOON - minutes(60))) == [("notice", [1])]


def test_many_at_once_are_one_message_also_those_that_have_not_waited() -> None:
    fresh = [condition(n, since_at=NOON) for n in range(2, 7)]
    assert at_noon(condition(1), *fresh) == [("digest", [1, 2, 3, 4, 5, 6])]
    assert at_noon(condition(1), condition(2)) == [("notice", [1]), ("notice", [2])]


def test_what_is_old_when_first_seen_is_told_in_a_digest() -> None:
    assert at_noon(condition(1, since_at=NOON - minutes(30))) == [("digest", [1])]


def test_a_printer_that_stops_answering_waits_for_its_neighbors() -> None:
    lonely = silent(1, since_at=NOON - minutes(4), interval=minutes(5))
    assert at_noon(lonely) == []
    assert kinds(decide([lonely], SIZES, rules(), NOON + minutes(1))) == [("notice", [1])]


def test_a_site_that_goes_dark_is_one_message() -> None:
    assert at_noon(*(silent(n) for n in range(1, 8))) == [("site_dark", [1, 2, 3, 4, 5, 6, 7])]


def test_a_few_silent_printers_of_a_large_site_do_not_make_it_dark() -> None:
    some = [silent(n, site="main", since_at=NOON - minutes(20)) for n in range(1, 8)]
    assert at_noon(*some) == [("digest", [1, 2, 3, 4, 5, 6, 7])]


def test_more_printers_of_a_dark_site_are_absorbed_without_a_word() -> None:
    dark = [told(silent(n), "collapsed") for n in range(1, 6)]
    decision = decide([*dark, silent(6), silent(7)], SIZES, rules(), NOON)
    assert decision.messages == ()
    assert [one.attention_id for one in decision.absorbed] == [6, 7]


def test_a_dark_site_that_answers_again_is_one_message_and_names_who_does_not() -> None:
    dark = [told(silent(n, cleared_at=NOON if n > 2 else None), "collapsed") for n in range(1, 8)]
    decision = decide(dark, SIZES, rules(), NOON)
    assert kinds(decision) == [("site_back", [3, 4, 5, 6, 7])]
    assert [one.attention_id for one in decision.messages[0].still_dark] == [1, 2]
    assert [one.attention_id for one in decision.ended] == [3, 4, 5, 6, 7]
    assert decision.released == decision.messages[0].still_dark


def test_a_site_is_released_from_the_dark_also_where_nobody_wants_to_know() -> None:
    dark = [told(silent(n, cleared_at=NOON if n > 1 else None), "collapsed") for n in range(1, 8)]
    decision = decide(dark, SIZES, rules(notify_resolved=False), NOON)
    assert (decision.messages, len(decision.ended), len(decision.released)) == ((), 6, 1)


def test_what_was_told_is_told_to_be_over_when_it_has_been_so_for_a_moment() -> None:
    over = told(condition(cleared_at=NOON - minutes(1)))
    assert at_noon(over) == [("resolved_notice", [1])]
    assert at_noon(replace(over, cleared_at=NOON)) == []
    assert at_noon(over, notify_resolved=False) == []


def test_many_that_are_over_are_one_message() -> None:
    over = [told(condition(n, cleared_at=NOON - minutes(2))) for n in range(1, 6)]
    assert at_noon(*over) == [("resolved_notice", [1, 2, 3, 4, 5])]


def test_nobodys_critical_conditions_are_escalated_together_once() -> None:
    long_ago = NOON - minutes(60)
    two = [told(condition(n), at=long_ago) for n in (1, 2)]
    assert at_noon(*two) == [("escalation", [1, 2])]
    assert at_noon(replace(two[0], escalated_at=NOON)) == []
    assert at_noon(*two, notify_escalate_minutes=0) == []
    assert at_noon(told(condition(), at=NOON - minutes(59))) == []


@pytest.mark.parametrize(
    "values", [{"taken": True}, {"quiet": True}, {"severity": "warning"}, {"cleared_at": NOON}]
)
def test_what_somebody_has_is_not_escalated(values: dict[str, Any]) -> None:
    assert at_noon(told(condition(**values), at=NOON - minutes(120))) == []


def test_quiet_hours_are_local() -> None:
    quiet = rules(notify_quiet_hours="11:00-13:30")
    assert quiet.is_quiet(NOON, ZoneInfo("UTC"))
    assert not quiet.is_quiet(NOON, ZoneInfo("Asia/Tokyo"))
    assert not rules().is_quiet(NOON, ZoneInfo("UTC"))


STEPS = st.lists(
    st.tuples(st.integers(1, 8), st.sampled_from(["up", "down", "wait"])), min_size=1, max_size=40
)


@given(STEPS)
def test_whatever_comes_and_goes_nothing_is_told_twice_within_the_cooldown(
    steps: list[tuple[int, str]],
) -> None:
    known: dict[int, NoticeCondition] = {}
    said: list[tuple[int, datetime]] = []
    now, lives = NOON, 0
    for number, deed in steps:
        now += minutes(4)
        current = known.get(number)
        if deed == "up" and (current is None or current.cleared_at):
            lives += 1
            before = current.last_told_at if current else None
            changes = {"attention_id": lives, "printer_id": f"p{number}", "last_told_at": before}
            known[number] = silent(number, **({"since_at": now} | changes))
        elif deed == "down" and current is not None and not current.cleared_at:
            known[number] = replace(current, cleared_at=now)
        decision = decide([*known.values()], SIZES, rules(), now)
        for message in decision.messages:
            if message.kind in ("notice", "digest", "site_dark"):
                said += [(int(one.printer_id[1:]), now) for one in message.conditions]
        known = {key: _after(one, decision, now) for key, one in known.items()}
    for number in range(1, 9):
        times = [at for printer, at in said if printer == number]
        assert all(after - before >= minutes(60) for before, after in pairwise(times))


def _after(one: NoticeCondition, decision: Decision, now: datetime) -> NoticeCondition:
    """As notice_rows.remember would leave it."""
    for message in decision.messages:
        if one in message.conditions and message.kind == "escalation":
            one = replace(one, escalated_at=now)
        elif one in message.conditions and message.kind not in ("resolved_notice", "site_back"):
            return told(one, message.how, now)
    if one in decision.absorbed:
        return told(one, "collapsed", now)
    if one in decision.released:
        return replace(one, how="digest")
    return replace(one, how="", noticed_at=None) if one in decision.ended else one

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
from notifier.notices.decide import Decision, NoticeCondition, NoticeOutage, Rules, decide
from tests.notifier.making import NOON, minutes

OUTAGE = NoticeOutage(7, "Site annex: 7 of 8 printers do not answer", "Site annex", NOON - minutes(5), 12)
OUTAGES = {7: OUTAGE}


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
    """A printer of the annex that has just stopped answering; by itself unless an outage is named."""
    return condition(number, **({"code": "unreachable", "site": "annex", "since_at": NOON} | values))


def told(one: NoticeCondition, how: str = "single", at: datetime = NOON, **values: Any) -> NoticeCondition:
    return replace(one, how=how, noticed_at=at, last_told_at=at, **values)


def kinds(decision: Decision) -> list[tuple[str, list[int]]]:
    return [(message.kind, [one.attention_id for one in message.conditions]) for message in decision.messages]


def at_noon(*conditions: NoticeCondition, **values: Any) -> list[tuple[str, list[int]]]:
    return kinds(decide(conditions, OUTAGES, rules(**values), NOON))


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


def test_a_digest_names_the_printers_first_that_are_worst_off() -> None:
    some = (
        condition(1, severity="warning"),
        condition(2, severity="warning", printer_id="dead"),
        condition(3),
        condition(4, printer_id="dead"),
        condition(5, severity="warning"),
    )
    assert at_noon(*some, notify_severity="warning") == [("digest", [3, 4, 2, 1, 5])]


def test_what_is_old_when_first_seen_is_told_in_a_digest() -> None:
    assert at_noon(condition(1, since_at=NOON - minutes(30))) == [("digest", [1])]


def test_a_printer_that_stops_answering_waits_for_its_neighbors() -> None:
    lonely = silent(1, since_at=NOON - minutes(4), interval=minutes(5))
    assert at_noon(lonely) == []
    assert kinds(decide([lonely], {}, rules(), NOON + minutes(1))) == [("notice", [1])]


def test_an_outage_is_one_message() -> None:
    assert at_noon(*(silent(n, outage=7) for n in range(1, 8))) == [("outage", [1, 2, 3, 4, 5, 6, 7])]


def test_an_outage_is_told_when_all_of_its_printers_have_been_asked() -> None:
    just_begun = {7: replace(OUTAGE, began_at=NOON)}
    printers = [silent(n, outage=7, interval=minutes(5), since_at=NOON - minutes(9)) for n in range(1, 8)]
    assert kinds(decide(printers, just_begun, rules(), NOON + minutes(4))) == []
    assert [kind for kind, _ in kinds(decide(printers, just_begun, rules(), NOON + minutes(5)))] == ["outage"]


def test_silent_printers_that_are_no_outage_are_told_like_others() -> None:
    some = [silent(n, site="main", since_at=NOON - minutes(20)) for n in range(1, 8)]
    assert at_noon(*some) == [("digest", [1, 2, 3, 4, 5, 6, 7])]


def test_more_printers_of_an_outage_are_suppressed_without_a_word() -> None:
    dark = [told(silent(n, outage=7, told_outage=7), "collapsed") for n in range(1, 6)]
    decision = decide([*dark, silent(6, outage=7), silent(7, outage=7)], OUTAGES, rules(), NOON)
    assert decision.messages == ()
    assert [one.attention_id for one in decision.suppressed] == [6, 7]


def collapsed(*answering: int) -> list[NoticeCondition]:
    """Seven printers that were told of as an outage, of which these answer again."""
    return [
        told(silent(n, told_outage=7, cleared_at=NOON if n in answering else None), "collapsed")
        for n in range(1, 8)
    ]


def test_an_outage_that_is_over_is_one_message_and_names_who_does_not_answer() -> None:
    assert decide(collapsed(3, 4, 5), OUTAGES, rules(), NOON).messages == ()
    decision = decide(collapsed(3, 4, 5, 6, 7), {7: replace(OUTAGE, ended=True)}, rules(), NOON)
    assert kinds(decision) == [("outage_over", [3, 4, 5, 6, 7])]
    assert [one.attention_id for one in decision.messages[0].still_silent] == [1, 2]
    assert [one.attention_id for one in decision.ended] == [3, 4, 5, 6, 7]
    assert decision.unsuppressed == decision.messages[0].still_silent


def test_the_end_of_an_outage_is_not_told_whose_printers_are_all_out_of_service() -> None:
    over = {7: replace(OUTAGE, ended=True)}
    quiet = [replace(one, out_of_service=True) for one in collapsed(3, 4, 5, 6, 7)]
    decision = decide(quiet, over, rules(), NOON)
    assert decision.messages == ()
    assert [one.attention_id for one in decision.ended] == [3, 4, 5, 6, 7], "and not later either"
    one_in_service = [*quiet[:6], replace(quiet[6], out_of_service=False)]
    assert kinds(decide(one_in_service, over, rules(), NOON)) == [("outage_over", [3, 4, 5, 6, 7])]


def test_printers_go_on_alone_after_an_outage_also_where_nobody_wants_to_know() -> None:
    over = {7: replace(OUTAGE, ended=True)}
    decision = decide(collapsed(2, 3, 4, 5, 6, 7), over, rules(notify_resolved=False), NOON)
    assert (decision.messages, len(decision.ended), len(decision.unsuppressed)) == ((), 6, 1)


def test_what_was_told_is_told_to_be_over_when_it_has_been_so_for_a_moment() -> None:
    over = told(condition(cleared_at=NOON - minutes(1)))
    assert at_noon(over) == [("resolved_notice", [1])]
    assert at_noon(replace(over, cleared_at=NOON)) == []
    assert at_noon(over, notify_resolved=False) == []


def test_of_a_printer_that_does_not_answer_nothing_else_is_told_to_be_over() -> None:
    hidden = told(condition(1), at=NOON - minutes(30), cleared_at=NOON - minutes(10))
    away = told(silent(2, printer_id="p1", since_at=NOON - minutes(10)), at=NOON - minutes(9))
    assert not decide((hidden, away), OUTAGES, rules(), NOON)
    back = replace(away, cleared_at=NOON - minutes(7))
    assert at_noon(hidden, back) == [("resolved_notice", [1]), ("resolved_notice", [2])]
    # Where it is still so when the printer answers, the flag goes on as the same one.
    assert at_noon(replace(hidden, cleared_at=None), back) == [("resolved_notice", [2])]


def test_what_was_low_and_is_empty_now_is_not_told_to_be_over() -> None:
    low = told(condition(1, severity="warning", subject="1.1"), cleared_at=NOON - minutes(5))
    empty = condition(2, printer_id="p1", subject="1.1")
    told_empty = told(empty)
    decision = decide((low, told_empty), OUTAGES, rules(notify_severity="warning"), NOON)
    assert kinds(decision) == []
    assert decision.ended == (low,)
    other = replace(told_empty, subject="1.2")
    assert at_noon(low, other, notify_severity="warning") == [("resolved_notice", [1])]


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
    "values", [{"claimed": True}, {"quiet": True}, {"severity": "warning"}, {"cleared_at": NOON}]
)
def test_what_somebody_has_is_not_escalated(values: dict[str, Any]) -> None:
    assert at_noon(told(condition(**values), at=NOON - minutes(120))) == []


def test_quiet_hours_are_local() -> None:
    quiet = rules(notify_quiet_hours="11:00-13:30")
    assert quiet.is_quiet_hour(NOON, ZoneInfo("UTC"))
    assert not quiet.is_quiet_hour(NOON, ZoneInfo("Asia/Tokyo"))
    assert not rules().is_quiet_hour(NOON, ZoneInfo("UTC"))


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
        silent_now = [one for one in known.values() if not one.cleared_at]
        outage = 7 if len(silent_now) > 4 else None  # as the processor would have found it
        known = {key: replace(one, outage=None if one.cleared_at else outage) for key, one in known.items()}
        outages = {7: replace(OUTAGE, ended=outage is None)}
        decision = decide([*known.values()], outages, rules(), now)
        for message in decision.messages:
            if message.kind in ("notice", "digest", "outage"):
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
        elif one in message.conditions and message.kind not in ("resolved_notice", "outage_over"):
            return told(one, message.how, now, told_outage=one.outage)
    if one in decision.suppressed:
        return told(one, "collapsed", now, told_outage=one.outage)
    if one in decision.unsuppressed:
        return replace(one, how="digest")
    return replace(one, how="", noticed_at=None) if one in decision.ended else one

"""How often printers stop: what is one stoppage, which rate is sure, who stands out. Properties, mostly."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.conditions import DOOR_OPEN, JAM, OUTPUT_FULL, SERVICE_REQUESTED
from core.storage.out_of_service import TimeOutOfService
from dashboard.features.reports.paper_outs import by_hour, empty_printers
from dashboard.features.stoppages.rates import (
    PER_PAGES,
    StopCount,
    Trend,
    lowest_rate,
    median_rate,
    together,
    trend,
    without,
)
from dashboard.features.stoppages.scorecard import PrinterRecord, Scorecard, make_scorecard
from dashboard.features.stoppages.stoppages import TOGETHER, RaisedFlag, Stoppage, stoppages_of

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
NOW = BEGIN + timedelta(days=30)

STOPS = st.integers(0, 400)
PAGES = st.integers(1, 2_000_000)
USUAL = st.floats(0.01, 100)
FLAGS = st.lists(
    st.tuples(
        st.sampled_from(["p1", "p2"]),
        st.sampled_from([JAM, DOOR_OPEN, SERVICE_REQUESTED]),
        st.integers(0, 600),
        st.one_of(st.none(), st.integers(0, 90)),
    ),
    max_size=25,
)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def flag(code: str, began: float, lasted: float | None = 1, printer_id: str = "p1") -> RaisedFlag:
    cleared_at = None if lasted is None else at(began + lasted)
    return RaisedFlag(printer_id, code, at(began), cleared_at, f"{code} at {began}")


def stopped(printer_id: str, times: int, code: str = JAM) -> list[Stoppage]:
    return [
        Stoppage(printer_id, code, at(60 * number), at(60 * number + 30), code) for number in range(times)
    ]


# What is one stoppage


def test_a_jam_that_is_cleared_in_steps_is_one_stoppage_and_the_jam_its_cause() -> None:
    steps = [flag(DOOR_OPEN, 0, 2), flag(JAM, 3, 4), flag(DOOR_OPEN, 5, 6), flag(OUTPUT_FULL, 60, 1)]
    first, second = stoppages_of(steps)
    assert (first.cause, first.words, first.began_at, first.ended_at) == (JAM, "jam at 3", at(0), at(11))
    assert second.cause == OUTPUT_FULL


def test_flags_of_two_printers_are_never_one_stoppage() -> None:
    assert len(stoppages_of([flag(JAM, 0), flag(JAM, 0, printer_id="p2")])) == 2


def test_a_flag_that_stays_for_days_hides_no_jam() -> None:
    day = 24 * 60
    asks = flag(SERVICE_REQUESTED, 0, None)
    jams = [flag(JAM, day * number) for number in range(1, 6)]
    assert [each.cause for each in stoppages_of([asks, *jams])] == [SERVICE_REQUESTED, *[JAM] * 5]
    within = flag(JAM, day - 1)
    assert [each.cause for each in stoppages_of([asks, within])] == [SERVICE_REQUESTED]


def test_what_is_not_over_lasts_until_now() -> None:
    (lasting,) = stoppages_of([flag(JAM, 0, 5), flag(DOOR_OPEN, 2, None), flag(JAM, 500, 1)])
    assert lasting.ended_at is None
    assert lasting.seconds(at(600)) == 36_000


def test_hours_stopped_leave_out_the_time_out_of_service() -> None:
    def out(begin: float, end: float | None, printer_id: str = "p1") -> TimeOutOfService:
        return TimeOutOfService(printer_id, at(begin), None if end is None else at(end))

    def minutes(*times: TimeOutOfService, lasts: float | None = 100) -> float:
        (found,) = stoppages_of([flag(JAM, 100, lasts)], times)
        return found.seconds(at(1_000)) / 60

    assert minutes() == 100
    assert minutes(out(120, 150), out(0, 400, "p2")) == 70
    assert minutes(out(190, 300), out(0, 110)) == 80
    assert minutes(out(0, 50), out(250, None)) == 100
    assert minutes(out(120, 160), out(140, 180), out(130, 135)) == 40
    assert minutes(out(110, None)) == 10
    assert minutes(out(150, 400), lasts=None) == 650
    assert minutes(out(150, None), lasts=None) == 50
    assert minutes(out(50, 300)) == 0


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), max_size=6),
    st.integers(0, 300),
    st.integers(1, 300),
)
def test_hours_stopped_are_those_minutes_of_a_stop_that_are_in_service(
    outs: list[tuple[int, int]], began: int, lasted: int
) -> None:
    times = [TimeOutOfService("p1", at(begin), at(begin + length)) for begin, length in outs]
    (found,) = stoppages_of([flag(JAM, began, lasted)], times)
    out = {minute for begin, length in outs for minute in range(begin, begin + length)}
    assert found.seconds(NOW) == 60 * len(set(range(began, began + lasted)) - out)


def test_a_flag_that_was_cleared_before_it_was_raised_lasted_no_time() -> None:
    (set_back,) = stoppages_of([flag(JAM, 10, -5)])
    assert set_back.seconds(NOW) == 0


@given(FLAGS, st.integers())
def test_stoppages_are_apart_and_cover_all_their_flags_in_whatever_order_these_come(
    given_flags: list[tuple[str, str, int, int | None]], seed: int
) -> None:
    flags = [flag(code, began, lasted, printer_id) for printer_id, code, began, lasted in given_flags]
    found = stoppages_of(flags)
    shuffled = list(flags)
    Random(seed).shuffle(shuffled)
    assert [(each.began_at, each.ended_at, each.cause) for each in stoppages_of(shuffled)] == [
        (each.began_at, each.ended_at, each.cause) for each in found
    ]
    for before, after in pairwise(found):
        if before.printer_id == after.printer_id:
            assert before.ended_at is not None
            assert after.began_at - before.ended_at > TOGETHER
    for each in flags:
        over = [
            stoppage
            for stoppage in found
            if stoppage.printer_id == each.printer_id
            and stoppage.began_at <= each.since_at
            and (stoppage.ended_at is None or (each.cleared_at or NOW) <= stoppage.ended_at)
        ]
        assert len(over) == 1


# Which rate is sure


def _tail(shape: int, rate: float, above: float) -> float:
    """How probable a gamma variable of whole shape is above a value: fewer than `shape` Poisson events."""
    expected = rate * above
    return sum(math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) for k in range(shape))


@given(STOPS, PAGES, USUAL)
def test_the_lowest_rate_holds_with_95_percent(stops: int, pages: int, usual: float) -> None:
    lowest = lowest_rate(StopCount(stops, pages), usual)
    assert lowest is not None
    assert 0.935 < _tail(stops + 1, pages / PER_PAGES + 1 / usual, lowest) < 0.965


@given(STOPS, PAGES, USUAL)
def test_more_stops_raise_it_and_more_pages_lower_it(stops: int, pages: int, usual: float) -> None:
    lowest = lowest_rate(StopCount(stops, pages), usual)
    more, longer = (
        lowest_rate(StopCount(stops + 1, pages), usual),
        lowest_rate(StopCount(stops, 2 * pages), usual),
    )
    assert lowest is not None
    assert more is not None
    assert longer is not None
    assert longer < lowest < more


@given(st.integers(5, 100), USUAL)
def test_with_many_pages_it_comes_close_to_the_printers_own_rate(rate: int, usual: float) -> None:
    own = StopCount(rate * 10_000, PER_PAGES * 10_000)
    lowest = lowest_rate(own, usual)
    assert lowest is not None
    assert own.rate is not None
    assert 0.97 * own.rate < lowest < own.rate * 1.01


@given(st.integers(1, 200), st.floats(0.1, 5))
def test_one_jam_on_few_pages_never_leads_twelve_on_many(pages: int, usual: float) -> None:
    few, many = lowest_rate(StopCount(1, pages), usual), lowest_rate(StopCount(12, 15_000), usual)
    assert few is not None
    assert many is not None
    assert few < many


def test_without_pages_or_anything_to_compare_with_nothing_is_said() -> None:
    assert lowest_rate(StopCount(3, None), 1.0) is None
    assert lowest_rate(StopCount(3, 100), None) is None
    assert lowest_rate(StopCount(0, 100), 0.0) is None
    assert StopCount(3, 0).rate is None
    assert StopCount(3, None).rate is None


@given(st.integers(0, 300), PAGES, st.integers(0, 300), PAGES)
def test_a_trend_is_the_contrary_seen_from_the_other_side(one: int, pages: int, two: int, other: int) -> None:
    contrary = {Trend.RISING: Trend.FALLING, Trend.FALLING: Trend.RISING, Trend.STEADY: Trend.STEADY}
    seen, back = (
        trend(StopCount(one, pages), StopCount(two, other)),
        trend(StopCount(two, other), StopCount(one, pages)),
    )
    assert seen is not None
    assert back == contrary[seen]


@pytest.mark.parametrize(
    ("own", "before", "says"),
    [
        (StopCount(12, 10_000), StopCount(2, 10_000), Trend.RISING),
        (StopCount(2, 10_000), StopCount(12, 10_000), Trend.FALLING),
        (StopCount(3, 10_000), StopCount(1, 10_000), Trend.STEADY),
        (StopCount(12, 60_000), StopCount(2, 10_000), Trend.STEADY),
        (StopCount(0, 10_000), StopCount(0, 10_000), Trend.STEADY),
        (StopCount(12, 10_000), StopCount(2, None), None),
        (StopCount(12, 0), StopCount(2, 10_000), None),
    ],
)
def test_a_trend_is_more_than_chance(own: StopCount, before: StopCount, says: Trend | None) -> None:
    assert trend(own, before) == says


def test_by_mere_chance_few_trends_are_seen() -> None:
    random = Random(1)
    draws = [[sum(random.random() < 0.02 for _ in range(500)) for _ in range(2)] for _ in range(400)]
    seen = [trend(StopCount(one, 5_000), StopCount(two, 5_000)) for one, two in draws]
    assert sum(each != Trend.STEADY for each in seen) <= 0.05 * len(seen)


@given(st.lists(st.tuples(STOPS, st.one_of(st.none(), PAGES)), max_size=20))
def test_a_sum_without_one_is_the_sum_of_the_others(given_counts: list[tuple[int, int | None]]) -> None:
    counted = [StopCount(*each) for each in given_counts]
    whole = together(counted)
    for place, each in enumerate(counted):
        others, left = together(counted[:place] + counted[place + 1 :]), without(whole, each)
        assert (left.stops, left.pages or 0) == (others.stops, others.pages or 0)


def test_the_median_is_of_those_with_pages() -> None:
    counted = [
        StopCount(1, 10_000),
        StopCount(3, 10_000),
        StopCount(8, 10_000),
        StopCount(9, None),
        StopCount(9, 0),
    ]
    assert median_rate(counted) == 3
    assert median_rate([StopCount(1, None)]) is None


# Who stands out


def scorecard(stops: Mapping[str, int], pages: Mapping[str, int | None], **models: str) -> Scorecard:
    records = {name: PrinterRecord(models.get(name, "M"), many, None) for name, many in pages.items()}
    found = [each for name, times in stops.items() for each in stopped(name, times)]
    return make_scorecard(found, [], records, 30, NOW)


FLEET: dict[str, int | None] = {f"p{number}": 10_000 for number in range(20)}


def test_a_printer_that_stops_far_more_often_stands_out_and_one_with_few_pages_does_not() -> None:
    ones = dict.fromkeys(FLEET, 1)
    card = scorecard({**ones, "bad": 12, "new": 1}, {**FLEET, "bad": 15_000, "new": 30})
    assert card.worst_first()[0].printer_id == "bad"
    assert [each.printer_id for each in card.chronic()] == ["bad"]
    assert card.scores["new"].own.rate == pytest.approx(333.3, abs=0.1)


def test_a_fleet_that_is_alike_has_nobody_who_stands_out() -> None:
    assert scorecard(dict.fromkeys(FLEET, 8), FLEET).chronic() == []
    assert scorecard({"p1": 9}, {"p1": 10_000}).chronic() == [], "a lone printer has nobody beside it"
    assert scorecard({}, FLEET).worst_first() == []


def test_three_stops_are_nobodys_reason_to_call_the_vendor() -> None:
    assert scorecard({"p1": 3}, FLEET).chronic() == []
    assert [each.printer_id for each in scorecard({"p1": 4}, FLEET).chronic()] == ["p1"]


def test_others_that_printed_next_to_nothing_and_never_stopped_prove_nothing() -> None:
    assert scorecard({"p1": 4}, {"p1": 100_000, "p2": 10}).chronic() == []


def test_others_are_all_but_the_printer_and_those_of_its_model_where_they_print_enough() -> None:
    pages = {"a": 10_000, "b": 10_000, "c": 10_000, "d": 500}
    card = scorecard({"a": 9, "b": 1, "c": 3}, pages, a="X", b="X", c="Y", d="Y")
    of_model, rest = card.of_model(card.scores["a"]), card.rest(card.scores["a"])
    assert of_model is not None
    assert (of_model.counted, of_model.printers) == (StopCount(1, 10_000), 1)
    assert (rest.counted, rest.printers) == (StopCount(4, 20_500), 3)
    assert card.of_model(card.scores["c"]) is None, "500 pages are no rate to compare with"


def test_without_pages_printers_are_ordered_by_number() -> None:
    card = scorecard({"a": 2, "b": 5, "c": 1}, {"a": None, "b": None, "c": 10_000})
    assert [each.printer_id for each in card.worst_first()] == ["c", "b", "a"]
    assert card.fleet == StopCount(1, 10_000), "what stopped without pages is in no rate"


def test_a_score_tells_how_long_and_why_most_often() -> None:
    found = [*stopped("p1", 2), Stoppage("p1", DOOR_OPEN, at(5_000), None, "")]
    card = make_scorecard(found, stopped("p1", 1), {"p1": PrinterRecord("M", 100, 200)}, 30, at(5_060))
    score = card.scores["p1"]
    assert (score.most_often, score.causes, score.seconds) == (JAM, {JAM: 2, DOOR_OPEN: 1}, 2 * 3600)
    assert score.before == StopCount(1, 200)


# When paper runs out


def test_paper_runs_out_by_weekday_and_hour_of_the_place() -> None:
    kiritimati = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    outs = [Stoppage("p1", "x", kiritimati, kiritimati + timedelta(hours=2))]
    assert by_hour(outs, UTC) == {(6, 22): 1}
    assert by_hour(outs, ZoneInfo("Pacific/Kiritimati")) == {(0, 12): 1}


def test_a_usual_time_is_said_of_three_times_and_more() -> None:
    begin = BEGIN + timedelta(hours=10)
    often = [begin + timedelta(days=7 * week, hours=week % 2) for week in range(4)]
    outs = [Stoppage("p1", "x", each, each + timedelta(minutes=30)) for each in often]
    evening = BEGIN + timedelta(days=2, hours=23)
    outs += [Stoppage("p1", "x", evening, evening + timedelta(hours=1))]
    outs += [Stoppage("p2", "x", evening, evening + timedelta(hours=1))] * 2
    first, second = empty_printers(outs, UTC, NOW)
    assert (first.printer_id, first.times, first.hours) == ("p1", 5, 3.0)
    assert (first.usual_hours, first.usual_day) == ("09:00 to 12:00 (4 of 5)", "Mon (4 of 5)")
    assert (second.usual_hours, second.usual_day) == ("", "")

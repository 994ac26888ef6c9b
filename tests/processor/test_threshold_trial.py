"""A trial of thresholds flags what the judge would have flagged of the same readings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract.messages import HistoryPoint, HistorySupply, PrinterState
from core.domain.conditions import SUPPLY_EMPTY, SUPPLY_LOW
from core.domain.threshold_trial import (
    Effect,
    LevelTrial,
    ThresholdTrial,
    TriedValues,
    WatchedPrinter,
    WatchedSupply,
    follow_answers,
    follow_levels,
    watched_supplies,
)
from core.domain.thresholds import Thresholds
from core.runtime.settings import HistorySettings, RuleSettings
from core.timeseries.reader import TimeSeriesUnavailable
from core.timeseries.stores import open_store
from core.timeseries.threshold_trial import try_thresholds
from processor.history.loading import load_history
from processor.history.points import history_json
from tests.processor.influx import influx, server_settings
from tests.processor.printers import Printer, supply
from tests.processor.victoria import victoria

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
LEVELS = st.sampled_from((0, 1, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 19, 25, 80, -3, -2, -100))
ROWS = ("1.1", "1.2", "1.3")
READINGS = st.lists(st.none() | st.tuples(LEVELS, LEVELS, LEVELS), min_size=1, max_size=60)
"""Levels of three supplies, None where the printer does not answer."""


@given(READINGS, st.tuples(st.integers(0, 30), st.integers(0, 30)), st.integers(1, 4), st.booleans())
@settings(max_examples=150, deadline=None)
def test_a_trial_agrees_with_what_the_judge_flags_of_the_same_levels(
    readings: Sequence[tuple[int, int, int] | None], percents: tuple[int, int], after: int, twins: bool
) -> None:
    critical, low = sorted(percents)
    rules = RuleSettings(supply_low_percent=low, supply_critical_percent=critical, unreachable_after=after)
    printer = Printer(rules)
    names = ("Black", "Black", "Cyan") if twins else ("Black", "Magenta", "Cyan")
    states, points = [], []
    for levels in readings:
        if levels is None:
            state = printer.is_silent()
        else:
            rows = zip(ROWS, levels, names, strict=True)
            state = printer.says(*(supply(row, level, description=name) for row, level, name in rows))
        assert state.taken_at is not None
        states.append(state)
        points.append(HistoryPoint.model_validate_json(history_json(state, state.taken_at)))
    known = next((state for state in reversed(states) if state.supplies), states[-1])
    watched = watched_supplies(known.supplies, {})
    values = TriedValues(Thresholds(low, critical), after)

    for each in watched:
        trial = LevelTrial(each, values.thresholds)
        for state, point in zip(states, points, strict=True):
            if point.reachable:
                trial.take(point.taken_at, point.supplies[each.index], point.supplies)
                assert trial.standing == flagged(state, each.index)

    effect = Effect(values)
    whole = WatchedPrinter("p", "P", "", watched, 0, has_answered=True, reachable=True)
    unmeasured = follow_levels(whole, points, [effect])
    answered = [point.supplies for point in points if point.supplies]
    assert unmeasured == {row.index for row in watched if all(a[row.index].percent is None for a in answered)}
    judged = [
        begins([flagged(state, row.index) for state in states if state.reachable])
        for row in watched
        if row.index not in unmeasured
    ]
    assert effect.low_times == sum(judged)
    assert bool(effect.low_printers) == any(judged)

    first = next((place for place, point in enumerate(points) if point.reachable), len(points))
    follow_answers(whole, points[first:], [effect])
    assert effect.unreachable_times == begins(["x" if s.state == "unreachable" else None for s in states])


def flagged(state: PrinterState, index: str) -> str | None:
    """What a supply is flagged as in a judged state."""
    for flag in state.attention:
        if flag.subject == index and flag.code in (SUPPLY_LOW, SUPPLY_EMPTY):
            return "empty" if flag.code == SUPPLY_EMPTY else flag.severity
    return None


def begins(standing: Sequence[str | None]) -> int:
    """How often something begins."""
    pairs = zip([None, *standing], standing, strict=False)
    return sum(now is not None and before is None for before, now in pairs)


# What stores give back.


@dataclass
class Store:
    """A time series that was loaded with a past."""

    settings: HistorySettings

    def load(self, points: Sequence[HistoryPoint]) -> None:
        load_history(points, self.settings)

    def settle(self) -> None:
        """Make what was written readable."""


@pytest.fixture(params=["embedded", "victoria", "influx"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with ExitStack() as stack:
        if request.param == "embedded":
            yield Store(HistorySettings(data_dir=tmp_path))
        elif request.param == "victoria":
            server = stack.enter_context(victoria(tmp_path))
            made = Store(server_settings(server.url))
            made.settle = server.flush  # type: ignore[method-assign] # one store of the three has to
            yield made
        else:
            yield Store(stack.enter_context(influx()))


def past(printer_id: str, percents: Mapping[int, int | None], until: int = 20 * 24) -> Iterator[HistoryPoint]:
    """A reading an hour for 20 days up to NOW; `percents` by the hour from which they hold, None: -3."""
    percent: int | None = 80
    for hour in range(until):
        percent = percents.get(hour, percent)
        yield HistoryPoint(
            printer_id=printer_id,
            taken_at=NOW - 20 * DAY + hour * HOUR,
            reachable=True,
            state="idle",
            marker_life_count=1000 + hour,
            supplies={"1.1": HistorySupply(level=-3 if percent is None else percent, percent=percent)},
        )


def watched(printer_id: str, *replaced_at: datetime, reachable: bool = True) -> WatchedPrinter:
    one = (WatchedSupply("1.1", replaced_at=replaced_at),)
    return WatchedPrinter(printer_id, printer_id.title(), "", one, 1, has_answered=True, reachable=reachable)


def values(low: int, after: int = 2) -> TriedValues:
    return TriedValues(Thresholds(low, 5), after)


def tried(
    store: Store, printers: Sequence[WatchedPrinter], present: TriedValues, proposed: TriedValues
) -> ThresholdTrial:
    store.settle()
    reader = open_store(store.settings).open_reader()
    told: list[tuple[int, int]] = []
    try:
        return try_thresholds(
            reader, printers, present, proposed, 7, NOW, lambda done, of: told.append((done, of))
        )
    finally:
        reader.close()
        assert told == [(done, len(printers)) for done in range(len(printers))]


def test_a_higher_threshold_flags_more_and_earlier(store: Store) -> None:
    day = 24
    store.load(
        [
            # Low at 20 on day 5, at 15 on day 8, replaced on day 10; at 19 again on day 15.
            *past("a", {5 * day: 18, 8 * day: 12, 10 * day: 100, 15 * day: 19}),
            # Runs out on day 12, four days after 20 and two days after 15.
            *past("b", {8 * day: 20, 10 * day: 15, 12 * day: 0}),
            *past("c", {0: None}),
            *past("d", {0: 10}),
        ]
    )
    begin = NOW - 20 * DAY
    printers = [watched("a", begin + 10 * DAY), watched("b"), watched("c"), watched("d"), watched("new")]
    found = tried(store, printers, values(15), values(20))
    assert found.present.low_printers == found.proposed.low_printers == {"a", "b", "d"}
    assert (found.present.low_times, found.proposed.low_times) == (3, 4)
    assert (found.present.critical_times, found.proposed.critical_times) == (1, 1)
    assert found.present.leads == [2 * DAY, 2 * DAY]
    assert found.proposed.leads == [5 * DAY, 4 * DAY]
    assert (found.present.median_lead_days, found.proposed.median_lead_days) == (2.0, 4.5)
    assert (found.unmeasured, found.without_history, found.receptacles) == (1, 1, 4)
    assert found.history_begins_at == begin
    assert not found.is_whole
    assert found.only_low_as_proposed() == []
    assert tried(store, printers, values(19), values(9)).only_low_at_present() == [printers[0], printers[3]]
    assert tried(store, printers, values(9), values(19)).only_low_as_proposed() == [printers[0], printers[3]]


def test_readings_without_an_answer_are_counted_one_by_one_as_far_as_each_is_kept(store: Store) -> None:
    def readings(printer_id: str, silent: set[int]) -> list[HistoryPoint]:
        begin = NOW - 2 * DAY
        return [
            HistoryPoint(
                printer_id=printer_id,
                taken_at=begin + number * timedelta(minutes=5),
                reachable=number not in silent,
                state="unreachable" if number in silent else "idle",
                marker_life_count=None if number in silent else 1000,
                supplies={},
            )
            for number in range(300)
        ]

    store.load(
        [
            *readings("a", {10, 11, 50, 51, 52, 53}),
            *readings("b", {10, 20, 30}),
            *readings("c", {297, 298, 299}),
            *readings("calm", set()),
        ]
    )
    names = ("a", "b", "c", "calm")
    printers = [watched(name, reachable=name != "c") for name in names]
    found = tried(store, printers, values(15, 2), values(15, 4))
    assert (found.present.unreachable_printers, found.present.unreachable_times) == ({"a", "c"}, 3)
    assert (found.proposed.unreachable_printers, found.proposed.unreachable_times) == ({"a"}, 1)
    assert [one.printer_id for one in found.only_unreachable_at_present()] == ["c"]
    assert found.only_unreachable_as_proposed() == []
    assert found.without_history == len(names)


def test_where_there_is_no_history_nothing_is_flagged(tmp_path: Path) -> None:
    found = tried(Store(HistorySettings(data_dir=tmp_path)), [watched("a")], values(15), values(20))
    assert (found.history_begins_at, found.without_history, found.proposed.low_times) == (None, 1, 0)


def test_a_time_series_that_is_away_ends_a_trial() -> None:
    away = open_store(server_settings("http://127.0.0.1:9")).open_reader()
    with pytest.raises(TimeSeriesUnavailable, match="does not answer"):
        try_thresholds(away, [watched("a")], values(15), values(20), 7, NOW, lambda _done, _of: None)


def test_another_device_at_the_address_begins_anew() -> None:
    low = list(past("a", {0: 10}, until=48))
    other = [point.model_copy(update={"device": 1}) for point in low[24:]]
    effect = Effect(values(15))
    follow_levels(watched("a"), [*low[:24], *other], [effect])
    assert effect.low_times == 2

"""Whatever a printer or a collector says, in any order: no exception, and a state that makes sense."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.contract.messages import PrinterState, Reading, TableStatus, VarbindValue
from core.contract.mib_names import ALERT_CODE, SUPPLY_TYPE
from core.contract.printer_mib import COLUMN_OID, POLL_TABLES
from core.contract.vendor_objects import VENDOR_COLUMN_OID
from core.runtime.settings import RuleSettings
from processor.judgment.judge import Context, Judged, effective_taken_at, judge

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
OID = {**COLUMN_OID, **VENDOR_COLUMN_OID}
COLUMNS = sorted(OID)
SMALL = st.sampled_from(
    (-100, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 15, 16, 19, 20, 50, 99, 100, 101, 1000)
)
NUMBERS = SMALL | st.sampled_from(sorted({*ALERT_CODE, *SUPPLY_TYPE})) | st.integers()
WORDS = st.sampled_from(
    ("Tray 2", "Black Toner", "Waste Toner Box", "Sleeping...", "Paper jam", "Cart-\nridge", "")
)
TEXTS = (WORDS | st.text(max_size=12)).map(lambda text: text.encode().hex()) | st.binary(max_size=8).map(
    bytes.hex
)
OIDS = st.sampled_from((".1.3.6.1.2.1.25.3.1.5", ".1.3.6.1.2.1.25.3.1.4", "."))
VALUES: st.SearchStrategy[VarbindValue] = NUMBERS | TEXTS | OIDS | st.text(max_size=6)
INDEXES = st.sampled_from(
    ("1.1", "1.2", "1.9", "1", "2", "0", "2.1", "", "1.1.1", "-1.1", "9.9", "4294967296.1")
)
OUR_OIDS = st.builds(lambda column, index: f"{OID[column]}.{index}", st.sampled_from(COLUMNS), INDEXES)
VARBINDS = st.dictionaries(OUR_OIDS | st.text(max_size=20), VALUES, max_size=60)
TABLES: st.SearchStrategy[dict[str, TableStatus]] = st.dictionaries(
    st.sampled_from([*POLL_TABLES, "of a newer collector"]),
    st.sampled_from(("complete", "partial", "failed", "absent")),
)
TIMES = st.datetimes(timezones=st.sampled_from((UTC,))) | st.just(datetime.max.replace(tzinfo=UTC))
RULES = st.builds(
    lambda after, percents: RuleSettings(
        unreachable_after=after, supply_low_percent=max(percents), supply_critical_percent=min(percents)
    ),
    st.integers(1, 3),
    st.tuples(st.integers(0, 100), st.integers(0, 100)),
)
READINGS = st.builds(
    Reading,
    id=st.just("r"),
    printer_id=st.just("printer-1"),
    site=st.just("main"),
    seq=st.integers(0, 9),
    taken_at=TIMES | st.just(NOW),
    interval_seconds=st.floats() | st.just(300.0),
    reachable=st.sampled_from((True, True, True, False)),
    error=st.none() | st.text(max_size=9),
    refresh_id=st.sampled_from((None, None, "r1")),
    tables=TABLES | st.just(dict.fromkeys(POLL_TABLES, "complete")),
    varbinds=VARBINDS,
)

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


def check(judged: Judged) -> None:
    state = judged.state
    percents = [row.level_percent for row in state.supplies] + [
        row.level_percent for row in state.input_trays
    ]
    assert all(percent is None or 0 <= percent <= 100 for percent in percents)
    assert all((row.level_percent is None) == (row.level_state != "measured") for row in state.supplies)
    keys = [(flag.code, flag.subject) for flag in state.attention]
    assert len(keys) == len(set(keys))
    assert (state.severity is None) == (not state.attention)
    assert state.state != "unreachable" or [key[0] for key in keys] == ["unreachable"]
    assert all(flag.message.endswith(".") and flag.readings >= 1 for flag in state.attention)
    assert PrinterState.model_validate_json(state.model_dump_json()) == state
    assert json.loads(json.dumps(judged.memory)) == judged.memory


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(READINGS, min_size=1, max_size=4), RULES)
def test_any_readings_are_judged(readings: list[Reading], rules: RuleSettings) -> None:
    judged: Judged | None = None
    for reading in readings:
        judged = judge(reading, judged, Context(rules, NOW))
        check(judged)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_memory_is_survived(value: Any) -> None:
    names = ("misses", "missed_since", "hidden", "gone", "polarity", "device", "charset", "error_octets")
    memory = dict.fromkeys(names, value)
    reading = Reading(id="r", printer_id="p", site="s", seq=1, taken_at=NOW, reachable=True)
    before = PrinterState(printer_id="p")
    for reachable in (True, False):
        again = reading.model_copy(update={"reachable": reachable})
        check(judge(again, Judged(before, memory), Context(RuleSettings(), NOW)))


ZONES = st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))
ANY_TIME = st.datetimes(timezones=ZONES)


@given(ANY_TIME, ANY_TIME)
def test_any_times_are_compared(taken_at: datetime, received_at: datetime) -> None:
    reading = Reading(id="r", printer_id="p", site="s", seq=1, taken_at=taken_at, reachable=True)
    at = effective_taken_at(reading, received_at)
    assert at in (taken_at, received_at)
    assert at - received_at <= timedelta(minutes=5)
    check(judge(reading, None, Context(RuleSettings(), received_at)))

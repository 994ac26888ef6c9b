"""The rules of Flux that flux_subset.py stands for, and that it answers nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.flux_subset import NotInSubset, Row, answer

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOURS = timedelta(hours=1)
FROM = 'from(bucket: "b") |> range(start: 2026-03-08T06:00:00Z, stop: 2026-03-10T12:00:00Z)'
DAILY = "aggregateWindow(every: 1d, fn: sum, createEmpty: false"


def rows(*after: int, **tags: str) -> list[Row]:
    """Return rows of so many hours after March 8, each with its number as its value."""
    start = datetime(2026, 3, 8, tzinfo=UTC)
    shared = {"_measurement": "m", "_field": "f", **tags}
    return [shared | {"_time": start + hours * HOURS, "_value": n + 1} for n, hours in enumerate(after)]


def answered(script: str, *given: Row) -> list[tuple[str, object]]:
    found = answer(script, {"b": given or rows(6, 23, 24, 47, 48, 59)}, NOW)
    return [(f"{row['_time']:%d %H:%M}", row["_value"]) for row in found]


def test_a_window_gives_its_stop_as_the_time_and_the_range_cuts_it() -> None:
    assert answered(f"{FROM} |> {DAILY})") == [("09 00:00", 3), ("10 00:00", 7), ("10 12:00", 11)]


def test_its_start_is_given_where_it_is_asked_for() -> None:
    script = f'{FROM} |> {DAILY}, timeSrc: "_start")'
    assert answered(script) == [("08 06:00", 3), ("09 00:00", 7), ("10 00:00", 11)]


def test_a_selector_keeps_its_own_time_where_that_is_asked_for() -> None:
    script = f'{FROM} |> aggregateWindow(every: 1d, fn: last, createEmpty: false, timeSrc: "_time")'
    assert answered(script) == [("08 23:00", 2), ("09 23:00", 4), ("10 11:00", 6)]


def test_a_range_has_its_start_and_not_its_stop() -> None:
    script = 'from(bucket: "b") |> range(start: 2026-03-08T23:00:00Z, stop: 2026-03-09T23:00:00Z)'
    assert answered(script) == [("08 23:00", 2), ("09 00:00", 3)]


def test_a_range_of_a_duration_ends_now() -> None:
    assert answered('from(bucket: "b") |> range(start: -13h)') == [
        ("09 23:00", 4),
        ("10 00:00", 5),
        ("10 11:00", 6),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "begins", "ends"),
    [
        ("UTC", "2026-03-29T12:00:00Z", "29 00:00", "30 00:00"),
        ("Europe/Berlin", "2026-03-29T12:00:00Z", "28 23:00", "29 22:00"),  # 23 hours
        ("Europe/Berlin", "2026-10-25T12:00:00Z", "24 22:00", "25 23:00"),  # 25 hours
        ("Asia/Kolkata", "2026-03-29T20:00:00Z", "29 18:30", "30 18:30"),
        ("America/Santiago", "2026-09-06T12:00:00Z", "06 04:00", "07 03:00"),  # which has no midnight
    ],
)
def test_a_day_is_one_of_the_location_however_long_it_is(zone: str, day: str, begins: str, ends: str) -> None:
    given = rows(0)[0] | {"_time": datetime.fromisoformat(day)}
    script = f"""import "date"
        import "timezone"
        zone = timezone.location(name: "{zone}")
        from(bucket: "b") |> range(start: date.sub(d: 2d, from: {day}), stop: 2027-01-01T00:00:00Z)
            |> {DAILY}, location: zone, timeSrc: """
    assert answered(f'{script}"_start")', given) == [(begins, 1)]
    assert answered(f'{script}"_stop")', given) == [(ends, 1)]
    since = f"date.truncate(t: {day}, unit: 1d, location: zone)"
    begun = script.replace(f"date.sub(d: 2d, from: {day})", since) + '"_start")'
    assert [f"{row['_start']:%d %H:%M}" for row in answer(begun, {"b": [given]}, NOW)] == [begins]


def test_series_are_kept_apart_until_they_are_grouped() -> None:
    given = [*rows(6, 8, 30, p="a"), *rows(7, 9, p="b")]
    script = f'{FROM} |> difference() |> {DAILY}, timeSrc: "_start")'
    assert answered(script, *given) == [("08 06:00", 1), ("09 00:00", 1), ("08 06:00", 1)]
    together = script.replace("difference()", "difference() |> group()")
    assert answered(together, *given) == [("08 06:00", 2), ("09 00:00", 1)]


def test_tables_that_are_grouped_after_a_union_are_one_of_each_key() -> None:
    given = [*rows(6, 8, 30, p="a"), *rows(7, 10, p="b")]
    script = f'all = {FROM} union(tables: [all |> last(), all |> first()]) |> group(columns: ["p", "none"])'
    found = answered(f'{script} |> sort(columns: ["_time"]) |> difference()', *given)
    assert sorted(found) == [("08 10:00", 1), ("09 06:00", 2)]


@pytest.mark.parametrize(
    "refused",
    [
        f"{FROM} |> spread()",
        f"all = {FROM} union(tables: [all |> last(), all |> first()]) |> difference()",
        f"{FROM} |> last(column: 1)",
        f"{FROM} |> {DAILY.replace('false', 'true')})",
        f"{FROM} |> {DAILY.replace('sum', 'first')})",
        f"{FROM} |> {DAILY}) |> {DAILY})",  # the last day's sum is dated by the end of the range
        f"{FROM} |> {DAILY}, location: {{r with zone: 1}})",
        f'{FROM} |> aggregateWindow(every: 1d, fn: sum, createEmpty: false, timeSrc: "_time")',
        f"{FROM} |> filter(fn: (r) => r._value > 0.0)",
        f"{FROM} |> filter(fn: (r) => r._value)",
        f"{FROM} |> map(fn: (r) => ({{r with _value: if r._value > 0 then 1.0 else 0}}))",
        f'{FROM} |> map(fn: (r) => ({{r with _field: "g"}}))',
        f'{FROM} |> keep(columns: ["_value"])',
        f'import "math" {FROM}',
        f"option now = 1 {FROM}",
        f"{FROM} {FROM}",
        f"{DAILY})",
        'from(bucket: "c")',
        'from(bucket: "b") |> range(start: 1h)',
        'from(bucket: "b") |> range(start: -1mo)',
        'from(bucket: "${b}")',
        f'import "timezone" zone = timezone.location(name: "utc") {FROM}',
        "1",
        "",
    ],
)
def test_what_is_not_known_is_refused(refused: str) -> None:
    with pytest.raises(NotInSubset):
        answered(refused)

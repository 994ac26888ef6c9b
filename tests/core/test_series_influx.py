"""Reading InfluxDB: what is sent, what is understood; that it answers so is for the contract tests to say."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.timeseries.counters import CounterDay
from core.timeseries.influx import flux
from core.timeseries.influx.reader import InfluxReader
from core.timeseries.points import milliseconds
from core.timeseries.reader import PrinterDay, TimeSeriesUnavailable
from core.timeseries.stores import open_store
from tests.processor.history_points import NOON, point
from tests.processor.influx import server_settings
from tests.processor.paper_influx import PaperInflux, paper_influx, parameters

NOW = datetime.now(UTC)
HOSTILE = 'x" or true) |> drop() //${1+1}'

POINTS = """\
,result,table,_field,_time,_value
,_result,0,reachable,2026-03-10T12:00:00Z,true
,_result,0,reachable,2026-03-10T12:05:00Z,false

,result,table,_field,_time,_value
,_result,1,state_code,2026-03-10T12:00:00Z,1
,_result,1,state_code,2026-03-10T12:05:00Z,6
,_result,2,marker_life_count,2026-03-10T12:00:00Z,1000

#datatype,string,long,string,dateTime:RFC3339,long,string
,result,table,_field,_time,_value,supply
,_result,3,level,2026-03-10T12:00:00Z,80,1.1
,_result,3,percent,2026-03-10T12:00:00Z,80,1.1
,_result,4,level,2026-03-10T12:00:00Z,-3,1.2
"""


@pytest.fixture
def paper() -> Iterator[PaperInflux]:
    with paper_influx() as running:
        yield running


def reader(paper: PaperInflux) -> InfluxReader:
    return InfluxReader(server_settings(paper.url))


def test_points_are_put_together_from_their_fields(paper: PaperInflux) -> None:
    paper.tables["printers"] = POINTS
    found = reader(paper).points("lib-1", NOON, NOON + timedelta(days=1))
    assert found == [point(), point(timedelta(minutes=5), reachable=False)]


def test_what_is_asked_for_stands_beside_the_query_not_in_it(paper: PaperInflux) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    reader(paper).points(HOSTILE, since, NOON, timedelta(hours=1))
    asked = parameters(paper.queries[0])
    assert (asked["_bucket"], asked["_printer"]) == ("printers", HOSTILE)
    assert asked["_since"] == "2026-03-01T00:00:00.000000000Z"
    assert paper.queries[0]["query"] == flux.PRINTER + flux.ONE_OF_EACH + flux.AS_ROWS


def test_old_points_are_in_the_bucket_for_days_if_there_is_one(paper: PaperInflux) -> None:
    long_ago, lately = NOW - timedelta(days=200), NOW - timedelta(days=3)
    paper.tables["printers_daily"] = "".join(
        f",result,table,_field,_time,_value\n,_result,0,reachable,{at:%Y-%m-%dT%H:%M:%SZ},true\n"
        for at in (long_ago, lately)
    )
    everything = "lib-1", long_ago - timedelta(days=1), NOW
    assert reader(paper).points(*everything) == []
    paper.buckets["printers_daily"] = {}
    assert len(reader(paper).points(*everything)) == 2
    assert reader(paper).points("lib-1", lately - timedelta(days=1), NOW) == []


def sums(day: date, **fields: int) -> str:
    rows = "".join(
        f",_result,{n},{field},{day}T00:00:00Z,{value},lib-1\n"
        for n, (field, value) in enumerate(fields.items())
    )
    return f",result,table,_field,_time,_value,printer_id\n{rows}"


def test_days_come_from_the_task_and_the_newest_from_the_points(paper: PaperInflux) -> None:
    today = datetime.now(UTC).date()  # the reader's: the one of the import may have been yesterday's
    paper.buckets["printers_daily"] = {}
    paper.tables["printers_daily"] = sums(
        today - timedelta(days=3), readings=288, answered=280, first_count=900, last_count=1000
    )
    paper.tables["printers"] = sums(today, readings=10, answered=10, first_count=1004, last_count=1009)
    found = list(reader(paper).days(today - timedelta(days=5), today + timedelta(days=1)))
    assert found == [
        PrinterDay("lib-1", today - timedelta(days=3), 288, 280, 900, 1000, 100),
        PrinterDay("lib-1", today, 10, 10, 1004, 1009, 9),
    ]
    raw = [parameters(query) for query in paper.queries if query["query"] == flux.SUMMED_DAYS]
    assert raw[-1]["_since"] == f"{today - timedelta(days=2)}T00:00:00.000000000Z"


def test_counts_and_devices_of_page_counters_are_put_together(paper: PaperInflux) -> None:
    at = datetime.combine(NOW.date(), time(6), UTC)
    paper.tables["printers"] = ",result,table,_field,_time,_value,printer_id,counter\n" + "".join(
        f",_result,{table},{field},{at:%Y-%m-%dT%H:%M:%SZ},{value},lib-1,{counter}\n"
        for table, (counter, field, value) in enumerate(
            (("mono", "count", 700), ("mono", "device", 9), ("color", "count", 30))
        )
    )
    found = list(reader(paper).counter_days(NOW.date(), NOW.date() + timedelta(days=1)))
    assert found == [
        CounterDay("lib-1", "mono", NOW.date(), milliseconds(at), 700, 9),
        CounterDay("lib-1", "color", NOW.date(), milliseconds(at), 30, 0),
    ]
    assert [query["query"] for query in paper.queries] == [flux.COUNTER_DAYS]


def test_an_answer_that_breaks_off_is_a_sentence(paper: PaperInflux) -> None:
    paper.tables["printers"] = f"{POINTS}\n,error,reference\n,out of memory,897\n"
    with pytest.raises(TimeSeriesUnavailable, match="breaks off: out of memory"):
        reader(paper).points("lib-1", NOW - timedelta(days=1), NOW)


def test_a_token_that_may_not_read_is_a_sentence(paper: PaperInflux) -> None:
    paper.status = 401
    with pytest.raises(TimeSeriesUnavailable, match=r"answers 401 .*unauthorized access.*INFLUXDB_TOKEN"):
        reader(paper).points("lib-1", NOW - timedelta(days=1), NOW)


def test_the_server_is_asked_what_it_is_when_it_is_first_needed(paper: PaperInflux) -> None:
    away = open_store(server_settings("http://127.0.0.1:9")).open_reader()
    with pytest.raises(TimeSeriesUnavailable, match="does not answer"):
        away.points("lib-1", NOW - timedelta(days=1), NOW)
    chosen = open_store(server_settings(paper.url)).open_reader()
    paper.tables["printers"] = POINTS
    assert len(chosen.points("lib-1", NOON, NOON + timedelta(days=1))) == 2
    chosen.close()


@given(st.text() | st.sampled_from([HOSTILE, "\\", '\\"', "\\${", "$", "${", "a\nb"]))
def test_a_string_of_flux_ends_where_it_should_and_computes_nothing(text: str) -> None:
    written = flux.literal(text)
    assert written[0] == written[-1] == '"'
    escapes = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t", "$": "$"}
    read, rest = "", written[1:-1]
    while rest:
        assert rest[0] != '"' and not rest.startswith("${") and rest[0] not in "\n\r"
        if rest[0] == "\\":
            read, rest = read + escapes[rest[1]], rest[2:]
        else:
            read, rest = read + rest[0], rest[1:]
    assert read == text

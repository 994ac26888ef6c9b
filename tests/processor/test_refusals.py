"""Refused points in few requests: a real HTTP server answers in the words of every version of InfluxDB."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS

from core.contract.messages import HistoryPoint
from core.timeseries.influx.lines import lines_of
from core.timeseries.influx.refusals import ProtocolLine, read_refusal
from core.timeseries.influx.writer import InfluxSeries
from core.timeseries.points import milliseconds, moment
from core.timeseries.writer import Written
from tests.processor.history_points import NOON, point
from tests.processor.influx import influx, server_settings
from tests.processor.influx_storage import FIRST_MONDAY, SHARD_MS, shard_of
from tests.processor.paper_influx import PaperInflux, paper_influx

VERSIONS = ("1.8", "1.12", "2.7.6", "2.7.12")
_WEEKS = 4
_FIRST = moment(FIRST_MONDAY + shard_of(milliseconds(NOON)) * SHARD_MS)
"""Where a shard begins."""


@pytest.fixture
def paper() -> Iterator[PaperInflux]:
    with paper_influx() as server:
        yield server


def fleet_points(count: int) -> list[HistoryPoint]:
    """Points of four weeks, spread evenly: each week is a shard of its own."""
    apart = timedelta(weeks=_WEEKS) / count
    return [point(_FIRST - NOON + n * apart, f"p-{n % 50}") for n in range(count)]


def write(paper: PaperInflux, points: Sequence[HistoryPoint]) -> Written:
    series = InfluxSeries(server_settings(paper.url))
    try:
        return series.write(points)
    finally:
        series.close()


def check(paper: PaperInflux, points: Sequence[HistoryPoint], written: Written) -> None:
    """Every point is stored whole or refused, and none is both."""
    whole = {place for place, each in enumerate(points) if paper.storage.stored.issuperset(lines_of(each))}
    assert set(written.refused) == set(range(len(points))) - whole


def refuse_the_older_half(paper: PaperInflux) -> None:
    paper.storage.oldest = milliseconds(_FIRST + timedelta(weeks=_WEEKS / 2))


def conflict_in_the_older_half(paper: PaperInflux) -> None:
    for week in range(_WEEKS // 2):
        at = milliseconds(_FIRST + timedelta(weeks=week))
        paper.storage.take_type(at, "supply", "level", "float")


def too_large_counts(points: Sequence[HistoryPoint], every: int) -> list[HistoryPoint]:
    """Every so manieth has a count that no line can hold."""
    large = {"marker_life_count": 10**25}
    return [each.model_copy(update=large) if n % every == 0 else each for n, each in enumerate(points)]


@pytest.mark.parametrize(
    ("version", "requests", "reason"),
    [
        ("1.8", 2, "400: points beyond retention policy"),
        ("1.12", 2, "400: outside retention policy of duration 72h0m0s"),
        ("2.7.6", 1, "422: points beyond retention policy"),
        ("2.7.12", 1, "422: outside retention policy of duration 72h0m0s"),
    ],
)
def test_500_of_1000_points_beyond_retention_take_a_request_or_two(
    paper: PaperInflux, version: str, requests: int, reason: str
) -> None:
    paper.storage.version, points = version, fleet_points(1000)
    refuse_the_older_half(paper)
    written = write(paper, points)
    check(paper, points, written)
    assert (sorted(written.refused), paper.writes) == (list(range(500)), requests)
    assert set(written.refused.values()) == {reason}


@pytest.mark.parametrize("version", VERSIONS)
def test_500_of_1000_points_with_a_field_of_another_type_take_a_handful(
    paper: PaperInflux, version: str
) -> None:
    paper.storage.version, points = version, fleet_points(1000)
    conflict_in_the_older_half(paper)
    written = write(paper, points)
    check(paper, points, written)
    assert len(written.refused) == 500
    assert paper.writes <= 7
    status = 400 if version.startswith("1") else 422
    assert set(written.refused.values()) == {
        f'{status}: partial write: field type conflict: input field "level" on measurement "supply" is type '
        "integer, already exists as type float"
    }


@pytest.mark.parametrize("version", [*VERSIONS, "3"])
def test_lines_that_are_not_parsed_are_named_and_take_a_request_or_two(
    paper: PaperInflux, version: str
) -> None:
    paper.storage.version, points = version, too_large_counts(fleet_points(1000), every=2)
    written = write(paper, points)
    check(paper, points, written)
    assert len(written.refused) == 500
    assert paper.writes == (2 if version.startswith("2") else 1)
    assert all(
        "nable to parse" in reason and reason.startswith("400: ") for reason in written.refused.values()
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_points_refused_for_several_reasons_take_a_handful(paper: PaperInflux, version: str) -> None:
    paper.storage.version, points = version, too_large_counts(fleet_points(1000), every=100)
    paper.storage.oldest = milliseconds(_FIRST + timedelta(weeks=1))
    conflict_in_the_older_half(paper)
    written = write(paper, points)
    check(paper, points, written)
    assert len(written.refused) == 500 + 5
    assert paper.writes <= 10
    kinds = ("retention policy", "field type conflict", "unable to parse")
    assert all(any(kind in reason for reason in written.refused.values()) for kind in kinds)


@pytest.mark.parametrize("version", [*VERSIONS, "3"])
@pytest.mark.parametrize("seed", range(6))
def test_no_point_is_lost_whatever_is_refused(paper: PaperInflux, version: str, seed: int) -> None:
    random, storage = Random(seed), paper.storage
    storage.version, points = version, too_large_counts(fleet_points(400), every=random.randint(30, 300))
    random.shuffle(points)
    if version != "3":
        storage.oldest = milliseconds(_FIRST + random.random() * timedelta(weeks=_WEEKS))
    for week in range(_WEEKS):
        measurement, name = random.choice([("supply", "percent"), ("printer", "marker_life_count"), ("", "")])
        storage.take_type(milliseconds(_FIRST + timedelta(weeks=week)), measurement, name, "float")
    written = write(paper, points)
    check(paper, points, written)
    assert paper.writes <= (
        120 if version.startswith("1") else 40
    )  # InfluxDB 1 is silent about unparsed lines


class _CountingSeries(InfluxSeries):
    """Counts its requests."""

    requests = 0

    def _post(self, bucket: str, lines: Sequence[ProtocolLine]) -> Any:
        self.requests += 1
        return super()._post(bucket, lines)


def test_a_real_influxdb_tells_what_it_refuses_in_a_handful_of_answers() -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)

    def points(days: int) -> list[HistoryPoint]:
        return [point(noon - timedelta(days=days, seconds=n) - NOON, f"p-{n % 50}") for n in range(500)]

    too_old, of_another_type, good = points(100), points(30), points(2)
    with influx() as settings:
        series = _CountingSeries(settings)
        float_level = f"supply,printer_id=x,supply=1 level=1.5 {milliseconds(noon - timedelta(days=30))}"
        token = settings.influxdb_token.get_secret_value() if settings.influxdb_token else ""
        with InfluxDBClient(url=str(settings.influxdb_url), token=token, org=settings.influxdb_org) as client:
            api = client.write_api(write_options=SYNCHRONOUS)
            api.write(settings.influxdb_bucket, record=float_level, write_precision="ms")
        written = series.write([*too_old, *good])
        assert sorted(written.refused) == list(range(500))
        assert series.requests <= 2
        series.requests = 0
        written = series.write([*too_old, *good, *of_another_type])
        assert sorted(written.refused) == [*range(500), *range(1000, 1500)]
        assert series.requests <= 10
        assert len(set(written.refused.values())) == 2
        series.close()


def test_an_answer_in_unknown_words_is_narrowed_down_by_halving() -> None:
    lines = [
        ProtocolLine(place, text) for place, each in enumerate(fleet_points(8)) for text in lines_of(each)
    ]
    said = read_refusal(400, "<html>no</html>", lines)
    assert not said.refused
    newer_and_older = sorted((line for part in said.again for line in part), key=lambda line: line.place)
    assert newer_and_older == lines
    one = read_refusal(400, "<html>no</html>", lines[:3])
    assert (one.refused, one.again) == ({0: "400: <html>no</html>"}, [])

"""Line protocol, and a real server that speaks InfluxDB's write API: killed, back, refusing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Engine, insert

from core.contract.messages import HistoryPoint
from core.runtime.settings import HistorySettings
from core.storage.database import writing
from core.timeseries.counters import device_of
from core.timeseries.influx.lines import lines_of, tag
from core.timeseries.influx.writer import InfluxSeries
from core.timeseries.points import milliseconds
from core.timeseries.reader import TimeSeriesUnavailable
from core.timeseries.writer import Written
from processor.counters import Counters
from processor.history.drain import Drain
from processor.tables import OUTBOX, REFUSED_POINTS
from tests.http_servers import answering
from tests.patience import until
from tests.processor.history_points import NOON, point
from tests.processor.making import rows
from tests.processor.victoria import Victoria, victoria

TODAY = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def settings(url: str, confirm_seconds: float = 0.0) -> HistorySettings:
    return HistorySettings(
        influxdb_url=url, influxdb_token=SecretStr("t"), influxdb_confirm_seconds=confirm_seconds
    )


def today(number: int, printer_id: str = "lib-1", level: int = 80) -> HistoryPoint:
    return point(TODAY - NOON + timedelta(seconds=number), printer_id, level=level)


def owe(engine: Engine, *points: HistoryPoint) -> None:
    with writing(engine) as connection:
        connection.execute(insert(OUTBOX), [{"payload": point.model_dump_json()} for point in points])


def drain(engine: Engine, series: InfluxSeries, max_rows: int = 10_000) -> tuple[Drain, Counters]:
    counters = Counters()
    return Drain(engine, series, counters, max_rows), counters


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Victoria]:
    with victoria(tmp_path) as running:
        yield running


def test_a_point_is_a_line_for_the_printer_and_one_for_each_supply() -> None:
    at = milliseconds(NOON)
    assert lines_of(point(level=80)) == [
        f'printer,printer_id=lib-1 reachable=true,state="idle",state_code=1i,marker_life_count=1000i {at}',
        f"supply,printer_id=lib-1,supply=1.1 level=80i,percent=80i {at}",
        f"supply,printer_id=lib-1,supply=1.2 level=-3i {at}",
    ]
    assert lines_of(point(reachable=False)) == [
        f'printer,printer_id=lib-1 reachable=false,state="unreachable",state_code=6i {at}'
    ]


def test_a_page_counter_is_a_line_of_its_own_with_the_device_that_counted() -> None:
    told = {"counters": {"mono": 70}, "serial_number": "SN-1"}
    line = lines_of(point(level=80).model_copy(update=told))[-1]
    device = device_of("SN-1")
    assert line == f"counter,printer_id=lib-1,counter=mono count=70i,device={device}i {milliseconds(NOON)}"


@given(st.text())
def test_a_tag_never_breaks_a_line(text: str) -> None:
    escaped = tag(text)
    assert escaped
    assert "\n" not in escaped and "\r" not in escaped
    bare = escaped.replace(r"\,", "").replace(r"\ ", "").replace(r"\=", "")
    assert not set(bare) & set(", =\\")


def test_every_point_arrives_once(engine: Engine, server: Victoria) -> None:
    points = [today(n, f"p-{n % 7}", level=n % 100) for n in range(700)]
    owe(engine, *points, *points[:50])
    mover, counters = drain(engine, InfluxSeries(settings(server.url)))
    until(lambda: not mover.step() and not rows(engine, OUTBOX, "id"), "an empty outbox")
    held = server.points("supply_level")
    expected = {(p.printer_id, milliseconds(p.taken_at), p.supplies["1.1"].level) for p in points}
    found = {
        (name.split("/")[0], *one) for name, series in held.items() if name.endswith("/1.1") for one in series
    }
    assert found == expected
    assert sum(map(len, server.points("printer_marker_life_count").values())) == 700
    assert counters.history_written == 750


def test_what_was_accepted_and_lost_by_a_kill_is_written_again(engine: Engine, server: Victoria) -> None:
    owe(engine, *(today(n) for n in range(300)))
    mover, _ = drain(engine, InfluxSeries(settings(server.url, confirm_seconds=2)))
    while mover.step():
        pass
    assert len(rows(engine, OUTBOX, "id")) == 300  # accepted, not forgotten
    server.kill()  # at once: what it has accepted is not on its disk
    with pytest.raises(TimeSeriesUnavailable, match="does not answer"):
        owe(engine, today(300))
        mover.step()
    server.start()
    assert len(server.points("supply_level").get("lib-1/1.1", ())) < 300
    until(lambda: not mover.step() and not rows(engine, OUTBOX, "id"), "an empty outbox")
    until(lambda: len(server.points("supply_level").get("lib-1/1.1", ())) == 301, "all 301 points")


class Forgetful(InfluxSeries):
    """A server that can be away; the points it holds are lost where it is killed."""

    def __init__(self) -> None:
        super().__init__(settings("http://127.0.0.1:9", confirm_seconds=600))
        self.away = False
        self.held: list[HistoryPoint] = []

    def write(self, points: Sequence[HistoryPoint]) -> Written:
        if self.away:
            raise TimeSeriesUnavailable("the time series does not answer")
        self.held += points
        return Written()


def test_what_was_accepted_before_an_outage_is_written_again_and_waits_again(engine: Engine) -> None:
    series = Forgetful()
    owe(engine, *(today(n) for n in range(3)))
    mover, _ = drain(engine, series)
    mover.step()
    sent_before = [row["sent_at"] for row in rows(engine, OUTBOX)]
    series.away, series.held = True, []
    owe(engine, today(3))
    with pytest.raises(TimeSeriesUnavailable):
        mover.step()
    series.away = False
    mover.step()
    assert {each.taken_at for each in series.held} == {today(n).taken_at for n in range(4)}
    sent = [row["sent_at"] for row in rows(engine, OUTBOX)]
    assert len(sent) == 4 and min(sent) > max(sent_before)


def test_an_outbox_that_outgrows_its_limit_drops_the_oldest(engine: Engine) -> None:
    owe(engine, *(today(n) for n in range(30)))
    mover, counters = drain(engine, InfluxSeries(settings("http://127.0.0.1:9")), max_rows=20)
    with pytest.raises(TimeSeriesUnavailable):
        mover.step()
    kept = [HistoryPoint.model_validate_json(text) for (text,) in rows(engine, OUTBOX, "payload")]
    assert [p.taken_at for p in kept] == [today(n).taken_at for n in range(10, 30)]
    assert counters.history_dropped == 10


@pytest.fixture
def choosy() -> Iterator[Callable[[int, bytes], str]]:
    """A server that refuses what holds a certain text: (status, text) -> URL."""
    servers = ExitStack()

    def make(status: int, bad: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken = bad not in body
                self.server.taken.extend(body.splitlines() if taken else [])  # type: ignore[attr-defined]
                answer = b"" if taken else b'{"message": "field type conflict"}'
                self.send_response(204 if taken else status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        server.taken = []  # type: ignore[attr-defined]
        servers.enter_context(answering(server))
        return f"http://127.0.0.1:{server.server_port}"

    with servers:
        yield make


def test_a_point_the_server_refuses_is_set_aside_and_the_others_arrive(
    engine: Engine, choosy: Callable[[int, bytes], str]
) -> None:
    url = choosy(400, b"printer_id=bad")
    owe(engine, *(today(n, "bad" if n == 37 else "good") for n in range(100)))
    mover, counters = drain(engine, InfluxSeries(settings(url)))
    until(lambda: not mover.step() and not rows(engine, OUTBOX, "id"), "an empty outbox")
    (refused,) = rows(engine, REFUSED_POINTS, "payload", "reason")
    assert HistoryPoint.model_validate_json(refused[0]) == today(37, "bad")
    assert refused[1] == "400: field type conflict"
    assert (counters.history_refused, counters.history_written) == (1, 99)


@pytest.mark.parametrize("status", [401, 404, 429, 503])
def test_a_server_that_takes_nothing_keeps_the_points_waiting(
    engine: Engine, choosy: Callable[[int, bytes], str], status: int
) -> None:
    owe(engine, today(1))
    mover, _ = drain(engine, InfluxSeries(settings(choosy(status, b"printer"))))
    with pytest.raises(TimeSeriesUnavailable, match=rf"answers {status} .*INFLUXDB_TOKEN"):
        mover.step()
    assert len(rows(engine, OUTBOX, "id")) == 1
    assert rows(engine, REFUSED_POINTS) == []


def test_a_row_that_is_no_point_is_set_aside(engine: Engine, choosy: Callable[[int, bytes], str]) -> None:
    with writing(engine) as connection:
        connection.execute(insert(OUTBOX), [{"payload": "nonsense"}])
    mover, _ = drain(engine, InfluxSeries(settings(choosy(400, b"nothing"))))
    mover.step()
    assert rows(engine, OUTBOX) == []
    assert [reason[:23] for (reason,) in rows(engine, REFUSED_POINTS, "reason")] == [
        "not a history point: In"
    ]

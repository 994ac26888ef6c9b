"""Preparing InfluxDB: what is missing is made, what is there is left, twice is once."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.contract.errors import UserError
from core.runtime.settings import HistorySettings
from core.timeseries.copying import copy_history
from core.timeseries.embedded.writer import EmbeddedSeries
from core.timeseries.influx.reader import InfluxReader
from core.timeseries.influx.setup import set_up, task_script
from tests.processor.history_points import NOON, point
from tests.processor.influx import influx, server_settings
from tests.processor.paper_influx import PaperInflux, paper_influx
from tests.processor.victoria import victoria

DAY = 86_400


@pytest.fixture
def paper() -> Iterator[PaperInflux]:
    with paper_influx() as running:
        yield running


def kept(paper: PaperInflux) -> dict[str, int]:
    return {
        name: bucket["retentionRules"][0]["everySeconds"] // DAY for name, bucket in paper.buckets.items()
    }


def test_buckets_and_task_are_made_once(paper: PaperInflux) -> None:
    settings = server_settings(paper.url)
    assert list(set_up(settings)) == [
        "bucket printers: made, keeps points for 90 days",
        "bucket printers_daily: made, keeps points for 400 days",
        "task 'printers: days': made, every night at 0:15 UTC",
    ]
    assert kept(paper) == {"printers": 90, "printers_daily": 400}
    assert paper.tasks["printers: days"]["flux"] == task_script(settings)
    assert list(set_up(settings)) == [
        "the days there are: summed into printers_daily",
        "bucket printers: keeps points for 90 days",
        "bucket printers_daily: keeps points for 400 days",
        "task 'printers: days': unchanged, every night at 0:15 UTC",
    ]


@pytest.mark.parametrize(
    ("version", "says"),
    [
        (
            "1.13.2",
            "it has no tasks and takes no setup. Make the databases printers and printers_daily there",
        ),
        ("1.6.7~rc0", "before 1.8 it cannot be written. Use InfluxDB 2 or VictoriaMetrics."),
        ("3.9.2", "it has no Flux, so it can be written and never read. Use InfluxDB 2 or VictoriaMetrics."),
    ],
)
def test_a_server_of_another_version_is_told_before_anything_is_made(
    paper: PaperInflux, version: str, says: str
) -> None:
    paper.version = version
    with pytest.raises(UserError, match=re.escape(f"{paper.url} is InfluxDB {version}: {says}")):
        list(set_up(server_settings(paper.url)))
    assert (paper.buckets, paper.tasks) == ({}, {})


def test_a_bucket_that_is_there_keeps_its_points_unless_told(paper: PaperInflux) -> None:
    settings = server_settings(paper.url)
    paper.buckets["printers"] = {"id": "printers", "name": "printers", "retentionRules": []}
    said = list(set_up(settings))
    left = "bucket printers: keeps points for ever, and was left so; --set-retention makes it 90 days"
    assert left in said
    assert paper.buckets["printers"]["retentionRules"] == []
    said = list(set_up(settings, set_retention=True))
    assert "bucket printers: kept points for ever, now for 90 days" in said
    assert kept(paper)["printers"] == 90
    # Summed before it was told to forget.
    assert said.index("the days there are: summed into printers_daily") < said.index(
        "bucket printers: kept points for ever, now for 90 days"
    )


def test_a_task_of_an_older_program_is_brought_up_to_date(paper: PaperInflux) -> None:
    settings = server_settings(paper.url)
    list(set_up(settings))
    paper.tasks["printers: days"]["flux"] = "an older script"
    assert list(set_up(settings))[-1] == "task 'printers: days': changed, every night at 0:15 UTC"
    assert paper.tasks["printers: days"]["flux"] == task_script(settings)


def test_a_name_of_a_bucket_cannot_break_out_of_the_script() -> None:
    script = task_script(HistorySettings(influxdb_bucket='x"\n|> drop() ${1+1}'))
    assert '_bucket = "x\\"\\n|> drop() \\${1+1}"\n' in script


def test_victoriametrics_needs_no_setup(tmp_path: Path) -> None:
    with (
        victoria(tmp_path) as server,
        pytest.raises(UserError, match="VictoriaMetrics: it needs no setup"),
    ):
        list(set_up(server_settings(server.url)))


def test_the_embedded_history_needs_no_setup(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="INFLUXDB_URL is not set"):
        list(set_up(HistorySettings(data_dir=tmp_path)))


def test_old_points_are_not_copied_where_no_bucket_would_keep_them(
    paper: PaperInflux, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"no bucket printers_daily .* run `printers influx setup`"):
        copy_history(server_settings(paper.url, data_dir=tmp_path), "influx", lambda _: None)


def test_setup_of_a_real_server_is_idempotent() -> None:
    with influx() as settings:
        assert list(set_up(settings))[-1].endswith("unchanged, every night at 0:15 UTC")


def sums(day: date, **fields: int) -> str:
    """What a server answers that is asked for the sums of days."""
    rows = "".join(
        f",_result,{n},{field},{day}T00:00:00Z,{value},lib-1\n"
        for n, (field, value) in enumerate(fields.items())
    )
    return f",result,table,_field,_time,_value,printer_id\n{rows}"


def test_sums_of_thinned_points_do_not_replace_exact_ones(paper: PaperInflux) -> None:
    settings = server_settings(paper.url)
    list(set_up(settings))
    today = datetime.now(UTC).date()
    copied, grown = today - timedelta(days=20), today - timedelta(days=2)
    paper.tables["printers_daily"] = sums(
        copied, readings=288, answered=216, first_count=10, last_count=90, pages=80
    ) + sums(grown, readings=100, answered=100, first_count=90, last_count=95, pages=5)
    paper.tables["printers"] = sums(copied, readings=24, answered=24, first_count=12, last_count=90) + sums(
        grown, readings=288, answered=280, first_count=90, last_count=99
    )
    list(set_up(settings))
    (line,) = paper.lines["printers_daily"]
    at = (grown - date(1970, 1, 1)).days * DAY * 1000
    assert line == (
        "printer_day,printer_id=lib-1 "
        f"readings=288i,answered=280i,first_count=90i,last_count=99i,pages=-1i {at}"
    )


def test_pages_that_no_longer_fit_their_counts_are_counted_anew(paper: PaperInflux) -> None:
    settings = server_settings(paper.url)
    day = datetime.now(UTC).date() - timedelta(days=5)
    paper.buckets["printers_daily"] = {}
    paper.tables["printers_daily"] = sums(
        day, readings=288, answered=280, first_count=90, last_count=99, pages=-1
    )
    reader = InfluxReader(settings)
    (found,) = reader.days(day, day + timedelta(days=1))
    assert found.pages == 9
    reader.close()


def test_the_nightly_task_sums_no_day_that_the_first_bucket_forgets(paper: PaperInflux) -> None:
    short = server_settings(paper.url).model_copy(update={"history_hourly_days": 3})
    assert "truncate(t: -2d" in task_script(short)
    assert "truncate(t: -8d" in task_script(server_settings(paper.url))


def test_copied_points_of_days_that_are_thinned_go_where_no_task_sums_them(
    paper: PaperInflux, tmp_path: Path
) -> None:
    settings = server_settings(paper.url, data_dir=tmp_path)
    list(set_up(settings))
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    series = EmbeddedSeries(settings.model_copy(update={"influxdb_url": None}))
    ages = (20, 7, 6, 1)
    series.write([point(today - timedelta(days=days, hours=-12) - NOON) for days in ages])
    series.close()
    copy_history(settings, "influx", lambda _: None)
    days = {
        bucket: {
            round((today.timestamp() + DAY / 2 - int(line.rsplit(" ", 1)[1]) / 1000) / DAY)
            for line in lines
            if line.startswith("printer,")
        }
        for bucket, lines in paper.lines.items()
    }
    assert days == {"printers": {6, 1}, "printers_daily": {20, 7}}

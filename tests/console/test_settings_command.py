"""`printers settings`: shown with their source, changed, put back, refused in one sentence."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.contract.messages import HistoryPoint, HistorySupply
from core.domain.units import day
from core.runtime.changeable_settings import changeable_settings
from core.runtime.settings import DatabaseSettings, HistorySettings
from core.storage.core_tables import AUDIT
from core.storage.database import open_database, reading
from core.storage.stored_settings import read_stored
from processor.history.loading import load_history
from tests.console.cli import call_printers, printers
from tests.console.small_fleet import fill
from tests.pictures import png


@pytest.fixture
def here(tmp_path: Path) -> DatabaseSettings:
    """A database in the folder of the test."""
    found = DatabaseSettings(data_dir=tmp_path / "data")
    open_database(found).dispose()
    return found


def test_the_list_has_every_changeable_setting_with_its_source(
    here: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUMMARY_TIME", "06:15")
    assert printers("settings", "supply_low_percent", "20").exit_code == 0
    said = printers("settings")
    lines = {line.split()[0]: line.split() for line in said.output.splitlines()[1:] if line[:1].isupper()}
    assert set(lines) == set(changeable_settings())
    assert lines["SUPPLY_LOW_PERCENT"][1:] == ["20", "database"]
    assert lines["SUMMARY_TIME"][1:] == ["06:15", "environment"]
    assert lines["TIME_ZONE"][1:] == ["UTC", "default"]
    listed = {setting["name"]: setting for setting in json.loads(printers("settings", "--json").output)}
    assert listed["SUPPLY_LOW_PERCENT"]["source"] == "database"
    with reading(open_database(here)) as connection:
        (row,) = read_stored(connection).values()
        audit = connection.execute(select(AUDIT.c.actor, AUDIT.c.subject, AUDIT.c.details)).one()
    assert (row.value, row.changed_by) == ("20", "console")
    assert tuple(audit) == ("console", "SUPPLY_LOW_PERCENT", {"value": ["15", "20"]})


def test_one_is_shown_alone_so_that_programs_can_read_it(here: DatabaseSettings) -> None:
    assert here
    said = call_printers("settings", "SUPPLY_LOW_PERCENT")
    assert (said.returncode, said.stdout) == (0, "15\n")
    assert said.stderr == "At this level a supply is low.\nIts default\n"


def test_a_secret_is_masked_and_not_changed_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMP_COMMUNITY", "very-secret")
    said = printers("settings", "SNMP_COMMUNITY")
    assert said.exit_code == 0
    assert "very-secret" not in said.output
    assert "SNMP_COMMUNITY is set in the environment, which wins: change or remove it where" in said.output
    monkeypatch.delenv("SNMP_COMMUNITY")
    Path("community").write_text("very-secret", encoding="utf-8")
    Path(".env").write_text("SNMP_COMMUNITY_FILE=community\n", encoding="utf-8")
    file = Path(".env").absolute()
    assert f"SNMP_COMMUNITY is set in {file}, which wins" in printers("settings", "SNMP_COMMUNITY").output
    unset = printers("settings", "MQTT_HOST").output
    assert f"Its default; changed in the environment of the services or in {file} alone" in unset
    refused = printers("settings", "SNMP_COMMUNITY", "public")
    assert refused.exit_code == 2
    assert (
        f"SNMP_COMMUNITY is changed in the environment of the services or in {file} alone." in refused.output
    )
    assert not Path("data").exists()


def test_one_goes_back_to_its_default(here: DatabaseSettings) -> None:
    assert here
    assert "is now 20." in printers("settings", "SUPPLY_LOW_PERCENT", "20").output
    assert "was already 20." in printers("settings", "SUPPLY_LOW_PERCENT", "20").output
    said = printers("settings", "--reset", "SUPPLY_LOW_PERCENT")
    assert (said.exit_code, said.output) == (0, "SUPPLY_LOW_PERCENT is now 15 (its default).\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("SUPPLY_LOW_PERCENT", "many"), "SUPPLY_LOW_PERCENT: A whole number is wanted."),
        (("SUMMARY_TIME", "06:00"), "error: SUMMARY_TIME is set in the environment, which wins: change or"),
        (
            ("SUPPLY_LOW_PERCENT", "2"),
            "error: SUPPLY_CRITICAL_PERCENT (5, its default) must not be above SUPPLY_LOW_PERCENT (2).",
        ),
        (("--reset", "SUMMARY_TIME"), "error: SUMMARY_TIME is set in the environment, which wins"),
        (("SUPLY_LOW_PERCENT",), "Did you mean SUPPLY_LOW_PERCENT?"),
        (("NO_SUCH_THING", "1"), "NO_SUCH_THING is no setting"),
        (("SUPPLY_LOW_PERCENT", "--reset", "TIME_ZONE"), "--reset NAME stands alone."),
        (("ORGANIZATION_LOGO", "nowhere.png"), "nowhere.png cannot be read (No such file or directory)."),
        (("ORGANIZATION_LOGO", "logo.svg"), "SVG pictures can hold scripts and are not taken"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    here: DatabaseSettings, arguments: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here
    monkeypatch.setenv("SUMMARY_TIME", "06:15")
    Path("logo.svg").write_text("<svg/>", encoding="utf-8")
    said = printers("settings", *arguments)
    assert said.exit_code == 2
    assert says in said.output
    assert "Traceback" not in said.output


def test_the_list_names_the_settings_file_where_that_sets_one(here: DatabaseSettings) -> None:
    assert here
    assert "settings file" not in printers("settings").output
    Path(".env").write_text("SUMMARY_TIME=06:15\n", encoding="utf-8")
    said = printers("settings").output
    (line,) = [line.split() for line in said.splitlines() if line.startswith("SUMMARY_TIME")]
    assert line[1:] == ["06:15", "settings", "file"]
    assert f"The settings file is {Path('.env').absolute()}.\n" in said
    refused = printers("settings", "SUMMARY_TIME", "06:30")
    assert refused.exit_code == 2
    assert f"error: SUMMARY_TIME is set in {Path('.env').absolute()}, which wins" in refused.output


def test_the_logo_is_taken_from_a_file(here: DatabaseSettings) -> None:
    assert here
    Path("logo.png").write_bytes(png())
    said = printers("settings", "ORGANIZATION_LOGO", "logo.png")
    assert said.exit_code == 0
    assert "ORGANIZATION_LOGO is now PNG picture, 120 x 40" in said.output
    assert "base64" not in printers("settings").output


def low_for_ten_days(here: DatabaseSettings) -> None:
    """The printer `low` of the small fleet was at 18 % ten days ago, and is at 9 % since five days."""
    fill(open_database(here))
    now = datetime.now(UTC)
    levels = {10: 18, 9: 18, 5: 9, 4: 9, 1: 9}
    points = [
        HistoryPoint(
            printer_id="low",
            taken_at=now - timedelta(days=days),
            reachable=True,
            state="idle",
            supplies={"1.1": HistorySupply(level=percent, percent=percent)},
        )
        for days, percent in levels.items()
    ]
    load_history(points, HistorySettings(data_dir=here.data_dir))


def test_thresholds_are_tried_on_the_history_and_nothing_is_changed(here: DatabaseSettings) -> None:
    low_for_ten_days(here)
    tried = ("settings", "try", "supply_low_percent=8", "SUPPLY_CRITICAL_PERCENT=2")
    said = printers(*tried, env={"COLUMNS": "80"})
    assert said.exit_code == 0
    lines = [line.rstrip() for line in said.output.splitlines()]
    assert max(map(len, lines)) <= 80
    assert [line.split()[-4:] for line in lines if line.startswith("A supply is low at")] == [
        ["15", "%", "8", "%"]
    ]
    assert [line.split()[-2:] for line in lines if line.startswith("Printers with a low")] == [["1", "0"]]
    assert lines[lines.index("Low with the present values alone: 1") + 1] == "  Low  Room 12"
    begins = day((datetime.now(UTC) - timedelta(days=10)).date())
    assert f"Levels: the last of each hour in 30 days; history begins on {begins}." in lines
    with reading(open_database(here)) as connection:
        assert read_stored(connection) == {}
    found = json.loads(printers(*tried, "--json").output)
    assert found["present"]["low_printers"] == ["low"]
    assert found["proposed"] | {"low_times": 0, "supply_low_percent": 8} == found["proposed"]


def test_without_history_a_trial_says_so(here: DatabaseSettings) -> None:
    assert here
    said = printers("settings", "try", "SUPPLY_LOW_PERCENT=20")
    assert (said.exit_code, said.output) == (
        0,
        "There is no history yet on which thresholds could be tried.\n",
    )


def test_a_time_series_that_is_away_ends_a_trial_in_one_sentence(
    here: DatabaseSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert here
    monkeypatch.setenv("INFLUXDB_URL", "http://127.0.0.1:9")
    said = printers("settings", "try", "SUPPLY_LOW_PERCENT=20")
    assert said.exit_code == 2
    assert "the time series at http://127.0.0.1:9 does not answer" in said.output
    assert "Traceback" not in said.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "say what is to be tried"),
        (("SUPPLY_LOW_PERCENT",), "NAME=VALUE is wanted"),
        (("SUPPLY_LOW_PERCENT=many",), "SUPPLY_LOW_PERCENT: A whole number is wanted."),
        (
            ("SUPPLY_LOW_PERCENT=2",),
            "error: SUPPLY_CRITICAL_PERCENT (5, its default) must not be above SUPPLY_LOW_PERCENT (2).",
        ),
        (
            ("SUPPLY_LOW_PERCENT=8", "SUPPLY_CRITICAL_PERCENT=20"),
            "error: SUPPLY_CRITICAL_PERCENT (20) must not be above SUPPLY_LOW_PERCENT (8).",
        ),
        (("TIME_ZONE=UTC",), "TIME_ZONE: It cannot be tried; UNREACHABLE_AFTER, SUPPLY_LOW_PERCENT"),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(
    here: DatabaseSettings, arguments: tuple[str, ...], says: str
) -> None:
    assert here
    said = printers("settings", "try", *arguments)
    assert said.exit_code == 2
    assert says in said.output


def test_a_setting_takes_one_value(here: DatabaseSettings) -> None:
    assert here
    said = printers("settings", "ORGANIZATION", "Hartwell", "College")
    assert said.exit_code == 2
    assert "ORGANIZATION takes one value: put it in quotation marks where it has blanks." in said.output

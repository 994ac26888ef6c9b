"""The table of settings: changed with an audit, refused as a whole, followed by what runs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from core.domain.logos import read_logo
from core.runtime.mail_settings import SummarySettings
from core.runtime.settings import RuleSettings, load
from core.storage.core_tables import AUDIT, SETTINGS
from core.storage.database import reading, writing
from core.storage.stored_settings import (
    LiveSettings,
    RefusedSettings,
    change_settings,
    load_now,
    read_stored,
    settings_now,
    stored_texts,
)
from tests.pictures import png

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(frozen=True)
class TwoBlocks:
    """Settings of a service."""

    rules: RuleSettings
    summary: SummarySettings
    name: str = "no block"


def change(engine: Engine, **changes: str) -> list[str]:
    with writing(engine) as connection:
        return change_settings(connection, changes, actor="ada", now=NOW)


def stored(engine: Engine) -> dict[str, str]:
    with reading(engine) as connection:
        return stored_texts(connection)


def audit(engine: Engine) -> list[tuple[str, str, str, list[str]]]:
    query = select(AUDIT.c.actor, AUDIT.c.action, AUDIT.c.subject, AUDIT.c.details).order_by(AUDIT.c.id)
    with reading(engine) as connection:
        return [
            (row.actor, row.action, row.subject, row.details["value"]) for row in connection.execute(query)
        ]


def test_a_change_is_kept_with_who_made_it_and_is_in_the_audit_with_both_values(engine: Engine) -> None:
    assert change(engine, SUPPLY_LOW_PERCENT="20") == ["SUPPLY_LOW_PERCENT"]
    assert change(engine, SUPPLY_LOW_PERCENT="25", SUMMARY_TIME="07:00") == ["SUPPLY_LOW_PERCENT"]
    with reading(engine) as connection:
        (row,) = read_stored(connection).values()
    assert (row.value, row.changed_by, row.changed_at) == ("25", "ada", NOW)
    assert change(engine, SUPPLY_LOW_PERCENT="") == ["SUPPLY_LOW_PERCENT"]
    assert stored(engine) == {}
    assert audit(engine) == [
        ("ada", "setting.changed", "SUPPLY_LOW_PERCENT", values)
        for values in (["15", "20"], ["20", "25"], ["25", "15"])
    ]


def test_of_a_logo_the_audit_has_no_octets(engine: Engine) -> None:
    logo = read_logo(png())
    change(engine, ORGANIZATION_LOGO=logo.as_text())
    assert audit(engine) == [("ada", "setting.changed", "ORGANIZATION_LOGO", ["", str(logo)])]


def test_one_value_that_cannot_be_used_refuses_all_each_with_its_sentence(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIME_ZONE", "Europe/Berlin")
    Path(".env").write_text("CURRENCY=CHF\n", encoding="utf-8")
    file = Path(".env").absolute()
    with pytest.raises(RefusedSettings) as refused:
        change(
            engine,
            SUPPLY_LOW_PERCENT="20",
            SUMMARY_TIME="late",
            TIME_ZONE="UTC",
            CURRENCY="USD",
            MQTT_PASSWORD="x",
        )
    assert refused.value.sentences == {
        "SUMMARY_TIME": "A time of day such as 07:00 is wanted.",
        "TIME_ZONE": "TIME_ZONE is set in the environment, which wins: change or remove it where the "
        "services get theirs (systemd unit, compose file, shell), then restart them.",
        "CURRENCY": f"CURRENCY is set in {file}, which wins: change or remove it there, then restart the "
        "services.",
        "MQTT_PASSWORD": f"MQTT_PASSWORD is changed in the environment of the services or in {file} alone.",
    }
    assert (stored(engine), audit(engine)) == ({}, [])


def test_settings_that_contradict_each_other_are_refused_however_they_come_together(engine: Engine) -> None:
    with pytest.raises(RefusedSettings) as refused:
        change(engine, SUPPLY_LOW_PERCENT="2")
    said = "SUPPLY_CRITICAL_PERCENT (5, its default) must not be above SUPPLY_LOW_PERCENT (2)."
    assert (str(refused.value), refused.value.sentences) == (said, {"SUPPLY_LOW_PERCENT": said})
    change(engine, SUPPLY_LOW_PERCENT="2", SUPPLY_CRITICAL_PERCENT="2")
    with pytest.raises(RefusedSettings, match=r"^SUPPLY_CRITICAL_PERCENT \(5, its default\) must not"):
        change(engine, SUPPLY_CRITICAL_PERCENT="")
    change(engine, SUPPLY_LOW_PERCENT="", SUPPLY_CRITICAL_PERCENT="")
    with pytest.raises(RefusedSettings) as refused:
        change(engine, SUPPLY_LOW_PERCENT="20", SUPPLY_CRITICAL_PERCENT="30", UNREACHABLE_AFTER="3")
    said = "SUPPLY_CRITICAL_PERCENT (30) must not be above SUPPLY_LOW_PERCENT (20)."
    assert str(refused.value) == said, "one sentence, though both are changed"
    assert refused.value.sentences == {"SUPPLY_LOW_PERCENT": said, "SUPPLY_CRITICAL_PERCENT": said}
    assert stored(engine) == {}


def test_what_another_version_has_stored_against_a_rule_keeps_no_other_setting_from_being_changed(
    engine: Engine,
) -> None:
    with writing(engine) as connection:
        row = {"name": "SUPPLY_LOW_PERCENT", "value": "2", "changed_by": "x", "changed_at": NOW}
        connection.execute(SETTINGS.insert().values(row))
    change(engine, UNREACHABLE_AFTER="3")
    with reading(engine) as connection:
        rules = load_now(connection, RuleSettings)
    assert (rules.unreachable_after, rules.supply_low_percent, rules.supply_critical_percent) == (3, 15, 5)


def test_what_runs_follows_what_is_stored(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPLY_CRITICAL_PERCENT", "4")
    change(engine, SUPPLY_LOW_PERCENT="20")
    live = LiveSettings(engine, TwoBlocks(load(RuleSettings), load(SummarySettings)))
    told: list[int] = []
    live.on_change(lambda now: told.append(now.rules.supply_low_percent))
    change(engine, SUMMARY_TIME="06:30", SUPPLY_LOW_PERCENT="30")
    with writing(engine) as connection:  # as another service with another environment could have stored it
        row = {"name": "SUPPLY_CRITICAL_PERCENT", "value": "9", "changed_by": "x", "changed_at": NOW}
        connection.execute(SETTINGS.insert().values(row))
    assert live.current.rules.supply_low_percent == 20
    live.step()
    live.step()
    assert told == [20, 30]
    now = live.current
    assert (now.rules.supply_critical_percent, f"{now.summary.summary_time:%H:%M}") == (4, "06:30")
    change(engine, SUPPLY_LOW_PERCENT="")
    live.step()
    assert told == [20, 30, 15]


def test_a_command_takes_what_is_stored_at_its_start(engine: Engine) -> None:
    change(engine, SUPPLY_LOW_PERCENT="20")
    blocks = TwoBlocks(load(RuleSettings), load(SummarySettings))
    assert settings_now(engine, blocks).rules.supply_low_percent == 20
    with reading(engine) as connection:
        assert load_now(connection, RuleSettings).supply_low_percent == 20

"""Settings that can be changed while the system runs: which wins, what is refused, what never is one."""

from collections.abc import Mapping
from dataclasses import fields, make_dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from core.contract.errors import SettingsError
from core.domain.logos import read_logo
from core.runtime.changeable_settings import (
    block_with_stored,
    changeable,
    changeable_settings,
    with_stored,
)
from core.runtime.secret_files import secret_names
from core.runtime.setting_types import is_changeable
from core.runtime.settings import RuleSettings, load
from core.runtime.settings_doc import BLOCKS, as_written
from core.runtime.shown_settings import shown_blocks
from tests.pictures import jpeg, png

OTHERS: Final[Mapping[str, tuple[str, str]]] = {
    "UNREACHABLE_AFTER": ("3", "4"),
    "SUPPLY_LOW_PERCENT": ("20", "21"),
    "SUPPLY_CRITICAL_PERCENT": ("7", "8"),
    "HISTORY_HOURLY_DAYS": ("30", "31"),
    "HISTORY_DAYS": ("700", "701"),
    "MAIL_KEEP_DAYS": ("10", "11"),
    "ISSUE_SUMMARY_RECIPIENT": ("a@example.org", "b@example.org, c@example.org"),
    "SUMMARY_TIME": ("06:30", "05:00:15"),
    "TIME_ZONE": ("Europe/Berlin", "America/New_York"),
    "SUMMARY_WHEN_EMPTY": ("none", "short"),
    "MAIL_ISSUE_RECEIPT": ("false", "true"),
    "MAIL_ISSUE_RESOLVED": ("false", "true"),
    "MAIL_ISSUE_ASSIGNED": ("false", "true"),
    "NOTIFY_SEVERITY": ("warning", "info"),
    "NOTIFY_LOCATIONS": ("Library*", "annex"),
    "NOTIFY_QUIET_HOURS": ("22:00-06:30", "20:00-08:00"),
    "NOTIFY_QUIET_DAYS": ("saturday, sunday", "sunday, off"),
    "SUMMARY_QUIET_DAYS": ("saturday, sunday, off", "friday"),
    "NOTIFY_RESOLVED": ("false", "true"),
    "NOTIFY_ESCALATE_MINUTES": ("30", "0"),
    "ORDER_MAIL_WEEKDAY": ("monday", "friday"),
    "ORDER_MAIL_RECIPIENT": ("a@example.org", "b@example.org"),
    "ORDER_MAIL_DAYS": ("7", "30"),
    "CURRENCY": ("CHF", "USD"),
    "ORGANIZATION": ("Hartwell College, HC", "Elm School"),
    "ORGANIZATION_LOGO": (read_logo(png()).as_text(), read_logo(jpeg()).as_text()),
    "DASHBOARD_THEME": ("dark", "light"),
}
"""For each two values: one that is stored, one that the environment sets."""


def everything() -> Any:
    """All blocks as the settings of one service."""
    made = make_dataclass("Everything", [(block.__name__, block) for block in BLOCKS], frozen=True)
    return made(*map(load, BLOCKS))


def values(settings: Any, name: str) -> set[str]:
    """The values of a setting in all blocks that have it."""
    blocks = [getattr(settings, field.name) for field in fields(settings)]
    found = [getattr(block, name.lower()) for block in blocks if name.lower() in type(block).model_fields]
    return {as_written(value) for value in found}


@pytest.mark.parametrize("name", OTHERS)
def test_the_environment_wins_over_the_database_and_that_over_the_default(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, set_outside = OTHERS[name]
    default = changeable(name).default
    assert stored != default
    assert values(with_stored(everything(), {}), name) == {default}
    assert values(with_stored(everything(), {name: ""}), name) == {default}
    assert values(with_stored(everything(), {name: stored}), name) == {stored}
    monkeypatch.setenv(name, set_outside)
    assert values(with_stored(everything(), {name: stored}), name) == {set_outside}
    monkeypatch.delenv(name)
    Path(".env").write_text(f"{name}='{set_outside}'\n", encoding="utf-8")
    assert values(with_stored(everything(), {name: stored}), name) == {set_outside}


@pytest.mark.parametrize("name", OTHERS)
def test_where_a_value_comes_from_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def source(stored: Mapping[str, str]) -> str:
        blocks = shown_blocks(stored)
        (found,) = [setting for block in blocks for setting in block.settings if setting.name == name]
        assert found.changeable
        return found.source

    assert source({}) == "default"
    assert source({name: OTHERS[name][0]}) == "database"
    monkeypatch.setenv(name, OTHERS[name][1])
    assert source({name: OTHERS[name][0]}) == "environment"
    monkeypatch.delenv(name)
    Path(".env").write_text(f"{name}='{OTHERS[name][1]}'\n", encoding="utf-8")
    assert source({name: OTHERS[name][0]}) == "settings file"


def test_the_table_above_has_every_changeable_setting() -> None:
    assert set(OTHERS) == set(changeable_settings())


def test_a_setting_that_several_blocks_read_is_declared_alike_and_no_secret_is_changeable() -> None:
    for block in BLOCKS:
        for name, field in block.model_fields.items():
            if is_changeable(field):
                assert name not in secret_names(block)
            declared = [other.model_fields[name] for other in BLOCKS if name in other.model_fields]
            if any(map(is_changeable, declared)):
                assert {repr(one) for one in declared} == {repr(field)}, name


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("SUPPLY_LOW_PERCENT", "many", "A whole number is wanted."),
        ("SUPPLY_LOW_PERCENT", "101", "At most 100 is wanted."),
        ("UNREACHABLE_AFTER", "0", "At least 1 is wanted."),
        ("MAIL_ISSUE_RECEIPT", "perhaps", "True or false is wanted."),
        ("NOTIFY_SEVERITY", "loud", "'info', 'warning' or 'critical' is wanted."),
        ("NOTIFY_QUIET_HOURS", "at night", "'at night' is no part of a day: 22:00-06:30 is wanted."),
        ("SUMMARY_TIME", "25:00", "A time of day such as 07:00 is wanted."),
        ("SUMMARY_TIME", "07:00Z", "A time of day without a zone is wanted, such as 07:00."),
        ("TIME_ZONE", "Mars", "'Mars' is no time zone: a name such as Europe/Berlin is wanted."),
        ("ORGANIZATION", "x" * 201, "A text of at most 200 characters is wanted."),
        ("ORGANIZATION_LOGO", "logo.svg", "A picture as data:image/png;base64,... is wanted."),
    ],
)
def test_a_wrong_value_has_the_sentence_that_the_environment_has(
    name: str, text: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError) as refused:
        changeable(name).tidied(text)
    assert str(refused.value) == says
    monkeypatch.setenv(name, text)
    block = next(block for block in BLOCKS if name.lower() in block.model_fields)
    with pytest.raises(SettingsError) as outside:
        load(block)
    assert says[1:] in str(outside.value)


@pytest.mark.parametrize(
    ("name", "text", "tidied"),
    [
        ("SUPPLY_LOW_PERCENT", " 20 ", "20"),
        ("SUPPLY_LOW_PERCENT", "15", ""),
        ("SUMMARY_TIME", "06:00:00", "06:00"),
        ("NOTIFY_RESOLVED", "FALSE", "false"),
        ("NOTIFY_ESCALATE_MINUTES", "30.0", "30"),
        ("TIME_ZONE", "", ""),
    ],
)
def test_a_value_is_stored_in_one_form_and_its_default_not_at_all(name: str, text: str, tidied: str) -> None:
    assert changeable(name).tidied(text) == tidied


@pytest.mark.parametrize("name", ["SNMP_COMMUNITY", "DATABASE_URL", "NOTIFY_URLS", "DASHBOARD_LISTEN"])
def test_what_is_secret_or_needs_a_restart_is_changed_outside_alone(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is changed in the environment"):
        changeable(name)
    with pytest.raises(SettingsError, match="is no setting"):
        changeable(f"{name}_X")


def test_a_stored_value_that_cannot_be_used_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    rules = block_with_stored(
        load(RuleSettings), {"SUPPLY_LOW_PERCENT": "much", "SUPPLY_CRITICAL_PERCENT": "9", "GONE": "1"}
    )
    assert (rules.supply_low_percent, rules.supply_critical_percent) == (15, 9)
    assert "SUPPLY_LOW_PERCENT: the stored value cannot be used: A whole number is wanted." in caplog.text


def test_stored_values_that_contradict_others_are_left_out_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored = {"SUPPLY_CRITICAL_PERCENT": "12", "UNREACHABLE_AFTER": "3"}
    assert block_with_stored(load(RuleSettings), stored).supply_critical_percent == 12
    monkeypatch.setenv("SUPPLY_LOW_PERCENT", "10")
    rules = block_with_stored(load(RuleSettings), stored)
    assert (rules.supply_low_percent, rules.supply_critical_percent, rules.unreachable_after) == (10, 5, 3)
    assert caplog.messages == [
        "SUPPLY_CRITICAL_PERCENT: the stored value cannot be used: SUPPLY_CRITICAL_PERCENT (12) must not be "
        "above SUPPLY_LOW_PERCENT (10)."
    ]

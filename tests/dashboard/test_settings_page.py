"""The page Settings: who may change what, values told beside their fields, locks, undo, and the logo."""

import re
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from typing import Final

import pytest
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from core.contract.errors import Conflict
from core.contract.messages import PrinterState
from core.domain.logos import read_logo
from core.runtime.changeable_settings import changeable_settings
from core.runtime.settings import HistorySettings, RuleSettings
from core.storage.core_tables import AUDIT
from core.storage.database import reading, writing
from core.storage.stored_settings import RefusedSettings, change_settings, stored_texts
from core.timeseries.reader import PrinterDay
from core.timeseries.stores import open_store
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.settings import actions
from dashboard.features.settings.groups import CHOICES, GROUPS, LOGO
from dashboard.features.settings.queries import printers_at_or_below
from dashboard.features.settings.trials import RunningTrial
from dashboard.ui.theme import PAGE, theme_options
from dashboard.undoing import Done, undo
from dashboard.viewer import Forbidden, Viewer
from tests.builders import printer, put, snapshot
from tests.dashboard.drawing import fine, html_of, said
from tests.dashboard.harness import ADMIN, MANAGER, TECHNICIAN, PaperSeries, drawn, open_college
from tests.dashboard.html_text import parsed
from tests.patience import PATIENCE_SECONDS, until
from tests.pictures import png

NOW: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[AppContext]:
    made = open_college(tmp_path / "data")
    yield made
    made.engine.dispose()


def stored(app: AppContext) -> dict[str, str]:
    with reading(app.engine) as connection:
        return stored_texts(connection)


def changed(app: AppContext, changes: Mapping[str, str], viewer: Viewer = ADMIN) -> Done:
    return actions.change(Actor(app.engine, viewer, NOW), app.live, changes)


def key(name: str) -> str:
    """The key of the widget of a setting that nobody has changed."""
    return f"setting-{name}-0"


def test_every_changeable_setting_is_on_the_page_once() -> None:
    names = [name for group in GROUPS for name in group.labels]
    assert sorted([*names, LOGO]) == sorted(changeable_settings())
    for name, choice in CHOICES:
        assert choice in changeable_settings()[name].choices


@pytest.mark.parametrize("viewer", [MANAGER, TECHNICIAN])
def test_a_forged_change_by_who_is_no_admin_is_refused(app: AppContext, viewer: Viewer) -> None:
    with pytest.raises(Forbidden):
        changed(app, {"SUPPLY_LOW_PERCENT": "20"}, viewer)
    assert stored(app) == {}
    assert drawn("settings", MANAGER, app).exception


def test_a_change_is_in_effect_here_at_once_and_can_be_undone(app: AppContext) -> None:
    test = fine(drawn("settings", ADMIN, app))
    test.text_input(key=key("TIME_ZONE")).set_value("Europe/Berlin")
    test.button(key="save-organization").click()
    test = fine(test.run())
    assert "TIME_ZONE is changed." in said(test)
    assert app.settings.summary.time_zone == app.settings.accounts.time_zone == "Europe/Berlin"
    assert "Changed by Ada Okafor just now; default: UTC" in html_of(test)
    with reading(app.engine) as connection:
        changed = select(AUDIT.c.actor, AUDIT.c.subject, AUDIT.c.details)
        entry = connection.execute(changed.where(AUDIT.c.action == "setting.changed")).one()
    assert tuple(entry) == ("ada", "TIME_ZONE", {"value": ["UTC", "Europe/Berlin"]})
    test.button(key="settings.undo").click()
    test = fine(test.run())
    assert stored(app) == {}
    fields = [field for field in test.text_input if str(field.key).startswith("setting-TIME_ZONE-")]
    # No field of before, in which Streamlit may still hold what was typed.
    assert [(field.value, field.key) for field in fields] == [("UTC", "setting-TIME_ZONE-2")]


def test_what_somebody_else_has_changed_since_is_not_undone(app: AppContext) -> None:
    done = changed(app, {"SUPPLY_LOW_PERCENT": "20"})
    changed(app, {"SUPPLY_LOW_PERCENT": "30"})
    with pytest.raises(Conflict, match="SUPPLY_LOW_PERCENT was changed by somebody else since"):
        undo(Actor(app.engine, ADMIN, NOW), done)
    with pytest.raises(Forbidden):
        undo(Actor(app.engine, MANAGER, NOW), done)


def test_a_wrong_value_is_told_beside_its_field_and_nothing_of_its_form_is_stored(app: AppContext) -> None:
    test = fine(drawn("settings", ADMIN, app))
    test.text_input(key=key("SUPPLY_LOW_PERCENT")).set_value("many")
    test.text_input(key=key("UNREACHABLE_AFTER")).set_value("4")
    test.button(key="save-thresholds").click()
    test = fine(test.run())
    assert '<p class="below wrong" role="alert">A whole number is wanted.</p>' in html_of(test)
    assert test.text_input(key=key("SUPPLY_LOW_PERCENT")).value == "many"
    assert (stored(app), said(test)) == ({}, "")


def test_values_that_contradict_each_other_are_told_beside_their_field(app: AppContext) -> None:
    test = fine(drawn("settings", ADMIN, app))
    test.text_input(key=key("SUPPLY_LOW_PERCENT")).set_value("2")
    said_below = (
        '<p class="below wrong" role="alert">SUPPLY_CRITICAL_PERCENT (5, its default) must not be above '
        "SUPPLY_LOW_PERCENT (2).</p>"
    )
    for button in ("save-thresholds", "try-thresholds"):
        test.button(key=button).click()
        test = fine(test.run())
        assert html_of(test).count(said_below) == 1
    assert "settings.trial" not in test.session_state
    assert stored(app) == {}


def test_what_the_environment_or_the_settings_file_sets_is_locked(
    app: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUMMARY_TIME", "06:15")
    Path(".env").write_text("CURRENCY=CHF\n", encoding="utf-8")
    test = fine(drawn("settings", ADMIN, app))
    field = test.text_input(key=key("SUMMARY_TIME"))
    assert (field.value, field.disabled) == ("06:15", True)
    assert "Locked: SUMMARY_TIME is set in the environment, which wins: change or remove it" in html_of(test)
    assert test.text_input(key=key("CURRENCY")).disabled
    assert f"Locked: CURRENCY is set in {Path('.env').absolute()}, which wins: change or" in html_of(test)
    with pytest.raises(RefusedSettings):
        changed(app, {"SUMMARY_TIME": "07:30"})


def test_the_thresholds_tell_how_many_printers_are_that_low_now(app: AppContext) -> None:
    with reading(app.engine) as connection:
        assert set(printers_at_or_below(connection).values()) == {0}
    for number, (percent, enabled) in enumerate([(4, True), (5, True), (12, True), (2, False), (None, True)]):
        name = f"more-{number}"
        read = snapshot(name, PrinterState(printer_id=name), lowest_supply_percent=percent)
        put(app.engine, printer(name, enabled=enabled), read)
    with reading(app.engine) as connection:
        found = printers_at_or_below(connection)
    assert found == {5: 2, 10: 2, 15: 3, 20: 3, 25: 3, 30: 3}
    text = parsed(html_of(fine(drawn("settings", ADMIN, app)))).text
    assert "Printers with a supply at or below 5 %: 2, 10 %: 2, 15 %: 3" in " ".join(text.split())


def tried(test: AppTest) -> AppTest:
    """The page once its trial is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        test = fine(test.run())
        if "settings.trial" in test.session_state and not test.session_state["settings.trial"].is_running:
            return fine(test.run())
        time.sleep(0.05)
    raise AssertionError("the trial does not end")


def try_values(app: AppContext, **values: str) -> AppTest:
    test = fine(drawn("settings", ADMIN, app))
    for name, value in values.items():
        test.text_input(key=key(name)).set_value(value)
    test.button(key="try-thresholds").click()
    return test


def cells_of(test: AppTest) -> dict[str, tuple[str, ...]]:
    """The table of a trial: its columns by what a line is about."""
    lines = html_of(test).partition('<section class="trial"')[2].partition("</tbody>")[0].split("<tr")[2:]
    rows = ([parsed(cell).text.strip() for cell in re.findall(r">([^<]+)<", line)] for line in lines)
    return {row[0]: tuple(row[1:]) for row in rows}


def test_proposed_thresholds_are_tried_before_they_are_saved(app: AppContext) -> None:
    test = tried(try_values(app, SUPPLY_LOW_PERCENT="8", SUPPLY_CRITICAL_PERCENT="2"))
    cells = cells_of(test)
    assert cells["A supply is low at"] == ("15 %", "8 %")
    # `low` came down to 9 %; its flag was seen to come, and nobody has replaced the supply yet.
    assert cells["Printers with a low supply"] == ("1", "0")
    assert cells["Median days until replaced or empty"] == ("not seen", "not seen")
    text = " ".join(parsed(html_of(test)).text.split())
    assert "Low with the present values alone: 1 Low Room 12" in text
    assert 'href="/printer?id=low"' in html_of(test)
    assert "Not judged: 1 waste container, 3 printers without levels." in text
    assert stored(app) == {}
    test.button(key="save-thresholds").click()
    test = fine(test.run())
    assert stored(app) == {"SUPPLY_LOW_PERCENT": "8", "SUPPLY_CRITICAL_PERCENT": "2"}
    assert "What these thresholds" not in html_of(test)


def test_the_present_thresholds_alone_are_one_column(app: AppContext) -> None:
    assert cells_of(tried(try_values(app)))["Printers with a low supply"] == ("1",)


def test_a_wrong_value_is_not_tried(app: AppContext) -> None:
    test = fine(try_values(app, SUPPLY_LOW_PERCENT="many").run())
    assert '<p class="below wrong" role="alert">A whole number is wanted.</p>' in html_of(test)
    assert "settings.trial" not in test.session_state


def test_a_history_that_is_away_is_one_sentence(app: AppContext) -> None:
    away = open_store(HistorySettings(influxdb_url="http://127.0.0.1:9")).open_reader()
    test = tried(try_values(replace(app, series=away), SUPPLY_LOW_PERCENT="20"))
    assert said(test) == "The history cannot be read just now. Thresholds can be saved all the same."


def test_where_there_is_no_history_yet_a_trial_says_so(app: AppContext) -> None:
    test = tried(try_values(replace(app, series=PaperSeries()), SUPPLY_LOW_PERCENT="20"))
    assert "There is no history yet on which thresholds could be tried." in html_of(test)


def test_a_trial_that_nobody_waits_for_ends_at_its_next_printer(app: AppContext) -> None:
    asked, go_on = Event(), Event()

    class Slow(PaperSeries):
        def days(
            self, since: date, until: date, printer_ids: Collection[str] | None = None
        ) -> Iterator[PrinterDay]:
            asked.set()
            assert go_on.wait(PATIENCE_SECONDS)
            return super().days(since, until, printer_ids)

    trial = RunningTrial(replace(app, series=Slow()), RuleSettings(supply_low_percent=20), NOW)
    assert asked.wait(PATIENCE_SECONDS)
    assert (trial.is_running, trial.of) == (True, 0)
    trial.end()
    go_on.set()
    until(lambda: not trial.is_running, "the end of the trial")
    assert (trial.result, trial.failure) == (None, "The trial was ended.")


def test_what_people_type_is_text(app: AppContext) -> None:
    changed(app, {"ORGANIZATION": "<script>alert(1)</script>"})
    assert "<script>alert" not in html_of(fine(drawn("settings", ADMIN, app)))


def test_of_a_logo_the_page_has_no_octets(app: AppContext) -> None:
    logo = read_logo(png())
    with writing(app.engine) as connection:
        change_settings(connection, {LOGO: logo.as_text()}, actor="ada", now=NOW)
    app.live.step()
    html = html_of(fine(drawn("settings", ADMIN, app)))
    assert f'src="/logo?v={logo.version}"' in html
    assert logo.as_text()[:60] not in html
    assert str(logo) in html


def test_a_theme_for_all_has_both_sides_in_its_colors() -> None:
    name = "theme.{}.backgroundColor"
    sides = {theme: theme_options(theme) for theme in ("system", "light", "dark")}
    assert [[options[name.format(side)] for side in ("light", "dark")] for options in sides.values()] == [
        [PAGE.light, PAGE.dark],
        [PAGE.light, PAGE.light],
        [PAGE.dark, PAGE.dark],
    ]

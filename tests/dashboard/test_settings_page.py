"""The page Settings: who may change what, values told beside their fields, locks, undo, and the logo."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select

from core.contract.errors import Conflict
from core.contract.messages import PrinterState
from core.domain.logos import read_logo
from core.runtime.changeable_settings import changeable_settings
from core.storage.core_tables import AUDIT
from core.storage.database import reading, writing
from core.storage.stored_settings import RefusedSettings, change_settings, stored_texts
from dashboard.app_context import AppContext
from dashboard.features.settings import actions
from dashboard.features.settings.groups import CHOICES, GROUPS, LOGO
from dashboard.features.settings.queries import printers_at_or_below
from dashboard.ui.theme import PAGE, theme_options
from dashboard.undoing import undo
from dashboard.viewer import Forbidden
from tests.builders import printer, put, snapshot
from tests.dashboard.drawing import fine, html_of, said
from tests.dashboard.harness import ADMIN, MANAGER, TECHNICIAN, drawn, open_college
from tests.dashboard.html_text import parsed
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


def key(name: str) -> str:
    """The key of the widget of a setting that nobody has changed."""
    return f"setting-{name}-0.000000"


def test_every_changeable_setting_is_on_the_page_once() -> None:
    names = [name for group in GROUPS for name in group.labels]
    assert sorted([*names, LOGO]) == sorted(changeable_settings())
    for name, choice in CHOICES:
        assert choice in changeable_settings()[name].choices


@pytest.mark.parametrize("viewer", [MANAGER, TECHNICIAN])
def test_a_forged_change_by_who_is_no_admin_is_refused(app: AppContext, viewer: object) -> None:
    with pytest.raises(Forbidden):
        actions.change(app, viewer, {"SUPPLY_LOW_PERCENT": "20"}, now=NOW)  # type: ignore[arg-type] # a Viewer
    assert stored(app) == {}
    assert drawn("settings", MANAGER, app).exception


def test_a_change_is_in_effect_here_at_once_and_can_be_undone(app: AppContext) -> None:
    test = fine(drawn("settings", ADMIN, app))
    test.text_input(key=key("TIME_ZONE")).set_value("Europe/Berlin")
    test.button(key="save-organization").click()
    test = fine(test.run())
    assert "TIME_ZONE is changed." in said(test)
    assert app.settings.summary.time_zone == app.settings.accounts.time_zone == "Europe/Berlin"
    assert "Changed by ada just now; default: UTC" in html_of(test)
    with reading(app.engine) as connection:
        changed = select(AUDIT.c.actor, AUDIT.c.subject, AUDIT.c.details)
        entry = connection.execute(changed.where(AUDIT.c.action == "setting.changed")).one()
    assert tuple(entry) == ("ada", "TIME_ZONE", {"value": ["UTC", "Europe/Berlin"]})
    test.button(key="settings.undo").click()
    fine(test.run())
    assert stored(app) == {}


def test_what_somebody_else_has_changed_since_is_not_undone(app: AppContext) -> None:
    done = actions.change(app, ADMIN, {"SUPPLY_LOW_PERCENT": "20"}, now=NOW)
    actions.change(app, ADMIN, {"SUPPLY_LOW_PERCENT": "30"}, now=NOW)
    with pytest.raises(Conflict, match="SUPPLY_LOW_PERCENT was changed by somebody else since"):
        undo(app.engine, ADMIN, done, now=NOW)
    with pytest.raises(Forbidden):
        undo(app.engine, MANAGER, done, now=NOW)


def test_a_wrong_value_is_told_beside_its_field_and_nothing_of_its_form_is_stored(app: AppContext) -> None:
    test = fine(drawn("settings", ADMIN, app))
    test.text_input(key=key("SUPPLY_LOW_PERCENT")).set_value("many")
    test.text_input(key=key("UNREACHABLE_AFTER")).set_value("4")
    test.button(key="save-thresholds").click()
    test = fine(test.run())
    assert '<p class="below wrong" role="alert">A whole number is wanted.</p>' in html_of(test)
    assert test.text_input(key=key("SUPPLY_LOW_PERCENT")).value == "many"
    assert (stored(app), said(test)) == ({}, "")


def test_what_the_environment_sets_is_locked(app: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUMMARY_TIME", "06:15")
    test = fine(drawn("settings", ADMIN, app))
    field = test.text_input(key=key("SUMMARY_TIME"))
    assert (field.value, field.disabled) == ("06:15", True)
    assert "Locked: SUMMARY_TIME is set in the environment or the settings file." in html_of(test)
    with pytest.raises(RefusedSettings):
        actions.change(app, ADMIN, {"SUMMARY_TIME": "07:30"}, now=NOW)


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


def test_what_people_type_is_text(app: AppContext) -> None:
    actions.change(app, ADMIN, {"ORGANIZATION": "<script>alert(1)</script>"}, now=NOW)
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

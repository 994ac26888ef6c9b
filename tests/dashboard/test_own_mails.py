"""Your mails, on the page Your account: chosen by oneself alone, kept, and in the audit."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from core.domain.mail_choices import MailChoices
from core.domain.permissions import role_of
from core.storage.core_tables import AUDIT, USERS
from core.storage.database import reading, writing
from core.storage.user_rows import UserRow
from core.storage.users import AccountRefused, edit_user, find_user
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.account.actions import choose_mails
from dashboard.viewer import Forbidden, Viewer
from tests.dashboard.drawing import fine
from tests.dashboard.harness import TECHNICIAN, drawn

NOW = datetime.now(UTC)


def tom(app_context: AppContext) -> UserRow:
    with reading(app_context.engine) as connection:
        found = find_user(connection, "tom")
    assert found is not None
    return found


def choose(app_context: AppContext, choices: MailChoices, viewer: Viewer = TECHNICIAN) -> None:
    choose_mails(Actor(app_context.engine, viewer, NOW), choices)


def test_one_chooses_ones_own_mails_and_finds_the_choice_again(app_context: AppContext) -> None:
    page = fine(drawn("account", TECHNICIAN, app_context))
    assert page.radio(key="mails-summary").value == ""
    page.radio(key="mails-summary").set_value("changed")
    page.radio(key="mails-notices").set_value("warning")
    place = page.multiselect(key="mails-places").options[0]
    page.multiselect(key="mails-places").set_value([place])
    page = fine(page.button(key="mails-save").click().run())
    assert "Your mails are chosen" in page.success[0].value
    assert tom(app_context).choices == MailChoices("changed", "warning", frozenset({place}))
    again = fine(drawn("account", TECHNICIAN, app_context))
    assert again.radio(key="mails-summary").value == "changed"
    assert again.radio(key="mails-notices").value == "warning"
    assert again.multiselect(key="mails-places").value == [place]


def test_it_is_in_the_audit_with_what_it_was(app_context: AppContext) -> None:
    choose(app_context, MailChoices("never", "critical", frozenset({"Library", "Annex"})))
    with reading(app_context.engine) as connection:
        entry = connection.execute(select(AUDIT).order_by(AUDIT.c.id.desc()).limit(1)).mappings().one()
    assert (entry["actor"], entry["action"], entry["subject"]) == ("tom", "user.changed", "tom")
    assert entry["details"] == {
        "summary": ["", "never"],
        "notices": ["", "critical"],
        "notice_places": ["", "Annex, Library"],
    }


def test_nothing_but_ones_own_mails_is_changed(app_context: AppContext) -> None:
    before = tom(app_context)
    choose(app_context, MailChoices("always"))
    after = tom(app_context)
    assert {**before.editable(), "summary": "always"} == after.editable()
    assert (before.role, before.password_hash) == (after.role, after.password_hash)


def test_a_role_that_sees_no_issues_chooses_none(app_context: AppContext) -> None:
    limited = Viewer(role_of("of an earlier version"), "tom", user_id=TECHNICIAN.user_id)
    with pytest.raises(Forbidden):
        choose(app_context, MailChoices("always"), limited)
    page = fine(drawn("account", limited, app_context))
    assert "Your mails" not in [each.value for each in page.subheader]


@pytest.mark.parametrize("choices", [MailChoices("hourly"), MailChoices(notices="grave")])
def test_another_choice_than_there_is_is_refused(choices: MailChoices, app_context: AppContext) -> None:
    with pytest.raises(AccountRefused):
        choose(app_context, choices)


def test_without_a_mail_address_there_is_nothing_to_choose(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "tom").values(email=""))
    page = fine(drawn("account", TECHNICIAN, app_context))
    assert any("has to enter your mail address first" in each.value for each in page.caption)
    with pytest.raises(AccountRefused):
        choose(app_context, MailChoices("always"))


def test_who_takes_the_address_away_has_to_end_the_mails_first(app_context: AppContext) -> None:
    choose(app_context, MailChoices(notices="critical"))
    with writing(app_context.engine) as connection, pytest.raises(AccountRefused):
        edit_user(connection, tom(app_context), {"email": ""}, actor="ada", now=NOW)

"""The administrator's pages and one's own account, drawn as Streamlit draws them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.domain.passwords import verify
from core.domain.permissions import ROLES
from core.runtime.settings_doc import BLOCKS
from core.runtime.shown_settings import MASK, shown_blocks
from core.storage.api_tokens import NewToken, add_token, read_tokens
from core.storage.audit import note
from core.storage.core_tables import API_TOKENS
from core.storage.database import reading, writing
from core.storage.users import NewUser, add_user, edit_user, find_user
from core.storage.wall_links import add_wall_link
from dashboard.actor import Actor
from dashboard.app_context import AppContext
from dashboard.features.account.sessions import browser
from dashboard.features.audit.page import _KINDS, audit_csv, told
from dashboard.features.audit.queries import AuditFilter
from dashboard.features.tokens import actions as token_actions
from dashboard.page_context import PageContext
from dashboard.pages import PAGES, PageSpec
from dashboard.viewer import Forbidden, Viewer
from tests.dashboard.drawing import tables_of
from tests.dashboard.harness import (
    ADMIN,
    ANONYMOUS,
    MANAGER,
    PASSWORD,
    TECHNICIAN,
    account,
    drawn,
    open_college,
    shown_once,
)

NOW = datetime.now(UTC)
ROOT = Path(__file__).parents[2]
NOTED = re.compile(r'\b_?note(?:_access|_many)?\(\s*(?:[\w.]+,\s*)*f?"(?P<kind>[a-z_]+)\.')
"""Calls that write to the audit, and what about."""
HOSTILE = "<script>alert(1)</script> :red[x] [y](http://evil.example)"


@pytest.fixture
def app_context(tmp_path: Path) -> AppContext:
    return open_college(tmp_path)


def press(test: AppTest, label: str) -> AppTest:
    """The button of that label."""
    (button,) = [button for button in test.button if button.label == label]
    return button.click().run()


def well(test: AppTest) -> AppTest:
    """It must have drawn without a failure."""
    assert not test.exception
    assert not test.error, [error.value for error in test.error]
    return test


@pytest.mark.parametrize("spec", PAGES, ids=lambda spec: spec.path)
def test_each_page_refuses_who_lacks_its_permission(spec: PageSpec, app_context: AppContext) -> None:
    for viewer in (ANONYMOUS, TECHNICIAN, MANAGER, ADMIN):
        if not viewer.may(spec.permission):
            with pytest.raises(Forbidden):
                spec.draw(PageContext(viewer, app_context))


def test_everybody_is_listed_and_one_is_changed(app_context: AppContext) -> None:
    test = well(drawn("users", ADMIN, app_context, user="tom"))
    frame = tables_of(test)[0]
    assert list(frame["Username"]) == ["ada", "maya", "tom"]
    assert list(frame["Role"]) == ["Admin", "Manager", "Technician"]
    (role,) = [box for box in test.selectbox if box.label == "Role" and box.value == "technician"][:1]
    fields = {field.label: field for field in test.text_input if field.key and field.key.startswith("edit-")}
    fields["Mail address"].set_value("tom@new.example")
    (summary,) = [box for box in test.selectbox if box.label == "Daily summary"]
    summary.set_value("changed")
    test = well(press(test, "Save"))
    tom = account(app_context, "tom")
    assert (tom.email, tom.summary, tom.role) == ("tom@new.example", "changed", role.value)
    assert "tom is saved" in test.success[0].value
    well(press(test, "Undo"))
    assert account(app_context, "tom").email == "tom@college.example"


def test_of_two_administrators_the_second_is_told_and_keeps_what_they_typed(app_context: AppContext) -> None:
    test = drawn("users", ADMIN, app_context, user="tom")
    with writing(app_context.engine) as connection:
        tom = find_user(connection, "tom")
        assert tom is not None
        edit_user(connection, tom, {"full_name": "Thomas"}, actor="other", now=NOW)
    (name,) = [
        field for field in test.text_input if field.label == "Full name" and field.key != "new-full_name"
    ]
    name.set_value("Tommy")
    test = press(test, "Save")
    assert "changed by somebody else" in test.warning[0].value
    assert account(app_context, "tom").full_name == "Thomas"
    (name,) = [
        field for field in test.text_input if field.label == "Full name" and field.key != "new-full_name"
    ]
    assert name.value == "Tommy"


def test_a_new_person_gets_a_password_that_is_shown_once(app_context: AppContext) -> None:
    test = drawn("users", ADMIN, app_context)
    test.text_input(key="new-name").set_value("kim")
    test.selectbox(key="new-role").set_value("manager")
    test = well(press(test, "Add"))
    shown = test.code[0].value
    assert verify(shown, account(app_context, "kim").password_hash)
    assert account(app_context, "kim").role == "manager"
    assert test.text_input(key="new-name").value == ""
    test = press(test, "I have saved it")
    assert not test.code


def test_a_person_that_cannot_be_is_refused_with_what_was_typed_kept(app_context: AppContext) -> None:
    test = drawn("users", ADMIN, app_context)
    test.text_input(key="new-name").set_value("maya")
    test = press(test, "Add")
    assert "there is a user maya already" in test.error[0].value.replace("\\", "")
    assert test.text_input(key="new-name").value == "maya"


def test_a_password_is_reset(app_context: AppContext) -> None:
    test = well(press(drawn("users", ADMIN, app_context, user="tom"), "Reset password"))
    assert verify(test.code[0].value, account(app_context, "tom").password_hash)


def test_the_last_admin_stays_one(app_context: AppContext) -> None:
    test = drawn("users", ADMIN, app_context, user="ada")
    assert "only open admin account" in test.info[0].value
    (active,) = [toggle for toggle in test.toggle if toggle.label == "Active"]
    active.set_value(False)
    test = press(test, "Save")
    assert "last active admin" in test.error[0].value
    assert account(app_context, "ada").active


def test_what_people_call_themselves_is_text(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        add_user(connection, NewUser("eve", ROLES["admin"], HOSTILE), actor="console", now=NOW)
    test = well(drawn("users", ADMIN, app_context, user="eve"))
    assert "\\<script\\>" in test.subheader[0].value
    assert "\\:red\\[x\\]" in test.subheader[0].value.replace("\u2060", "")


def test_a_token_is_made_shown_once_and_revoked(app_context: AppContext) -> None:
    test = well(drawn("tokens", ADMIN, app_context))
    test.text_input(key="token-name").set_value("Grafana")
    test = well(press(test, "Create"))
    assert test.code[0].value.startswith("printers_")
    test = well(press(press(test, "I have saved it"), "Revoke"))
    with reading(app_context.engine) as connection:
        (token,) = read_tokens(connection, NOW)
    assert token.revoked_at is not None
    assert not [button for button in test.button if button.label == "Revoke"]


def test_what_a_deactivated_admin_has_given_out_is_shown_with_its_end(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        add_user(connection, NewUser("kim", ROLES["admin"], "Kim"), actor="ada", now=NOW)
        add_token(connection, NewToken("Grafana", ROLES["manager"]), actor="kim", now=NOW)
        add_wall_link(connection, "Lobby", "", actor="kim", now=NOW)
    test = well(drawn("users", ADMIN, app_context, user="kim"))
    assert "When they are deactivated, the tokens are refused" in " ".join(one.value for one in test.caption)
    (active,) = [toggle for toggle in test.toggle if toggle.label == "Active"]
    active.set_value(False)
    test = well(press(test, "Save"))
    said = " ".join(one.value for one in (*test.success, *test.markdown, *test.caption)).replace("\\", "")
    assert "kim is deactivated, 1 API token refused, 1 wall screen still open, see below" in said
    assert "Grafana** · manager · refused until kim is active again · made by kim (deactivated)" in said
    assert "revoke those whose link they may have kept" in said
    test = well(test.button(key="revoke-screen-1").click().run())
    assert not [button for button in test.button if button.key == "revoke-screen-1"]
    assert [button for button in test.button if button.key == "revoke-token-1"]


def test_screens_whose_makers_are_deactivated_are_named_to_the_other_admins(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        add_user(connection, NewUser("kim", ROLES["admin"], "Kim"), actor="ada", now=NOW)
        add_wall_link(connection, "Lobby", "", actor="kim", now=NOW)
    assert not drawn("screens", ADMIN, app_context).warning
    with writing(app_context.engine) as connection:
        seen = find_user(connection, "kim")
        assert seen is not None
        edit_user(connection, seen, {"active": False}, actor="ada", now=NOW)
    test = well(drawn("screens", ADMIN, app_context))
    assert "the link of Lobby may make none any more" in test.warning[0].value
    assert "made by kim (deactivated)" in " ".join(one.value for one in test.markdown).replace("\\", "")
    well(press(test, "Revoke"))
    assert not drawn("screens", ADMIN, app_context).warning


def test_a_token_that_has_expired_stays_on_the_page_without_a_button(app_context: AppContext) -> None:
    test = well(drawn("tokens", ADMIN, app_context))
    test.text_input(key="token-name").set_value("Grafana")
    test.selectbox(key="token-lasts").set_value(30)
    test = well(press(test, "Create"))
    assert "expires on" in " ".join(text.value for text in test.markdown)
    with writing(app_context.engine) as connection:
        connection.execute(update(API_TOKENS).values(expires_at=NOW - timedelta(hours=2)))
    test = well(drawn("tokens", ADMIN, app_context))
    assert "expired 2\xa0h ago" in " ".join(text.value for text in test.markdown)
    assert not [button for button in test.button if button.label == "Revoke"]


def test_settings_are_shown_with_their_secrets_masked(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNMP_COMMUNITY", "very-secret-community")
    monkeypatch.setenv("MQTT_USERNAME", "dashboard")
    monkeypatch.setenv("MQTT_PASSWORD", "very-secret-password")
    monkeypatch.setenv("SNMP_PROFILES", '{"secure": {"version": "2c", "community": "very-secret-profile"}}')
    monkeypatch.setenv("SUPPLY_LOW_PERCENT", "20")
    shown = {setting.name: setting for block in shown_blocks({}) for setting in block.settings}
    assert set(shown) == {name.upper() for block in BLOCKS for name in block.model_fields}
    assert shown["SNMP_COMMUNITY"].value == MASK
    assert shown["SNMP_COMMUNITY"].changed
    low = shown["SUPPLY_LOW_PERCENT"]
    assert (low.value, low.default, low.changed) == ("20", "15", True)
    assert not shown["MQTT_PORT"].changed
    test = well(drawn("settings", ADMIN, app_context))
    page = " ".join(html.proto.body for html in test.get("html"))
    assert "very-secret" not in page
    assert "SUPPLY_LOW_PERCENT" in page
    few = well(drawn("settings", ADMIN, app_context, changed="true"))
    assert "MQTT_PORT" not in " ".join(html.proto.body for html in few.get("html"))


def test_a_setting_that_cannot_be_used_is_told(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPPLY_LOW_PERCENT", "many")
    test = drawn("settings", ADMIN, app_context)
    assert "SUPPLY_LOW_PERCENT" in test.error[0].value.replace("\\", "")


def test_the_audit_is_shown_filtered_and_exported_harmlessly(app_context: AppContext) -> None:
    with writing(app_context.engine) as connection:
        note(
            connection,
            "printer.changed",
            "=HYPERLINK(1)",
            actor=HOSTILE,
            now=NOW,
            details={"host": ["a", ""]},
        )
    test = well(drawn("audit", ADMIN, app_context, about="printer"))
    (line,) = tables_of(test)[0].to_dict("records")
    assert (line["What"], line["Details"]) == ("printer changed", "host: a → nothing")
    assert len(tables_of(well(drawn("audit", ADMIN, app_context)))[0]) == 4
    assert tables_of(drawn("audit", ADMIN, app_context, text="nothing like this")) == []
    file = audit_csv(PageContext(ADMIN, app_context), AuditFilter(action="printer")).decode("utf-8-sig")
    assert ",'=HYPERLINK(1)," in file
    with pytest.raises(Forbidden):
        audit_csv(PageContext(MANAGER, app_context), AuditFilter())


def test_what_the_audit_keeps_can_be_chosen_and_is_told_without_underscores(app_context: AppContext) -> None:
    kept: set[str] = set()
    for folder in ("core", "dashboard", "console", "processor", "notifier"):
        for path in (ROOT / folder).rglob("*.py"):
            kept |= {call["kind"] for call in NOTED.finditer(path.read_text("utf-8"))}
    assert {"printer", "page_price", "stock", "round"} <= kept
    assert kept - set(_KINDS) == set()
    with writing(app_context.engine) as connection:
        note(connection, "page_price.set", "X", actor="maya", now=NOW, details={"by_mail": True})
    (line,) = tables_of(well(drawn("audit", ADMIN, app_context, about="page_price")))[0].to_dict("records")
    assert (line["What"], line["Details"]) == ("page price set", "by mail: yes")


def test_details_are_told_in_words() -> None:
    assert told({"active": [True, False], "role": "admin", "n": [1, 2], "x": [None, "y"]}) == (
        "active: yes → no; role: admin; n: 1 → 2; x: nothing → y"
    )


def test_one_changes_ones_own_password(app_context: AppContext) -> None:
    test = well(drawn("account", TECHNICIAN, app_context))
    for field, text in (("current", PASSWORD), ("new", "a new horse of mine"), ("again", "another")):
        test.text_input(key=f"password-{field}").set_value(text)
    test = press(test, "Change")
    assert "differ" in test.error[0].value
    test.text_input(key="password-again").set_value("a new horse of mine")
    test = well(press(test, "Change"))
    assert "Your password is changed" in test.success[0].value
    assert verify("a new horse of mine", account(app_context, "tom").password_hash)
    assert test.text_input(key="password-new").value == ""


def test_who_must_change_their_password_sees_nothing_else(app_context: AppContext) -> None:
    viewer = Viewer(TECHNICIAN.role, "tom", user_id=1, session="s", must_change_password=True)
    test = well(drawn("account", viewer, app_context))
    assert "set by somebody else" in test.warning[0].value
    assert not [head for head in test.subheader if head.value == "Active sessions"]


def test_a_program_has_no_account(app_context: AppContext) -> None:
    made = token_actions.make(Actor(app_context.engine, ADMIN, NOW), NewToken("Grafana", ROLES["admin"]))
    assert shown_once(made)
    assert drawn("account", Viewer(ADMIN.role, "token Grafana"), app_context).exception


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("", "A browser"),
    ],
)
def test_browsers_are_named(agent: str, name: str) -> None:
    assert browser(agent) == name

"""The second factor: set up, asked for, used up, lost and reset; and proving again who one is."""

import logging
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select, update

from core.domain.permissions import ROLES
from core.domain.second_factor import hash_recovery_code, make_secret, matching_step
from core.domain.tokens import hashed
from core.runtime.settings import load_blocks
from core.storage.api_tokens import NewToken
from core.storage.core_tables import ATTEMPTS, AUDIT, MAILS, RECOVERY_CODES, SESSIONS, USERS
from core.storage.database import reading, writing
from core.storage.stored_settings import LiveSettings
from core.storage.users import AccountRefused, NewUser
from dashboard.actor import Actor
from dashboard.app_context import AppContext, install
from dashboard.features.account import actions
from dashboard.features.tokens import actions as tokens_actions
from dashboard.features.users import actions as users_actions
from dashboard.settings import DashboardAppSettings
from dashboard.throttle import TooManyAttempts
from dashboard.undoing import undo
from dashboard.viewer import CONFIRMED_FOR, ConfirmationNeeded, Viewer
from dashboard.web.sign_in.sessions import COOKIE, find_session
from dashboard.web.sign_in.sign_in import Proven, WrongCode, WrongPassword, confirm
from tests.dashboard.asgi import Visitor
from tests.dashboard.doors import college, enter_code, sign_in, visitor
from tests.dashboard.harness import PASSWORD, account, shown_once


@pytest.fixture
def app_context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppContext:
    return college(monkeypatch, tmp_path)


def viewer(app_context: AppContext, who: Visitor, now: datetime | None = None) -> Viewer:
    """Whom the pages see in this browser."""
    token = who.cookies[COOKIE]
    settings = app_context.settings.dashboard
    found = find_session(app_context.engine, hashed(token), settings, now or datetime.now(UTC), renew=False)
    assert found is not None
    return found


def code_of(secret: str, at: datetime | None = None) -> str:
    return pyotp.TOTP(secret).at(at or datetime.now(UTC))


def with_second_factor(app_context: AppContext, name: str = "maya") -> tuple[str, tuple[str, ...]]:
    """The secret of their app, and their recovery codes; what was set up an hour ago."""
    who = visitor(app_context)
    sign_in(who, name)
    secret, before = make_secret(), datetime.now(UTC) - timedelta(hours=1)
    me = viewer(app_context, who)
    made = actions.set_up(
        Actor(app_context.engine, me, before), secret, code_of(secret, before), app_context.settings
    )
    return secret, tuple(shown_once(made).split("\n"))


def test_a_password_alone_signs_nobody_in_who_has_a_second_factor(app_context: AppContext) -> None:
    secret, _ = with_second_factor(app_context)
    who = visitor(app_context)
    answer = sign_in(who, "maya", wanted="/printer?id=low")
    assert (answer.status, answer.location) == (303, "/login/code")
    assert COOKIE not in who.cookies
    assert who.page("/fleet").status == 303
    wrong = enter_code(who, "000000")
    assert wrong.status == 401
    assert "That code is wrong" in wrong.body
    right = enter_code(who, code_of(secret))
    assert (right.status, right.location) == (303, "/printer?id=low")
    assert who.get("/anything").json["name"] == "maya"
    assert "printers_code" not in who.cookies


def test_the_second_step_is_only_for_whose_password_was_right(app_context: AppContext) -> None:
    secret, _ = with_second_factor(app_context)
    stranger = visitor(app_context)
    assert stranger.page("/login/code").location == "/login"
    assert enter_code(stranger, code_of(secret)).status == 403
    who = visitor(app_context)
    sign_in(who, "maya")
    who.cookies["printers_code"] = who.cookies["printers_code"][:-4] + "AAAA"
    assert who.page("/login/code").location == "/login"


def test_a_code_counts_once(app_context: AppContext) -> None:
    secret, _ = with_second_factor(app_context)
    code = code_of(secret)
    first, second = visitor(app_context), visitor(app_context)
    sign_in(first, "maya")
    sign_in(second, "maya")
    assert enter_code(first, code).status == 303
    assert enter_code(second, code).status == 401


def test_codes_of_a_clock_that_is_half_a_minute_off_are_taken_and_none_beyond() -> None:
    secret, now = make_secret(), datetime(2026, 1, 31, 12, 0, 15, tzinfo=UTC)
    step = int(now.timestamp()) // 30
    for seconds, found in ((-60, None), (-30, step - 1), (0, step), (30, step + 1), (60, None)):
        code = code_of(secret, now + timedelta(seconds=seconds))
        assert matching_step(secret, code, now, after=0) == found
        assert matching_step(secret, f" {code[:3]} {code[3:]} ", now, after=0) == found
        assert matching_step(secret, code, now, after=step + 1) is None
    for never in ("", "12345", "abcdef", "1" * 50, "١٢٣٤٥٦"):
        assert matching_step(secret, never, now, after=0) is None


def test_codes_are_guessed_at_five_times(app_context: AppContext, caplog: pytest.LogCaptureFixture) -> None:
    secret, _ = with_second_factor(app_context)
    who = visitor(app_context)
    sign_in(who, "maya")
    answers = [enter_code(who, f"00000{n}") for n in range(6)]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert enter_code(who, code_of(secret)).status == 429
    assert "account locked from 198.51.100.7" in caplog.text


def test_a_recovery_code_stands_for_the_app_once_and_is_told_by_mail(app_context: AppContext) -> None:
    _, codes = with_second_factor(app_context)
    assert len(set(codes)) == 10
    with reading(app_context.engine) as connection:
        stored = set(connection.execute(select(RECOVERY_CODES.c.code_hash)).scalars())
        assert stored == {hash_recovery_code(code) for code in codes}
    for typed, status in ((codes[0].lower().replace("-", " "), 303), (codes[0], 401), (codes[1], 303)):
        who = visitor(app_context)
        sign_in(who, "maya")
        assert enter_code(who, typed).status == status
    with reading(app_context.engine) as connection:
        mails = connection.execute(select(MAILS.c.subject, MAILS.c.recipient)).all()
    used = [mail for mail in mails if mail.subject == "Printers: A recovery code was used"]
    assert [mail.recipient for mail in used] == ["maya@college.example"] * 2


def test_the_secret_is_encrypted_and_of_no_use_under_another_key(
    app_context: AppContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret, codes = with_second_factor(app_context)
    assert secret not in account(app_context, "maya").second_factor
    app_context.engine.dispose()
    monkeypatch.setenv("SECRET_KEY", "another key of the tests, as long")
    other = AppContext(
        LiveSettings(app_context.engine, load_blocks(DashboardAppSettings)),
        app_context.engine,
        app_context.series,
        app_context.refresher,
        app_context.finder,
        app_context.broker_silent_seconds,
    )
    install(other)
    who = visitor(other)
    sign_in(who, "maya")
    answer = enter_code(who, code_of(secret))
    assert answer.status == 401
    assert "SECRET_KEY was changed" in answer.body
    assert enter_code(who, codes[0]).status == 303


def test_what_was_changed_between_the_two_steps_makes_them_void(app_context: AppContext) -> None:
    secret, _ = with_second_factor(app_context)
    who = visitor(app_context)
    sign_in(who, "maya")
    with writing(app_context.engine) as connection:
        connection.execute(update(USERS).where(USERS.c.name == "maya").values(version=99))
    answer = enter_code(who, code_of(secret))
    assert answer.status == 403
    assert "Sign in again" in answer.body
    assert COOKIE not in who.cookies


def test_a_second_factor_is_set_up_only_with_a_code_that_matches(app_context: AppContext) -> None:
    who = visitor(app_context)
    sign_in(who, "maya")
    me, secret = viewer(app_context, who), make_secret()
    now = datetime.now(UTC)
    with pytest.raises(AccountRefused, match="does not match"):
        actions.set_up(Actor(app_context.engine, me, now), secret, "000000", app_context.settings)
    assert account(app_context, "maya").second_factor == ""
    for _ in range(4):
        with pytest.raises(AccountRefused):
            actions.set_up(Actor(app_context.engine, me, now), secret, "000000", app_context.settings)
    with pytest.raises(TooManyAttempts):
        actions.set_up(Actor(app_context.engine, me, now), secret, code_of(secret), app_context.settings)


def test_new_recovery_codes_make_the_earlier_ones_void(app_context: AppContext) -> None:
    secret, codes = with_second_factor(app_context)
    who = visitor(app_context)
    sign_in(who, "maya")
    enter_code(who, code_of(secret))
    made = actions.renew_codes(
        Actor(app_context.engine, viewer(app_context, who), datetime.now(UTC)), app_context.settings
    )
    anew = shown_once(made).split("\n")
    assert not set(anew) & set(codes)
    for code, status in ((codes[0], 401), (anew[0], 303)):
        other = visitor(app_context)
        sign_in(other, "maya")
        assert enter_code(other, code).status == status


def test_another_admin_resets_it_and_nobody_their_own_in_that_way(app_context: AppContext) -> None:
    with_second_factor(app_context)
    admin = visitor(app_context)
    sign_in(admin, "ada")
    ada = viewer(app_context, admin)
    accounts, now = app_context.settings.accounts, datetime.now(UTC)
    users_actions.reset_second_factor(
        Actor(app_context.engine, ada, now), account(app_context, "maya"), accounts
    )
    assert account(app_context, "maya").second_factor == ""
    with reading(app_context.engine) as connection:
        assert connection.execute(select(RECOVERY_CODES)).all() == []
        done = {(line.actor, line.action, line.subject) for line in connection.execute(select(AUDIT))}
        alive = connection.execute(select(SESSIONS.c.user_id).where(SESSIONS.c.revoked_at.is_(None)))
        assert {found.user_id for found in alive} == {3}
    assert ("ada", "second_factor.off", "maya") in done
    assert sign_in(visitor(app_context), "maya").location == "/fleet"
    with pytest.raises(AccountRefused, match="Your account"):
        users_actions.reset_second_factor(
            Actor(app_context.engine, ada, now), account(app_context, "ada"), accounts
        )


def test_where_admins_must_have_one_nothing_else_is_open_to_those_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    app_context = college(monkeypatch, tmp_path, {"ADMIN_SECOND_FACTOR": "true"})
    who = visitor(app_context)
    sign_in(who, "ada")
    me = viewer(app_context, who)
    assert me.must_set_second_factor
    assert me.is_restricted
    refused = who.get("/api/v1/printers")
    assert (refused.status, refused.json["error"]) == (403, "Set up two-factor authentication first.")
    secret, now = make_secret(), datetime.now(UTC)
    actions.set_up(Actor(app_context.engine, me, now), secret, code_of(secret), app_context.settings)
    me = viewer(app_context, who)
    assert not me.is_restricted
    with pytest.raises(AccountRefused, match="Admins must have"):
        actions.remove(Actor(app_context.engine, me, now), app_context.settings)
    other = visitor(app_context)
    sign_in(other, "maya")
    assert not viewer(app_context, other).is_restricted


def test_users_tokens_and_secrets_need_a_proof_that_is_not_older_than_15_minutes(
    app_context: AppContext,
) -> None:
    who = visitor(app_context)
    sign_in(who, "ada")
    fresh, later = viewer(app_context, who), datetime.now(UTC) + CONFIRMED_FOR + timedelta(minutes=1)
    engine, tom, accounts = app_context.engine, account(app_context, "tom"), app_context.settings.accounts
    done = users_actions.edit(Actor(engine, fresh, datetime.now(UTC)), tom, {"full_name": "Thomas"})
    old = viewer(app_context, who, later)
    for act in (
        lambda: users_actions.add(Actor(engine, old, later), NewUser("kim")),
        lambda: users_actions.edit(Actor(engine, old, later), account(app_context, "tom"), {"role": "admin"}),
        lambda: users_actions.reset_password(
            Actor(engine, old, later), account(app_context, "tom"), accounts
        ),
        lambda: users_actions.reset_second_factor(
            Actor(engine, old, later), account(app_context, "tom"), accounts
        ),
        lambda: tokens_actions.make(Actor(engine, old, later), NewToken("Grafana", ROLES["manager"])),
        lambda: tokens_actions.revoke(Actor(engine, old, later), 1),
        lambda: actions.set_up(Actor(engine, old, later), make_secret(), "123456", app_context.settings),
        lambda: actions.renew_codes(Actor(engine, old, later), app_context.settings),
        lambda: actions.remove(Actor(engine, old, later), app_context.settings),
        lambda: undo(Actor(engine, old, later), done),
    ):
        with pytest.raises(ConfirmationNeeded):
            act()


def test_who_is_signed_in_confirms_by_password_and_code(app_context: AppContext) -> None:
    secret, _ = with_second_factor(app_context, "ada")
    who = visitor(app_context)
    sign_in(who, "ada")
    enter_code(who, code_of(secret))
    later = datetime.now(UTC) + timedelta(minutes=20)
    by = Actor(app_context.engine, viewer(app_context, who, later), later)
    assert not by.viewer.is_confirmed(later)
    with pytest.raises(WrongPassword):
        confirm(by, Proven("wrong"), app_context.settings)
    with pytest.raises(WrongCode):
        confirm(by, Proven(PASSWORD), app_context.settings)
    assert not viewer(app_context, who, later).is_confirmed(later)
    confirm(by, Proven(PASSWORD, code_of(secret, later)), app_context.settings)
    assert viewer(app_context, who, later).is_confirmed(later)
    for _ in range(5):
        with pytest.raises((WrongPassword, TooManyAttempts)):
            confirm(by, Proven("guess"), app_context.settings)
    with pytest.raises(TooManyAttempts):
        confirm(by, Proven(PASSWORD), app_context.settings)


def test_changes_of_password_and_second_factor_are_told_by_mail(app_context: AppContext) -> None:
    with_second_factor(app_context)
    admin = visitor(app_context)
    sign_in(admin, "ada")
    now = datetime.now(UTC)
    users_actions.reset_password(
        Actor(app_context.engine, viewer(app_context, admin), now),
        account(app_context, "maya"),
        app_context.settings.accounts,
    )
    with reading(app_context.engine) as connection:
        mails = connection.execute(select(MAILS).order_by(MAILS.c.id)).mappings().all()
    assert [mail["subject"] for mail in mails] == [
        "Printers: Two-factor authentication is set up",
        "Printers: Your password was changed",
    ]
    assert {mail["recipient"] for mail in mails} == {"maya@college.example"}
    assert "was changed by ada on" in mails[1]["body_text"]
    assert "http" not in mails[1]["body_text"]


def test_no_secret_reaches_the_log(app_context: AppContext, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret, codes = with_second_factor(app_context)
    who = visitor(app_context)
    sign_in(who, "maya")
    enter_code(who, codes[0])
    sign_in(visitor(app_context), "my secret typed as a name", "another secret")
    for word in (PASSWORD, secret, codes[0], "typed as a name", "another secret"):
        assert word not in caplog.text
    assert re.search("signed in from 198.51.100.7: user maya by password", caplog.text)
    with reading(app_context.engine) as connection:
        assert "typed as a name" not in str(connection.execute(select(AUDIT)).all())
        assert connection.execute(select(ATTEMPTS)).all()

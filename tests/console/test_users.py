"""`printers users`: accounts made, shown, changed and closed from the terminal."""

import json
import os
import re
import sys
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from console.__main__ import make_app
from core.domain.passwords import verify
from core.runtime.settings import DatabaseSettings
from core.runtime.web_settings import AccountSettings
from core.storage.account_links import find_by_token
from core.storage.core_tables import AUDIT, MAILS, RECOVERY_CODES, USERS
from core.storage.database import open_database, reading, writing
from core.storage.second_factors import NewFactor, turn_on
from core.storage.user_rows import UserRow
from core.storage.users import find_user
from tests.console.cli import call_printers, printers
from tests.paths import ROOT


def account(name: str) -> UserRow:
    with reading(open_database(DatabaseSettings())) as connection:
        found = find_user(connection, name)
    assert found is not None
    return found


def test_an_account_is_made_with_a_password_that_is_shown_once() -> None:
    said = printers("users", "add", "Ada", "--role", "admin", "--full-name", "Ada Okafor")
    assert said.exit_code == 0, said.output
    shown = re.search(r"Password (\S+) is shown this once", said.output)
    assert shown
    ada = account("ada")
    assert (ada.role, ada.full_name, ada.must_change_password) == ("admin", "Ada Okafor", True)
    assert verify(shown[1], ada.password_hash)
    assert shown[1] not in printers("users", "list").output


def test_a_password_comes_from_standard_input() -> None:
    said = call_printers("users", "add", "tom", "--password-stdin")
    assert (said.returncode, said.stderr) == (
        2,
        "error: --password-stdin: the first line of standard input is empty.\n",
    )
    done = CliRunner().invoke(
        make_app(),
        ["users", "add", "tom", "--password-stdin"],
        input="a good long one\n",
        prog_name="printers",
    )
    assert done.exit_code == 0, done.output
    assert "a good long one" not in done.output
    tom = account("tom")
    assert verify("a good long one", tom.password_hash)
    assert not tom.must_change_password


@pytest.mark.processes
@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal")
@pytest.mark.parametrize(("second", "code"), [("correct-horse-battery", 0), ("another-horse-battery", 2)])
def test_at_a_terminal_the_password_is_asked_for_twice(second: str, code: int) -> None:
    import pty  # absent on Windows

    assert hasattr(pty, "fork")
    child, terminal = pty.fork()
    if child == 0:
        os.environ["PYTHONPATH"] = str(ROOT)
        os.execv(  # noqa: S606 (this very program)
            sys.executable, [sys.executable, "-m", "console", "users", "add", "tom"]
        )
    answers = iter(["correct-horse-battery\n", second + "\n"])
    shown = ""
    while chunk := _read(terminal):
        shown += chunk
        if shown.endswith((": ",)):
            os.write(terminal, next(answers).encode())
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == code, shown
    assert "horse" not in shown
    assert ("the two passwords differ" in shown) == bool(code)


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 65536).decode(errors="replace")
    except OSError:  # the other side has closed it
        return ""


def test_what_cannot_be_an_account_is_one_sentence() -> None:
    printers("users", "add", "ada", "--role", "admin")
    for arguments, word in (
        (("add", "ada"), "already"),
        (("add", "a b"), "cannot be a user's name"),
        (("add", "tom", "--summary"), "needs a mail address"),
        (("edit", "adda", "--role", "manager"), "Did you mean ada?"),
        (("edit", "ada"), "say what to change"),
        (("edit", "ada", "--role", "manager"), "last active admin"),
        (("remove", "ada"), "last active admin"),
        (("password", "nobody"), "there is no user"),
    ):
        said = printers("users", *arguments)
        assert said.exit_code == 2, said.output
        assert word in said.output
        assert "Traceback" not in said.output


def test_an_account_is_changed_closed_and_opened_again() -> None:
    printers("users", "add", "ada", "--role", "admin")
    printers("users", "add", "tom", "--email", "tom@college.example")
    assert printers("users", "edit", "tom", "--role", "manager", "--summary").exit_code == 0
    assert printers("users", "remove", "tom").exit_code == 0
    assert (account("tom").role, account("tom").active) == ("manager", False)
    assert "deactivated" in printers("users", "list").output
    assert printers("users", "edit", "tom", "--active").exit_code == 0
    listed = {user["name"]: user for user in json.loads(printers("users", "list", "--json").output)}
    assert listed["tom"]["active"]
    assert listed["tom"]["receives_summary"]
    assert "password_hash" not in listed["tom"]
    with reading(open_database(DatabaseSettings())) as connection:
        actors = {row.actor for row in connection.execute(AUDIT.select())}
    assert actors == {"console"}


def test_a_new_password_has_to_be_changed_by_its_owner() -> None:
    printers("users", "add", "tom", "--no-password")
    assert account("tom").password_hash == ""
    said = printers("users", "password", "tom")
    shown = re.search(r"Password (\S+) is", said.output)
    assert shown
    assert verify(shown[1], account("tom").password_hash)
    assert account("tom").must_change_password


def test_nobody_yet_says_how_to_begin() -> None:
    open_database(DatabaseSettings()).dispose()
    assert "printers users invite NAME --role admin" in printers("users", "list").output


def test_the_group_explains_itself() -> None:
    said = printers("users", "--help")
    for command in ("add", "list", "edit", "remove", "password"):
        assert f" {command} " in said.output
        assert f"printers users {command}" in printers("users", command, "--help").output


def test_the_second_factor_of_who_has_lost_it_is_reset() -> None:
    printers("users", "add", "ada", "--role", "admin", "--email", "ada@college.example")
    refused = printers("users", "reset-second-factor", "ada")
    assert refused.exit_code == 2
    assert "ada has no two-factor authentication" in refused.output
    engine = open_database(DatabaseSettings())
    with writing(engine) as connection:
        factor = NewFactor("encrypted", 1)
        turn_on(connection, account("ada"), factor, AccountSettings(), now=datetime.now(UTC))
    listed = json.loads(printers("users", "list", "--json").output)
    assert listed[0]["second_factor"] is True
    assert printers("users", "reset-second-factor", "ADA").exit_code == 0
    assert account("ada").second_factor == ""
    with reading(engine) as connection:
        assert connection.execute(RECOVERY_CODES.select()).all() == []
        last = connection.execute(MAILS.select().order_by(MAILS.c.id.desc())).mappings().first()
        done = [(row.actor, row.action) for row in connection.execute(AUDIT.select().order_by(AUDIT.c.id))]
    assert done[-1] == ("console", "second_factor.off")
    assert last is not None
    assert (last["recipient"], last["subject"]) == (
        "ada@college.example",
        "Printers: Two-factor authentication was removed",
    )
    assert "by somebody at the command line of the server" in last["body_text"]


def test_a_password_of_the_organizations_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGANIZATION", "Hartwell College, HC")
    done = CliRunner().invoke(
        make_app(),
        ["users", "add", "tom", "--password-stdin"],
        input="Hartwell-College-1\n",
        prog_name="printers",
    )
    assert done.exit_code == 2
    assert "too easy to guess" in done.output
    assert "Hartwell" not in done.output


def test_a_password_that_was_made_expires_in_a_week() -> None:
    printers("users", "add", "ada", "--role", "admin")
    expires_at = account("ada").password_expires_at
    assert expires_at is not None
    assert timedelta(days=6, hours=23) < expires_at - datetime.now(UTC) <= timedelta(days=7)
    CliRunner().invoke(make_app(), ["users", "add", "tom", "--password-stdin"], input="a good long one\n")
    assert account("tom").password_expires_at is None


def test_an_account_with_an_address_of_an_earlier_version_can_still_be_closed() -> None:
    printers("users", "add", "ada", "--role", "admin")
    printers("users", "add", "tom")
    with writing(open_database(DatabaseSettings())) as connection:
        connection.execute(USERS.update().where(USERS.c.name == "tom").values(email="tom@@college"))
    assert printers("users", "remove", "tom").exit_code == 0
    refused = printers("users", "edit", "tom", "--summary")
    assert refused.exit_code == 2
    assert "is no mail address" in refused.output


def test_somebody_is_invited_by_a_link_that_is_printed_this_once() -> None:
    said = call_printers("users", "invite", "Ada", "--role", "admin", "--email", "ada@college.example")
    assert said.returncode == 0, said.stderr
    address, _, token = said.stdout.strip().partition("#")
    assert (address, len(token)) == ("http://127.0.0.1:8501/login/link", 32)
    assert "ada becomes admin by this link, within 7 days and once; it is shown this once." in said.stderr
    with reading(open_database(DatabaseSettings())) as connection:
        link = find_by_token(connection, token, datetime.now(UTC))
    assert link is not None
    assert (link.name, link.email, link.role) == ("ada", "ada@college.example", "admin")
    listed = printers("users", "list").output
    assert "Invited: ada as admin, expires in 7 days" in listed
    assert token not in listed
    call_printers("users", "invite", "ada", "--role", "technician")
    with reading(open_database(DatabaseSettings())) as connection:
        assert find_by_token(connection, token, datetime.now(UTC)) is None


def test_nobody_is_invited_by_a_name_that_is_taken_or_none() -> None:
    assert printers("users", "add", "ada", "--no-password").exit_code == 0
    taken = call_printers("users", "invite", "Ada")
    assert (taken.returncode, taken.stdout) == (2, "")
    assert taken.stderr == "error: there is a user ada already.\n"
    assert call_printers("users", "invite", "a b").returncode == 2
    assert call_printers("users", "invite", "tom", "--email", "nowhere").returncode == 2

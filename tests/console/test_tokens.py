"""`printers tokens`: what programs use in place of a password, made, shown and revoked from the terminal."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.runtime.settings import DatabaseSettings
from core.storage.api_tokens import NewToken, add_token
from core.storage.core_tables import API_TOKENS, AUDIT
from core.storage.database import open_database, reading, writing
from core.storage.users import NewUser, add_user
from tests.console.cli import call_printers, printers
from tests.postgres import DATABASES, database


@pytest.fixture(params=DATABASES)
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DatabaseSettings]:
    """A database that commands use, too."""
    with database(request.param, tmp_path / "data") as found:
        if found.database_url is not None:
            monkeypatch.setenv("DATABASE_URL", found.database_url.get_secret_value())
        open_database(found).dispose()
        yield found


@pytest.fixture
def here(tmp_path: Path) -> DatabaseSettings:
    """A database in the folder of the test."""
    found = DatabaseSettings(data_dir=tmp_path / "data")
    open_database(found).dispose()
    return found


def test_the_secret_alone_goes_to_standard_output_once(here: DatabaseSettings) -> None:
    said = call_printers("tokens", "add", "  Grafana  board ", "--role", "manager")
    assert said.returncode == 0, said.stderr
    secret = said.stdout.removesuffix("\n")
    assert secret.startswith("printers_")
    assert " " not in secret
    assert "\n" not in secret
    assert said.stderr == (
        "Grafana board has a token with the rights of manager, until it is revoked; it is shown this once.\n"
    )
    with reading(open_database(here)) as connection:
        row = connection.execute(API_TOKENS.select()).mappings().one()
        audit = connection.execute(AUDIT.select()).mappings().one()
    assert (row["name"], row["role"], row["created_by"]) == ("Grafana board", "manager", "console")
    assert row["token_hash"] == hashed(secret)
    assert (audit["actor"], audit["action"], audit["subject"]) == (
        "console",
        "token.created",
        "Grafana board",
    )
    assert secret not in f"{dict(row)} {dict(audit)} {printers('tokens', 'list').output}"


def test_a_token_is_listed_revoked_and_made_again(settings: DatabaseSettings) -> None:
    assert "No program has a token yet" in printers("tokens", "list").output
    assert printers("tokens", "add", "prometheus", "--role", "technician").exit_code == 0
    refused = printers("tokens", "add", "prometheus", "--role", "admin")
    assert (refused.exit_code, "already" in refused.output) == (2, True)
    assert printers("tokens", "revoke", "prometheus").exit_code == 0
    assert "revoked just now" in printers("tokens", "list").output
    assert printers("tokens", "add", "prometheus", "--role", "admin").exit_code == 0
    listed = json.loads(printers("tokens", "list", "--json").output)
    assert [(token["name"], token["role"], token["valid"]) for token in listed] == [
        ("prometheus", "admin", True),
        ("prometheus", "technician", False),
    ]
    assert "token_hash" not in listed[0]
    with reading(open_database(settings)) as connection:
        done = connection.execute(AUDIT.select().order_by(AUDIT.c.id)).mappings().all()
    assert [line["action"] for line in done] == ["token.created", "token.revoked", "token.created"]


def test_a_token_that_has_expired_gives_its_name_free(settings: DatabaseSettings) -> None:
    assert printers("tokens", "add", "scan", "--role", "technician", "--expires", "30").exit_code == 0
    (token,) = json.loads(printers("tokens", "list", "--json").output)
    expires_at = datetime.fromisoformat(token["expires_at"])
    assert timedelta(days=29, hours=23) < expires_at - datetime.now(UTC) <= timedelta(days=30)
    with writing(open_database(settings)) as connection:
        connection.execute(update(API_TOKENS).values(expires_at=datetime.now(UTC) - timedelta(hours=2)))
    assert "expired 2 h ago" in printers("tokens", "list").output
    assert printers("tokens", "revoke", "scan").exit_code == 2
    assert printers("tokens", "add", "scan", "--role", "technician").exit_code == 0
    assert printers("tokens", "revoke", "scan").exit_code == 0
    (first, second) = json.loads(printers("tokens", "list", "--json").output)
    assert [first["revoked_at"] is None, second["revoked_at"] is None] == [True, False]


def test_what_cannot_be_a_token_is_one_sentence(here: DatabaseSettings) -> None:
    assert here.data_dir.is_dir()
    printers("tokens", "add", "grafana", "--role", "manager")
    for arguments, word in (
        (("add", "x" * 61, "--role", "manager"), "at most 60 characters"),
        (("add", " ", "--role", "manager"), "Name the program"),
        (("add", "other", "--role", "manager", "--expires", "0"), "greater than or equal to 1"),
        (("add", "other", "--role", "owner"), "'owner' is not one of"),
        (("add", "other"), "Missing option '--role'"),
        (("revoke", "grafanna"), "Did you mean grafana?"),
        (("revoke", "nobody"), "`printers tokens list` shows all"),
    ):
        said = printers("tokens", *arguments)
        assert said.exit_code == 2, said.output
        assert word in said.output
        assert "Traceback" not in said.output
    assert len(json.loads(printers("tokens", "list", "--json").output)) == 1


def test_without_a_database_no_token_is_made() -> None:
    said = printers("tokens", "add", "grafana", "--role", "manager")
    assert said.exit_code == 2
    assert "there is no database" in said.output
    assert not Path("data").exists()


def test_the_group_of_tokens_explains_itself() -> None:
    said = printers("tokens", "--help")
    for command in ("list", "add", "revoke"):
        assert f" {command} " in said.output
        assert f"printers tokens {command}" in printers("tokens", command, "--help").output


def test_a_token_whose_maker_is_deactivated_is_listed_as_refused(here: DatabaseSettings) -> None:
    now = datetime.now(UTC)
    with writing(open_database(here)) as connection:
        add_user(connection, NewUser("kim", ROLES["manager"]), actor="console", now=now)
        add_token(connection, NewToken("Grafana", ROLES["admin"]), actor="kim", now=now)
    listed = json.loads(printers("tokens", "list", "--json").output)
    assert [(one["role"], one["rights"], one["valid"]) for one in listed] == [("admin", "manager", True)]
    assert printers("users", "edit", "kim", "--inactive").exit_code == 0
    assert "refused: kim is deactivated" in " ".join(printers("tokens", "list").output.split())
    listed = json.loads(printers("tokens", "list", "--json").output)
    assert [(one["rights"], one["valid"]) for one in listed] == [(None, False)]

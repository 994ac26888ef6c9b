"""Mails with a link for an account: sent once, their token known to nobody but the mail itself."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from core.domain.permissions import ROLES
from core.domain.tokens import hashed
from core.storage.account_links import (
    Invitation,
    find_by_token,
    invite_somebody,
    link_for_password,
    open_links,
    renew_link,
    revoke_account_link,
)
from core.storage.core_tables import ACCOUNT_LINKS
from core.storage.database import reading, writing
from core.storage.mail_outbox import TOKEN_PLACE
from core.storage.users import NewUser, add_user, find_user
from notifier.account_link_mails import AccountLinkMails
from notifier.channels.mail_console import ConsoleChannel
from notifier.channels.mail_file import FileChannel
from notifier.outbox.delivery import Delivery
from notifier.outbox.journal import Journal
from tests.notifier.making import LINKS, NOON, make_settings, outbox, store

NOOR = "noor@college.example"
ADDRESS = re.compile(r"https://print\.example\.edu/login/link#([\w-]{32})")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path / "data") as (engine, _):
        yield engine


def mails(engine: Engine, folder: Path, **values: Any) -> AccountLinkMails:
    return AccountLinkMails(engine, make_settings(folder, **values), LINKS)


def invite(engine: Engine, actor: str = "ada") -> int:
    with writing(engine) as connection:
        wanted = Invitation(ROLES["manager"], NOOR)
        assert invite_somebody(connection, wanted, actor=actor, now=NOON, by_mail=True) == ""
        (link,) = open_links(connection, NOON)
    return link.link_id


def send(engine: Engine, folder: Path) -> list[str]:
    """Deliver what is due into files; the bodies of all that are there, in their order."""
    box = folder / "box"
    with Journal(folder, "test") as journal:
        channels = {"mail": FileChannel(box, "Printers <printers@college.example>")}
        Delivery(engine, channels, journal, "test", now=lambda: NOON + timedelta(minutes=1)).step()
    files = sorted(box.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns) if box.exists() else []
    return [file.read_text(encoding="utf-8") for file in files]


def tokens_in(text: str) -> set[str]:
    return set(ADDRESS.findall(text.replace("=\n", "").replace("=3D", "=")))


def test_an_invitation_is_mailed_once_with_a_link_that_opens_it(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        add_user(connection, NewUser("ada", ROLES["admin"], "Ada Osei"), actor="test", now=NOON)
    number = invite(engine)
    step = mails(engine, tmp_path, organization="Hartwell College").step
    assert (step(NOON), step(NOON)) == (1, 0)
    (row,) = outbox(engine)
    assert (row["recipient"], row["subject"]) == (NOOR, "Printers: You are invited to the printer system")
    assert TOKEN_PLACE in row["body_text"]
    assert "Ada Osei has invited you to the printer system of Hartwell College." in row["body_text"]
    assert "Your role will be Manager." in row["body_text"]
    assert "until Tue 17 Mar, 12:00 (UTC)" in " ".join(row["body_text"].split())
    (sent,) = send(engine, tmp_path)
    (token,) = tokens_in(sent)  # the same in text and HTML
    with reading(engine) as connection:
        found = find_by_token(connection, token, NOON)
        stored = connection.execute(select(ACCOUNT_LINKS)).mappings().one()
    assert found is not None
    assert found.link_id == number
    assert stored["token_hash"] == hashed(token)
    assert token not in str([dict(stored), *outbox(engine)])  # before and after it was sent


def test_who_is_invited_at_the_command_line_reads_that(engine: Engine, tmp_path: Path) -> None:
    invite(engine, actor="console")
    mails(engine, tmp_path).step(NOON)
    (row,) = outbox(engine)
    words = " ".join(row["body_text"].split())
    assert "Somebody at the command line of the server has invited you to the printer system." in words


def test_sent_again_it_has_a_new_token_and_the_one_before_opens_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    number = invite(engine)
    mails(engine, tmp_path).step(NOON)
    first = tokens_in(send(engine, tmp_path)[0])
    with writing(engine) as connection:
        renew_link(connection, number, actor="ada", now=NOON, by_mail=True)
    assert mails(engine, tmp_path).step(NOON + timedelta(seconds=5)) == 1
    second = tokens_in(send(engine, tmp_path)[-1])
    assert first != second
    with reading(engine) as connection:
        assert [find_by_token(connection, token, NOON) for token in first] == [None]
        assert all(find_by_token(connection, token, NOON) for token in second)


@pytest.mark.parametrize("how", ["revoked", "handed on"])
def test_a_mail_that_waits_is_not_sent_where_its_link_has_ended(
    how: str, engine: Engine, tmp_path: Path
) -> None:
    number = invite(engine)
    mails(engine, tmp_path).step(NOON)
    with writing(engine) as connection:
        if how == "revoked":
            revoke_account_link(connection, number, actor="ada", now=NOON)
            token = ""
        else:
            token, _ = renew_link(connection, number, actor="ada", now=NOON)
    assert send(engine, tmp_path) == []
    assert [row["status"] for row in outbox(engine)] == ["cancelled"]
    with reading(engine) as connection:
        assert bool(find_by_token(connection, token, NOON)) == (how == "handed on")


def test_a_mail_that_waited_for_longer_than_its_link_lasts_is_cancelled(
    engine: Engine, tmp_path: Path
) -> None:
    invite(engine)
    mails(engine, tmp_path).step(NOON)
    with writing(engine) as connection:
        connection.execute(ACCOUNT_LINKS.update().values(expires_at=NOON))
    assert send(engine, tmp_path) == []
    assert [row["status"] for row in outbox(engine)] == ["cancelled"]


def test_a_link_for_a_password_says_who_sent_it_and_that_nothing_has_changed(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as connection:
        add_user(connection, NewUser("tom", email="tom@college.example"), actor="console", now=NOON)
        tom = find_user(connection, "tom")
        assert tom is not None
        link_for_password(connection, tom, actor="ada", now=NOON, by_mail=True)
    assert mails(engine, tmp_path).step(NOON) == 1
    (row,) = outbox(engine)
    text = " ".join(row["body_text"].split())
    assert row["subject"] == "Printers: Set a new password"
    assert "ada has sent you a link to set a new password for the account tom." in text
    assert "Your present password stays until you set the new one." in text
    assert "until Wed 11 Mar, 12:00" in text


def test_no_link_is_printed_where_standard_output_may_be_a_log(engine: Engine, tmp_path: Path) -> None:
    invite(engine)
    mails(engine, tmp_path).step(NOON)
    printed = io.StringIO()
    with Journal(tmp_path, "test") as journal:
        channels = {"mail": ConsoleChannel("Printers <printers@college.example>", printed)}
        Delivery(engine, channels, journal, "test", now=lambda: NOON).step()
    assert printed.getvalue() == ""
    assert [row["status"] for row in outbox(engine)] == ["failed"]


def test_a_link_that_was_handed_over_is_not_mailed(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as connection:
        invite_somebody(connection, Invitation(ROLES["manager"], NOOR), actor="ada", now=NOON)
    assert mails(engine, tmp_path).step(NOON) == 0

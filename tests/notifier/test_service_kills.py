"""kill -9 of the notifier while it sends: nothing is lost, and what was accepted is not sent again."""

import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.notifier.making import mail, outbox, put_mails, store
from tests.notifier.processes import notifier
from tests.notifier.smtp_servers import Mailbox, mail_server
from tests.patience import until


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def engine(data_dir: Path) -> Iterator[Engine]:
    with store("sqlite", data_dir) as (engine, _):
        yield engine


def is_sent(engine: Engine) -> bool:
    return all(row["status"] == "sent" for row in outbox(engine))


def test_what_was_accepted_is_not_sent_again_though_the_database_never_heard_of_it(
    engine: Engine, data_dir: Path
) -> None:
    mailbox = Mailbox()
    mailbox.answering.clear()
    with mail_server(mailbox) as port, notifier(data_dir, port) as process:
        put_mails(engine, mail(0, kind="summary"))
        until(lambda: mailbox.received, "a message that is handed over")
        lock = sqlite3.connect(data_dir / "db.sqlite3", timeout=30, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        mailbox.answering.set()
        until((data_dir / "notifier-test.accepted").read_text, "a note of the server's answer")
        process.kill()
        lock.execute("ROLLBACK")
        lock.close()
        assert outbox(engine)[0]["status"] == "sending"
        process.start()
        until(lambda: is_sent(engine), "a record of what was sent")
    assert len(mailbox.received) == 1


def test_what_was_not_answered_is_sent_again_as_the_same_message(engine: Engine, data_dir: Path) -> None:
    mailbox = Mailbox()
    mailbox.answering.clear()
    with mail_server(mailbox) as port, notifier(data_dir, port) as process:
        put_mails(engine, mail(0))
        until(lambda: mailbox.received, "a message that is handed over")
        process.kill()
        mailbox.answering.set()
        process.start()
        until(lambda: is_sent(engine), "the message to be sent")
    first, second = mailbox.mails()
    assert first["Message-ID"] == second["Message-ID"]


def test_killed_again_and_again_it_sends_every_message_and_repeats_at_most_one_a_kill(
    engine: Engine, data_dir: Path
) -> None:
    mailbox, kills = Mailbox(), 2
    chance = random.Random(7)
    put_mails(engine, *(mail(n) for n in range(50)))
    with mail_server(mailbox) as port, notifier(data_dir, port) as process:
        for number in range(kills):
            goal = 12 * (number + 1)
            until(lambda goal=goal: len(mailbox.received) >= goal, "some messages")  # type: ignore[misc] # bound
            time.sleep(chance.random() / 50)
            process.kill()
            process.start()
        until(lambda: is_sent(engine), "every message")
    recipients = [recipient for recipient, _ in mailbox.received]
    assert {*recipients} == {f"r{n}@example.org" for n in range(50)}
    assert len(recipients) <= 50 + kills

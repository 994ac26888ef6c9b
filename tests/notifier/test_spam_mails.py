"""No mail about spam leaves the outbox, to nobody; and all of them do when it is no spam after all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.storage.database import writing
from core.storage.issues import (
    NewIssue,
    assign,
    change_status,
    comment,
    hold_issues,
    issue_row,
    open_issue,
)
from core.storage.tables import IssueStatus, Visibility
from core.storage.users import NewUser, add_user
from notifier.channels.mail_smtp import SmtpChannel
from notifier.issue_mails import IssueMails
from notifier.outbox.delivery import Delivery
from notifier.outbox.journal import Journal
from tests.builders import printer, put
from tests.notifier.making import LINKS, NOON, make_settings, minutes, outbox, store
from tests.notifier.smtp_servers import Mailbox, mail_server
from tests.postgres import DATABASES

BOT, TOM, AISHA = "bot@example.org", "tom@example.org", "aisha@example.org"


@dataclass
class Notifier:
    """Mails about issues, derived and sent to a real server at a time of ours."""

    engine: Engine
    mails: IssueMails
    drain: Delivery
    mailbox: Mailbox
    at: datetime = field(default=NOON)

    def step(self, *, deliver: bool = True) -> list[str]:
        """A minute later: derive what is new, deliver it; whom the server took mails for so far."""
        self.at += minutes(1)
        self.mails.step(self.at)
        if deliver:
            self.drain.step()
        return [recipient for recipient, _ in self.mailbox.received]

    def report(self, contact: str = BOT) -> int:
        with writing(self.engine) as connection:
            new = NewIssue("lib", "Buy watches", reporter="Bot", contact=contact)
            return open_issue(connection, new, actor="", now=self.at)

    def move(self, number: int, status: IssueStatus) -> None:
        with writing(self.engine) as connection:
            seen = hold_issues(connection, number)[number]
            change_status(connection, seen, status, actor="maya", now=self.at)

    def statuses(self) -> list[str]:
        return [row["status"] for row in outbox(self.engine)]


@pytest.fixture(params=DATABASES)
def notifier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notifier]:
    with ExitStack() as stack:
        engine, _ = stack.enter_context(store(request.param, tmp_path / "data"))
        put(engine, printer("lib", name="Library 1", location="Floor 1"))
        with writing(engine) as connection:
            add_user(connection, NewUser("tom", email=TOM), actor="test", now=NOON)
        yield stack.enter_context(running(engine, tmp_path))


@contextmanager
def running(engine: Engine, folder: Path) -> Iterator[Notifier]:
    mailbox = Mailbox()
    with mail_server(mailbox) as port, Journal(folder, "test") as journal:
        settings = make_settings(folder, email_host="127.0.0.1", email_port=port, email_timeout=10)
        channels = {"mail": SmtpChannel(settings.mail)}
        made = Notifier(
            engine,
            IssueMails(engine, settings, LINKS),
            Delivery(engine, channels, journal, "test", now=lambda: made.at),
            mailbox,
        )
        yield made


def test_a_receipt_that_waits_is_cancelled_and_others_leave(notifier: Notifier) -> None:
    spam, other = notifier.report(), notifier.report(AISHA)
    notifier.step(deliver=False)
    notifier.move(spam, IssueStatus.SPAM)
    assert notifier.step() == [AISHA]
    assert notifier.statuses() == ["cancelled", "sent"]
    assert [row["issue_id"] for row in outbox(notifier.engine)] == [spam, other]


def test_what_is_derived_while_it_is_spam_does_not_leave_either(notifier: Notifier) -> None:
    number = notifier.report()
    with writing(notifier.engine) as connection:
        seen = issue_row(connection, number)
        assert seen is not None
        assign(connection, seen, "tom", actor="maya", now=notifier.at)
    notifier.move(number, IssueStatus.RESOLVED)
    notifier.move(number, IssueStatus.SPAM)
    assert notifier.step() == []
    assert notifier.statuses() == ["cancelled"] * 3


def test_undo_sends_what_was_held_back_once(notifier: Notifier) -> None:
    number = notifier.report()
    notifier.move(number, IssueStatus.SPAM)
    assert notifier.step() == []
    notifier.at += minutes(60 * 24 * 5)
    notifier.move(number, IssueStatus.OPEN)
    assert notifier.step() == [BOT]
    assert notifier.step() == [BOT]
    notifier.move(number, IssueStatus.SPAM)
    notifier.move(number, IssueStatus.OPEN)
    assert notifier.step() == [BOT], "what has left is not sent again"


def test_becoming_spam_and_back_again_is_told_to_nobody(notifier: Notifier) -> None:
    number = notifier.report()
    assert notifier.step() == [BOT]
    notifier.move(number, IssueStatus.RESOLVED)
    assert notifier.step() == [BOT, BOT]
    notifier.move(number, IssueStatus.SPAM)
    notifier.step()
    notifier.move(number, IssueStatus.RESOLVED)
    assert notifier.step() == [BOT, BOT]


def test_a_mail_the_server_put_off_is_not_tried_again(notifier: Notifier) -> None:
    notifier.mailbox.refusals[BOT] = "450 later"
    number = notifier.report()
    notifier.step()
    assert notifier.statuses() == ["due"]
    notifier.mailbox.refusals.clear()
    notifier.move(number, IssueStatus.SPAM)
    notifier.at += minutes(120)
    assert notifier.step() == []
    assert notifier.statuses() == ["cancelled"]
    notifier.move(number, IssueStatus.OPEN)
    assert notifier.step() == [BOT]


def test_an_answer_to_an_issue_that_is_spam_by_then_stays(notifier: Notifier) -> None:
    number = notifier.report()
    notifier.step()
    with writing(notifier.engine) as connection:
        words, public = "We are at it", Visibility.PUBLIC
        comment(connection, number, words, actor="maya", now=notifier.at, visibility=public)
    notifier.step(deliver=False)
    notifier.move(number, IssueStatus.SPAM)
    assert notifier.step() == [BOT]
    assert notifier.statuses() == ["sent", "cancelled"]

"""The outbox drained into a real mail server: taken, refused, delayed, and never twice."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from core.contract.errors import UserError
from core.storage.database import writing
from core.storage.mail_outbox import resend
from notifier.channels.mail_smtp import SmtpChannel
from notifier.outbox.delivery import RETRY_FOR, Delivery, pause_after
from notifier.outbox.journal import Journal
from tests.brokers import free_port
from tests.notifier.making import mail, make_settings, outbox, put_mails, store
from tests.notifier.smtp_servers import (
    PASSWORD,
    USER,
    Mailbox,
    mail_server,
    make_certificate,
    with_login,
)
from tests.postgres import DATABASES

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 10, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@contextmanager
def delivery(engine: Engine, folder: Path, port: int, **values: Any) -> Iterator[tuple[Delivery, Clock]]:
    """A drain with SMTP and a clock of ours."""
    instance, retry_for = values.pop("instance", "test"), values.pop("retry_for", RETRY_FOR)
    settings = make_settings(folder, email_host="127.0.0.1", email_port=port, email_timeout=10, **values)
    clock = Clock()
    with Journal(folder, instance) as journal:
        channels = {"mail": SmtpChannel(settings.mail)}
        yield Delivery(engine, channels, journal, instance, retry_for, now=clock), clock


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with store("sqlite", tmp_path / "data") as (engine, _):
        yield engine


def statuses(engine: Engine) -> list[str]:
    return [row["status"] for row in outbox(engine)]


def test_each_message_reaches_its_recipient_over_one_connection(engine: Engine, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, *(mail(n) for n in range(5)), now=clock())
        assert drain.step() is False
    assert [recipient for recipient, _ in mailbox.received] == [f"r{n}@example.org" for n in range(5)]
    assert mailbox.connections == 1
    assert statuses(engine) == ["sent"] * 5
    assert drain.counts() == {"due": 0, "sent": 5, "failed": 0, "delayed": 0}
    first = mailbox.mails()[0]
    assert first["Message-ID"].strip() == outbox(engine)[0]["message_id"]
    assert first["Auto-Submitted"] == "auto-generated"


def test_one_bad_address_does_not_stop_the_others_and_is_named_with_the_reason(
    engine: Engine, tmp_path: Path
) -> None:
    mailbox = Mailbox(refusals={"r1@example.org": "550 no such user here"})
    with mail_server(mailbox) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, *(mail(n) for n in range(3)), now=clock())
        drain.step()
    assert statuses(engine) == ["sent", "failed", "sent"]
    assert outbox(engine)[1]["last_error"] == "r1@example.org: 550 no such user here."


def test_a_temporary_refusal_is_tried_again_ever_more_rarely(engine: Engine, tmp_path: Path) -> None:
    mailbox = Mailbox(refusals={"r0@example.org": "451 greylisted"})
    with mail_server(mailbox) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, mail(0), now=clock())
        drain.step()
        drain.step()
        assert (statuses(engine), outbox(engine)[0]["attempts"]) == (["due"], 1)
        clock.advance(minutes=1)
        drain.step()
        assert outbox(engine)[0]["attempts"] == 2
        clock.advance(minutes=1)
        drain.step()
        assert outbox(engine)[0]["attempts"] == 2
        mailbox.refusals.clear()
        clock.advance(minutes=1)
        drain.step()
    assert statuses(engine) == ["sent"]
    assert outbox(engine)[0]["last_error"] == ""
    assert [pause_after(n).total_seconds() / 60 for n in (1, 2, 3, 7, 99)] == [1, 2, 4, 60, 60]


def test_what_is_delayed_for_too_long_fails_and_can_be_sent_again_by_hand(
    engine: Engine, tmp_path: Path
) -> None:
    mailbox = Mailbox(refusals={"r0@example.org": "452 mailbox full"})
    with (
        mail_server(mailbox) as port,
        delivery(engine, tmp_path, port, retry_for=timedelta(hours=3)) as (drain, clock),
    ):
        put_mails(engine, mail(0), now=clock())
        for _ in range(12):
            drain.step()
            clock.advance(hours=1)
        assert statuses(engine) == ["failed"]
        assert outbox(engine)[0]["last_error"] == "r0@example.org: 452 mailbox full."
        mailbox.refusals.clear()
        with writing(engine) as connection:
            assert resend(connection, outbox(engine)[0]["id"], now=clock())
        drain.step()
    assert statuses(engine) == ["sent"]


@pytest.mark.parametrize("answer", ["drop", "451 later", "421 shutting down"])
def test_a_message_that_was_not_taken_is_sent_later_the_same(
    engine: Engine, tmp_path: Path, answer: str
) -> None:
    mailbox = Mailbox(after_data=[answer])
    with mail_server(mailbox) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, mail(0), now=clock())
        drain.step()
        assert (mailbox.received, statuses(engine)) == ([], ["due"])
        clock.advance(minutes=2)
        drain.step()
    assert len(mailbox.received) == 1
    assert statuses(engine) == ["sent"]


def test_a_message_the_server_will_never_take_fails_with_its_words(engine: Engine, tmp_path: Path) -> None:
    mailbox = Mailbox(after_data=["554 looks like spam"])
    with mail_server(mailbox) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, mail(0), mail(1), now=clock())
        drain.step()
    assert statuses(engine) == ["failed", "sent"]
    assert "554 looks like spam" in outbox(engine)[0]["last_error"]


def test_a_server_that_is_away_is_asked_by_one_message_at_a_time(engine: Engine, tmp_path: Path) -> None:
    port = free_port()
    with delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, *(mail(n) for n in range(10)), now=clock())
        drain.step()
        drain.step()
        assert [row["attempts"] for row in outbox(engine)] == [1] + [0] * 9
        assert f"127.0.0.1:{port} cannot be used" in outbox(engine)[0]["last_error"]
        clock.advance(seconds=30)
        drain.step()
        assert sum(row["attempts"] for row in outbox(engine)) == 2


def test_it_goes_on_when_the_server_is_back(engine: Engine, tmp_path: Path) -> None:
    mailbox = Mailbox(after_data=["421 closing"])
    with mail_server(mailbox) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, *(mail(n) for n in range(3)), now=clock())
        drain.step()
        assert mailbox.received == []
        clock.advance(minutes=1)
        drain.step()
    assert statuses(engine) == ["sent"] * 3


def test_nothing_waits_for_years_after_the_clock_was_that_far_ahead(engine: Engine, tmp_path: Path) -> None:
    port = free_port()
    with delivery(engine, tmp_path, port) as (drain, clock):
        clock.advance(days=1500)
        put_mails(engine, mail(), now=clock())
        drain.step()
        assert outbox(engine)[0]["attempts"] == 1
        clock.advance(days=-1500)
        drain.step()
        assert outbox(engine)[0]["attempts"] == 2


@pytest.mark.parametrize("way", ["email_use_ssl", "email_use_tls"])
def test_tls_is_used_its_certificate_verified_and_the_user_let_in(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    pem, context = make_certificate(tmp_path)
    tls = {"ssl_context": context} if way == "email_use_ssl" else {"tls_context": context}
    login = {"email_host_user": USER, "email_host_password": PASSWORD, way: True}
    mailbox = Mailbox()
    with mail_server(mailbox, **with_login(**tls)) as port:
        put_mails(engine, mail(0), now=Clock()())
        with delivery(engine, tmp_path, port, **login) as (drain, clock):
            drain.step()
            assert "certificate" in outbox(engine)[0]["last_error"]
            monkeypatch.setenv("SSL_CERT_FILE", str(pem))
            clock.advance(minutes=1)
            drain.step()
    assert statuses(engine) == ["sent"]


def test_a_wrong_password_delays_everything_and_says_which_setting(engine: Engine, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, **with_login()) as port:
        login = {"email_host_user": USER, "email_host_password": "wrong"}
        with delivery(engine, tmp_path, port, **login) as (drain, clock):
            put_mails(engine, mail(0), now=clock())
            drain.step()
    row = outbox(engine)[0]
    assert row["status"] == "due"
    assert "EMAIL_HOST_USER and EMAIL_HOST_PASSWORD" in row["last_error"]
    assert "wrong" not in row["last_error"]


def test_a_sender_that_is_not_allowed_fails_no_message(engine: Engine, tmp_path: Path) -> None:
    class Strict(Mailbox):
        async def handle_MAIL(self, *_: Any) -> str:  # noqa: N802 (the library's name)
            return "550 not from you"

    with mail_server(Strict()) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, mail(0), now=clock())
        drain.step()
    row = outbox(engine)[0]
    assert (row["status"], "550 not from you" in row["last_error"]) == ("due", True)


@pytest.mark.parametrize("kind", DATABASES)
def test_two_notifiers_send_each_message_once(kind: str, tmp_path: Path) -> None:
    mailbox = Mailbox()
    with ExitStack() as stack:
        engine, _ = stack.enter_context(store(kind, tmp_path / "data"))
        port = stack.enter_context(mail_server(mailbox))
        drains = [
            stack.enter_context(delivery(engine, tmp_path, port, instance=name))[0] for name in ("one", "two")
        ]
        put_mails(engine, *(mail(n) for n in range(60)), now=Clock()())
        start = threading.Barrier(2)

        def work(drain: Delivery) -> None:
            start.wait()
            while drain.step():
                pass
            drain.step()

        threads = [threading.Thread(target=work, args=(drain,)) for drain in drains]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert statuses(engine) == ["sent"] * 60
        assert {row["claimed_by"] for row in outbox(engine)} == {"one", "two"}
    assert sorted(recipient for recipient, _ in mailbox.received) == sorted(
        f"r{n}@example.org" for n in range(60)
    )


def test_what_a_dead_notifier_was_sending_is_sent_by_another_when_its_claim_ends(
    engine: Engine, tmp_path: Path
) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port, delivery(engine, tmp_path, port) as (drain, clock):
        put_mails(engine, mail(0), now=clock())
        with writing(engine) as connection:
            values = "status = 'sending', claimed_by = 'dead', next_try_at = '2026-03-10 12:10:00.000000'"
            connection.exec_driver_sql(f"UPDATE mail_outbox SET {values}")  # noqa: S608 (constants)
        drain.step()
        assert mailbox.received == []
        clock.advance(minutes=11)
        drain.step()
    assert statuses(engine) == ["sent"]


def test_one_notifier_of_a_name_runs_at_a_time(tmp_path: Path) -> None:
    with (
        Journal(tmp_path, "main"),
        pytest.raises(UserError, match="another notifier of the name main"),
        Journal(tmp_path, "main"),
    ):
        pass

"""Notices by Apprise into a real HTTP server, through the outbox."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from notifier.channels.apprise_channel import not_understood
from notifier.channels.choice import open_channels
from notifier.notices.notices import NoticeComposer
from notifier.notices.targets import APPRISE
from notifier.outbox.delivery import Delivery
from notifier.outbox.journal import Journal
from tests.builders import printer, put
from tests.http_servers import answering
from tests.notifier.making import (
    LINKS,
    NOON,
    flag,
    mail,
    make_settings,
    minutes,
    outbox,
    put_mails,
    store,
)


@contextmanager
def webhook(answers: list[int]) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A receiver that answers with these codes in turn, then 200; its port, and what it was told."""
    told: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            code = answers.pop(0) if answers else 200
            if code == 200:
                told.append(json.loads(body))
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    with answering(server):
        yield server.server_port, told


def test_a_notice_goes_to_a_webhook_and_is_tried_again(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as (engine, _), webhook([503]) as (port, told):
        put(engine, printer("lib", name="Library <!channel> 1"), flag("lib", "jam"))
        url = SecretStr(f"json://user:hidden-word@127.0.0.1:{port}/hook")
        settings = make_settings(tmp_path, notify_urls=url)
        NoticeComposer(engine, settings, LINKS).step(NOON + minutes(2))
        with Journal(tmp_path, "test") as journal:
            later = [NOON + minutes(999_999)]
            drain = Delivery(engine, open_channels(settings), journal, "test", now=lambda: later[0])
            drain.step()
            row = outbox(engine)[0]
            assert (row["status"], row["channel"], row["recipient"]) == ("due", APPRISE, "json 1")
            assert "503" in row["last_error"]
            later[0] += minutes(2)
            drain.step()
        row = outbox(engine)[0]
        assert row["status"] == "sent"
        assert not any("hidden-word" in str(value) for value in row.values())
    (message,) = told
    assert message["title"] == "Critical - Library ‹!channel› 1: Jam"
    assert "https://print.example.edu/printer?id=lib" in message["message"]
    assert message["type"] == "failure"


def test_a_target_that_is_no_longer_set_fails_by_name(tmp_path: Path) -> None:
    with store("sqlite", tmp_path) as (engine, _):
        put_mails(engine, mail(0, "ntfys 7", channel=APPRISE))
        settings = make_settings(tmp_path, notify_urls=SecretStr("json://127.0.0.1:9/x"))
        with Journal(tmp_path, "test") as journal:
            Delivery(engine, open_channels(settings), journal, "test").step()
        row = outbox(engine)[0]
        assert (row["status"], "ntfys 7" in row["last_error"]) == ("failed", True)


def test_urls_that_apprise_does_not_understand_are_named() -> None:
    assert list(not_understood({"nonsense 1": "nonsense://x", "json 2": "json://127.0.0.1/x"})) == [
        "nonsense 1"
    ]

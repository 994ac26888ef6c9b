"""Failures in log lines: what the system says, whatever library wrapped it, and no names of classes."""

import logging
import re
import socket
import sqlite3
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import urllib3
from sqlalchemy import create_engine, text

from core.contract.errors import DatabaseError
from core.runtime.failures import failure_text
from core.runtime.logs import configure_logs
from core.runtime.periodic import PeriodicTask
from tests.brokers import free_port

CLASS = re.compile(r"\b[A-Z]\w*(Error|Exception|Timeout|Warning)\b|object at 0x|\bsqlalche|\burllib")


def raised(action: Callable[[], object]) -> Exception:
    try:
        action()
    except Exception as error:
        return error
    raise AssertionError("it worked")


def urllib_refused() -> object:
    return urllib.request.urlopen(f"http://127.0.0.1:{free_port()}/", timeout=5)


def urllib3_refused() -> object:
    return urllib3.PoolManager(retries=0).request("GET", f"http://127.0.0.1:{free_port()}/")


def urllib3_closed() -> object:
    """Somebody takes the connection and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def close_at_once() -> None:
            server.accept()[0].close()

        threading.Thread(target=close_at_once, daemon=True).start()
        return urllib3.PoolManager(retries=0).request("GET", f"http://127.0.0.1:{server.getsockname()[1]}/")


def postgresql_away() -> object:
    return create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/none").connect()


def no_table() -> object:
    return create_engine("sqlite://").connect().execute(text("SELECT * FROM nowhere"))


def timed_out() -> object:
    raise TimeoutError


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (urllib_refused, "Connection refused"),
        (urllib3_refused, "Connection refused"),
        (urllib3_closed, "losed connection without response|reset by peer"),
        (postgresql_away, "onnection refused"),
        (no_table, "^no such table: nowhere$"),
        (lambda: sqlite3.connect(":memory:").execute("SELECT x"), "^no such column: x$"),
        (lambda: Path("nowhere").read_text(), "^No such file or directory: nowhere$"),
        (lambda: socket.getaddrinfo("a" * 300, 1), "unexpected error|host name is not known"),
        (timed_out, "^no answer in time$"),
        (lambda: dict[str, str]()["x"], r"^an unexpected error \('x'\)$"),
        (lambda: next(iter(())), "^an unexpected error$"),
    ],
)
def test_a_failure_is_told_without_the_names_of_classes(action: Callable[[], object], says: str) -> None:
    told = failure_text(raised(action))
    assert re.search(says, told)
    assert not CLASS.search(told)
    assert "\n" not in told


def test_our_own_sentences_stay_as_they_are() -> None:
    assert (
        failure_text(DatabaseError("the database is away: look at it.")) == "the database is away: look at it"
    )


def test_a_task_that_fails_says_so_once_in_plain_words(caplog: pytest.LogCaptureFixture) -> None:
    stopping, failed = threading.Event(), threading.Event()

    def step() -> None:
        failed.set()
        urllib3_refused()

    loop = PeriodicTask("forecast", [step], 0.01, stopping)
    with caplog.at_level(logging.INFO):
        loop.start()
        assert failed.wait(30)
        stopping.set()
        loop.wake()
        loop.join(30)
    (record,) = [record for record in caplog.records if record.name == "core.runtime.periodic"]
    assert record.getMessage() == "forecast: Connection refused; trying again"


def test_retries_of_the_library_are_not_told() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        configure_logs("processor")
        assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.WARNING)
        assert logging.getLogger("sqlalchemy.pool").isEnabledFor(logging.WARNING)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.getLogger("urllib3").setLevel(logging.NOTSET)

"""The raw HTTP surface: whatever a stranger sends, there is no 500 and no page of log for it."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import pytest
import uvicorn
import websockets
from starlette.responses import PlainTextResponse

from core.domain.networks import networks_of
from dashboard.web.gate import connections
from dashboard.web.gate.body_limit import LARGEST
from dashboard.web.gate.connections import Connections, bounded_http
from tests.dashboard.raw_http import all_answered, answered, random_requests, status_of
from tests.dashboard.served import Server, serving
from tests.dashboard.tabs import opened
from tests.patience import PATIENCE_SECONDS

REQUESTS: Final = 800
WAIT_SECONDS: Final = 3.0
"""After which a request that is not whole is left unanswered."""
SETTINGS: Final = {
    "PORTAL_PUBLIC": "true",
    "TRUSTED_PROXIES": "127.0.0.1",
    "TRUSTED_USER_HEADER": "Remote-User",
}
_LINE: Final = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("raw"), settings=SETTINGS, for_pages=False) as running:
        yield running


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


@contextmanager
def quiet(server: Server, most_lines: int) -> Iterator[None]:
    """What is done meanwhile adds no more lines than that to the log, all of them whole log lines."""
    before = len(server.log)
    yield
    lines = server.log[before:].splitlines()
    assert [line for line in lines if not _LINE.match(line)] == []
    assert len(lines) <= most_lines, lines


@pytest.mark.parametrize("seed", [1, 2])
def test_no_request_of_any_form_gives_a_500_or_a_traceback(seed: int, server: Server) -> None:
    requests = random_requests(seed, REQUESTS)
    with quiet(server, REQUESTS):
        pairs = asyncio.run(all_answered(port_of(server), requests, WAIT_SECONDS))
    assert [request for request, answer in pairs if status_of(answer) >= 500] == []
    assert sum(status_of(answer) > 0 for _, answer in pairs) > REQUESTS * 0.9
    assert {200, 400, 401, 403, 404, 405} <= {status_of(answer) for _, answer in pairs}


HOST: Final = b"Host: 127.0.0.1\r\nConnection: close\r\n"
FORM: Final = b"Content-Type: multipart/form-data; boundary=x; charset="
PART: Final = b'--x\r\ncontent-disposition: form-data; name="next"\r\n\r\n\\ud800\r\n--x--\r\n'
LENGTH: Final = b"\r\nContent-Length: %d\r\n" % len(PART)
TOO_LONG: Final = b"%x\r\n%s\r\n0\r\n\r\n" % (LARGEST + 1, b" " * (LARGEST + 1))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /login HTTP/1.1\r\nOrigin: http://[\r\n" + HOST + b"\r\n", 403),
        (b"POST /login HTTP/1.1\r\nOrigin: http://127.0.0.1:x\r\n" + HOST + b"\r\n", 403),
        (b"GET /login?next=//[ HTTP/1.1\r\n" + HOST + b"\r\n", 200),
        (b"GET /static/index.html HTTP/1.1\r\nContent-Length: 999999999999\r\n" + HOST + b"\r\n", 413),
        (b"GET /favicon.png HTTP/1.1\r\nContent-Length: 999999999999\r\n" + HOST + b"\r\n", 413),
        *(
            (b"POST " + path + b" HTTP/1.1\r\n" + FORM + charset + LENGTH + HOST + b"\r\n" + PART, 403)
            for path in (b"/login", b"/login/code")
            for charset in (b"undefined", b"unicode_escape")
        ),
        (b"GET /label/low HTTP/1.1\r\nHost: 127.0.0.1:x\r\nConnection: close\r\n\r\n", 400),
        (b"GET /fleet HTTP/1.1\r\nX-Forwarded-For: fe80::1%eth0\r\n" + HOST + b"\r\n", 200),
    ],
)
def test_what_once_failed_is_answered(request_: bytes, status: int, server: Server) -> None:
    with quiet(server, 1):
        answer = asyncio.run(answered(port_of(server), request_, PATIENCE_SECONDS))
    assert status_of(answer) == status


def test_a_file_is_sent_to_who_also_sends_a_body_that_is_too_large(server: Server) -> None:
    head = b"GET /favicon.png HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"\r\n"
    with quiet(server, 1):
        answer = asyncio.run(answered(port_of(server), head + TOO_LONG, PATIENCE_SECONDS))
    assert status_of(answer) in {200, 413}


@pytest.mark.parametrize(
    ("frame", "code"),
    [("text", 1003), (b"\xff" * 50, 1002), (b"x" * (2 * 1024 * 1024), 1009)],
    ids=["text", "no message", "too large"],
)
def test_a_page_that_sends_what_is_no_message_is_closed(
    frame: str | bytes, code: int, server: Server
) -> None:
    async def closed_with() -> int:
        async with opened(server) as page:
            with pytest.raises(websockets.ConnectionClosed):
                await page.send(frame)
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while True:
                        await page.recv()
            return page.close_code or 0

    with quiet(server, 1):
        assert asyncio.run(closed_with()) == code


@contextmanager
def small_server(pages: int, proxies: str = "") -> Iterator[int]:
    """An application of one sentence behind the limits; its port."""
    app = PlainTextResponse("hello")
    config = uvicorn.Config(
        app,
        log_config=None,
        lifespan="off",
        http=bounded_http(Connections(pages, networks_of(proxies))),
        timeout_keep_alive=60,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)


def says(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(request)
    return connection.recv(1000)


@pytest.mark.parametrize("begin", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_a_head_that_does_not_come_ends_its_connection(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    with small_server(10) as port, connect(port) as connection:
        connection.sendall(begin)
        assert connection.recv(1000) == b""


def test_the_head_of_a_later_request_has_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    with small_server(10) as port, connect(port) as connection:
        answer = says(connection, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b" 200 " in answer
        while not answer.endswith(b"hello"):  # the body may come by itself
            answer += connection.recv(1000)
        assert says(connection, b"GET / HT") == b""


def test_one_address_has_so_many_connections_and_gets_them_back() -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    with small_server(1) as port:
        held = [connect(port) for _ in range(4)]
        assert all(b" 200 " in says(connection, request) for connection in held)
        with connect(port) as another:
            assert b" 429 " in another.recv(1000)
        held.pop().close()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with connect(port) as another:
                if b" 200 " in says(another, request):
                    break
        else:
            raise AssertionError("the connection that was closed still counts")
        for connection in held:
            connection.close()


def test_a_trusted_proxy_brings_as_many_as_come_to_it() -> None:
    with small_server(1, "127.0.0.1") as port:
        held = [connect(port) for _ in range(20)]
        assert all(b" 200 " in says(one, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") for one in held)
        for connection in held:
            connection.close()


def test_pages_open_from_one_address_are_counted(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings: Mapping[str, str] = {"PORTAL_PUBLIC": "true", "PAGES_PER_ADDRESS": "2"}

    async def third_is_refused(server: Server) -> bool:
        async with opened(server), opened(server):
            try:
                async with opened(server):
                    return False
            except websockets.InvalidStatus:
                pass
        async with opened(server):  # one of those before is closed
            return True

    with serving(tmp_path_factory.mktemp("pages"), settings=settings, for_pages=False) as server:
        assert asyncio.run(third_is_refused(server))
        assert server.log.count("too many pages are open from 127.0.0.1") == 1

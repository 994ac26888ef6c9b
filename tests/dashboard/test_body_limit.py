"""Bodies of requests: what is too large is refused before it is read, whoever sends it."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from starlette.types import Message, Scope

from dashboard.web.gate import body_limit
from dashboard.web.gate.body_limit import (
    LARGEST,
    LARGEST_PHOTO,
    LARGEST_UPLOAD,
    LimitedBody,
    declares_too_much,
)
from tests.dashboard.served import Server, serving
from tests.patience import PATIENCE_SECONDS

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(
        tmp_path_factory.mktemp("bodies"), settings={"PORTAL_PUBLIC": "true"}, for_pages=False
    ) as running:
        yield running


def answer_to(server: Server, head: str, body: bytes) -> bytes:
    """The first line of the answer, and the last."""
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    with socket.create_connection(address, PATIENCE_SECONDS) as connection:
        connection.sendall(f"{head}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode() + body)
        heard = b""
        while octets := connection.recv(65536):
            heard += octets
    return heard.splitlines()[0] + b" " + heard.splitlines()[-1]


@pytest.mark.parametrize("path", ["/api/v1/issues", "/login"])
def test_a_body_that_is_declared_too_large_is_not_waited_for(path: str, server: Server) -> None:
    kind = "application/json" if path.startswith("/api") else FORM["content-type"]
    head = f"POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nContent-Length: {10**12}"
    assert b" 413 " in answer_to(server, head, b"")
    assert "Traceback" not in server.log


@pytest.mark.parametrize("path", ["/api/v1/issues", "/login"])
def test_a_body_of_unknown_length_is_read_no_further_than_it_may_be(path: str, server: Server) -> None:
    kind = "application/json" if path.startswith("/api") else FORM["content-type"]
    head = f"POST {path} HTTP/1.1\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked"
    # No end: whoever wants to see all of it waits for ever.
    answer = answer_to(server, head, b"%x\r\n%s\r\n" % (LARGEST + 1, b" " * (LARGEST + 1)))
    assert b" 413 " in answer
    assert "Traceback" not in server.log


def test_the_longest_report_is_taken(server: Server) -> None:
    details = "\\ud83d\\udda8" * 4000
    body = f'{{"printer_id":"low","category":"jam","details":"{details}","name":"P","contact":"p@x.example"}}'
    head = f"POST /api/v1/issues HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    assert b" 201 " in answer_to(server, head, body.encode())


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/_stcore/upload_file/page/file", LARGEST_UPLOAD),
        ("/_stcore/upload_files", LARGEST),
        ("/login", LARGEST),
        ("/photos", LARGEST_PHOTO),
        ("/photos/1", LARGEST),
    ],
)
def test_files_for_a_page_may_be_larger_than_anything_else(path: str, most: int) -> None:
    def declared(octets: int) -> Scope:
        return {"path": path, "headers": [(b"content-length", str(octets).encode())]}

    assert not declares_too_much(declared(most))
    assert declares_too_much(declared(most + 65 * 1024))


def test_a_body_that_stops_coming_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "PART_SECONDS", 0.01)
    parts: list[Message] = [{"type": "http.request", "body": b"a", "more_body": True}]
    sent: list[Message] = []

    async def receive() -> Message:
        if not parts:
            await asyncio.Event().wait()
        return parts.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    async def slow() -> LimitedBody:
        body = LimitedBody({"path": "/login", "headers": []}, receive, send)
        assert (await body.receive())["body"] == b"a"
        assert (await body.receive())["type"] == "http.disconnect"
        await body.send({"type": "http.response.start", "status": 400})
        return body

    body = asyncio.run(slow())
    assert body.refusal == (408, "The body did not come in time.")
    assert (body.answered, sent) == (False, [])

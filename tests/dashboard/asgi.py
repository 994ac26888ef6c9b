"""A browser of a few lines, which speaks to an ASGI application in this process."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.types import ASGIApp, Message

PAGE = {"accept": "text/html"}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    set_cookies: tuple[str, ...]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass
class Visitor:
    """Keeps its cookies; `address` is where it connects from, `scheme` how."""

    app: ASGIApp
    host: str = "127.0.0.1:8501"
    address: str = "198.51.100.7"
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict)
    more: list[tuple[str, str]] = field(default_factory=list)
    """Header fields sent beside the others, also such as are there already."""

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.ask("GET", url, headers or {})

    def page(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """As a browser opens a page."""
        return self.get(url, {**PAGE, **(headers or {})})

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.ask("POST", url, {**kind, **(headers or {})}, urlencode(form).encode())

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        scope = {**self._scope(url, headers), "type": "http", "method": method, "scheme": self.scheme}
        answer = _answer(asyncio.run(_exchange(self.app, scope, body)))
        for cookie in answer.set_cookies:
            for name, morsel in SimpleCookie(cookie).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def websocket(self, url: str, headers: Mapping[str, str] | None = None) -> str:
        """`open` where the application accepts it, `refused` else."""
        scheme = {"http": "ws", "https": "wss"}[self.scheme]
        scope = {**self._scope(url, headers or {}), "type": "websocket", "scheme": scheme}
        scope["subprotocols"] = []
        sent = asyncio.run(_knock(self.app, scope))
        return "open" if sent and sent[0]["type"] == "websocket.accept" else "refused"

    def talk(
        self, url: str, frames: Sequence[bytes | str], before: Callable[[], None] | None = None
    ) -> list[Message]:
        """Open a websocket, call `before`, send these frames and go; what was sent back."""
        scope = {**self._scope(url, {}), "type": "websocket", "scheme": "ws", "subprotocols": []}
        return asyncio.run(_talk(self.app, scope, frames, before))

    def _scope(self, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
        parts = urlsplit(url)
        given = {"host": self.host, **headers}
        if self.cookies:
            given["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [
                (name.lower().encode(), value.encode("latin-1"))
                for name, value in (*given.items(), *self.more)
            ],
            "client": (self.address, 40_000),
            "server": ("127.0.0.1", 8501),
        }


async def _exchange(app: ASGIApp, scope: dict[str, Any], body: bytes) -> list[Message]:
    sent: list[Message] = []
    given = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return given.pop(0) if given else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def _knock(app: ASGIApp, scope: dict[str, Any]) -> list[Message]:
    sent: list[Message] = []
    given: list[Message] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]

    async def receive() -> Message:
        return given.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def _talk(
    app: ASGIApp, scope: dict[str, Any], frames: Sequence[bytes | str], before: Callable[[], None] | None
) -> list[Message]:
    sent: list[Message] = []
    given: list[Message] = [{"type": "websocket.connect"}]
    for frame in frames:
        given.append({"type": "websocket.receive", "bytes" if isinstance(frame, bytes) else "text": frame})
    given.append({"type": "websocket.disconnect", "code": 1000})

    async def receive() -> Message:
        if before is not None and given[0]["type"] == "websocket.receive":
            await asyncio.to_thread(before)
        return given.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def _answer(sent: list[Message]) -> Answer:
    start = sent[0]
    pairs = [(name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"]]
    body = b"".join(message.get("body", b"") for message in sent[1:])
    cookies = tuple(value for name, value in pairs if name == "set-cookie")
    return Answer(start["status"], dict(pairs), cookies, body.decode("utf-8", "replace"))

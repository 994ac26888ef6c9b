"""Requests as octets, for what no HTTP client would send; and random ones, from a seed."""

import asyncio
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

_METHODS: Final = (*("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "FOO"), "get", "")
_PATHS: Final = (
    *("/", "/login", "/logout", "/login/sso", "/login/callback", "/healthz", "/session", "/unsubscribe"),
    "/list-view",
    *("/fleet", "/printer", "/report", "/follow", "/account", "/users", "/metrics", "/labels", "/label/low"),
    *("/api/v1/printers", "/api/v1/printers/low", "/api/v1/issues", "/api/v1/announcements"),
    *("/api/v1/openapi.json", "/api/v1/x"),
    *("/static/index.html", "/static/js/x.js", "/static/", "/assets/session.js", "/favicon.png"),
    *("/_stcore/health", "/_stcore/stream", "/_stcore/host-config", "/_stcore/upload_file/a/b"),
    *("/_stcore/metrics", "/_stcore/bidi-components/x/y.js", "/_stcore/script-health-check"),
    *("/media/abc.csv", "/component/x/y", "/manifest.json", "/auth/login", "/oauth2callback", "/nowhere"),
    *("/login", "/login", "/logout", "/unsubscribe", "/api/v1/issues", "/static/index.html", "/favicon.png"),
    *("*", "//[", "/%", "/%00", "/%ff%fe", "/..%2f..%2fetc/passwd", "http://[", "http://x/", "x", "/\\x", ""),
)
_TEXTS: Final = (
    *(
        "",
        "x",
        "[",
        "http://[",
        "//[",
        "//[::1",
        "null",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:x",
        "%00",
    ),
    *(
        "%",
        "%ff",
        "%ed%a0%80",
        "\x7f",
        "é",
        "\xff\xfe",
        "0",
        "-1",
        "1" * 30,
        "9" * 5000,
        "a" * 3000,
        "=",
        ";",
    ),
    *("&&&", "'", '"', "\\", "<script>", "${x}", "../..", "::1%eth0", "fe80::1%1", "1.2.3.4, x", "on", "\t"),
    *("bytes=0-", "bytes=5-1", "bytes=-", "bytes=a-b,", "gzip;q=x", "text/html", "*/*;q=9", "W/"),
    *("chunked", "chunked, chunked", "identity", "100-continue", "websocket", "Upgrade", "keep-alive"),
    *("application/json", "application/x-www-form-urlencoded", "multipart/form-data"),
    *("multipart/form-data; boundary=", "multipart/form-data; boundary=x; charset=undefined"),
    *("multipart/form-data; boundary=x; charset=unicode_escape", "text/plain; charset=rot13"),
    *("Bearer", "Bearer ", "Bearer \xff", "Basic x", "printers_session=", 'printers_form="\\000\\377"'),
    *("printers_form=\x01", "printers_sso=a.b.c", "_streamlit_xsrf=2|x|y|z", "_streamlit_user=2|1:0|x"),
    *("streamlit", "streamlit, a, b", "13", "dGhlIHNhbXBsZSBub25jZQ==", "Wed, 99 Foo 0000 99:99:99 GMT"),
)
_NAMES: Final = (
    *("Origin", "Referer", "Cookie", "Authorization", "Accept", "Accept-Encoding", "Accept-Language"),
    *(
        "Content-Type",
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Transfer-Encoding",
        "Expect",
        "Range",
        "If-Range",
    ),
    *("If-None-Match", "If-Modified-Since", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"),
    *("Forwarded", "Remote-User", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"),
    *("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "Sec-Fetch-Site", "X-Xsrftoken", "User-Agent"),
    *("x-printers-session", "x-printers-address", "X-HTTP-Method-Override", "Keep-Alive", "TE", "Date"),
)
_NO_NAMES: Final = ("", "é", "a b", "Host", "Origin", "Content-Length", "Remote-User")
"""No names of a field; and those that a request may have once."""
_PARAMETERS: Final = ("next", "out", "token", "state", "code", "text", "limit", "offset", "health", "id", "x")
_BODIES: Final = (
    *(
        b"",
        b"{}",
        b"[",
        b"null",
        b'{"printer_id":"\\ud800","category":"jam","details":"\\u0000"}',
        b"\xff\xfe",
    ),
    *(b"name=a&password=b&next=//[&form=x", b"csrf=x", b"%", b"=&=&;", b"a=" + b"x" * 70_000, b"0\r\n\r\n"),
    *(
        b'--x\r\ncontent-disposition: form-data; name="name"\r\n\r\n\\ud800\r\n--x--\r\n',
        b"5\r\nhello",
        b"z\r\n",
    ),
)
_UPGRADE: Final = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: streamlit\r\n"
)


async def answered(port: int, request: bytes, wait_seconds: float) -> bytes:
    """Return the head of what comes back to these octets.

    Of a request that is not whole nothing comes: after the wait it is left.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(wait_seconds):
            return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    except (OSError, TimeoutError):
        return b""
    finally:
        writer.transport.abort()


async def all_answered(
    port: int, requests: Iterable[bytes], wait_seconds: float
) -> list[tuple[bytes, bytes]]:
    """Return each request with its answer; a few dozen are under way at once."""
    free = asyncio.Semaphore(32)

    async def ask(request: bytes) -> tuple[bytes, bytes]:
        async with free:
            return request, await answered(port, request, wait_seconds)

    return await asyncio.gather(*(ask(request) for request in requests))


def status_of(answer: bytes) -> int:
    """Return its status; 0 where there is none."""
    parts = answer.split(b" ", 2)
    return int(parts[1]) if answer.startswith(b"HTTP/") and len(parts) > 1 and parts[1].isdigit() else 0


def random_requests(seed: int, count: int) -> Iterator[bytes]:
    """Yield requests that are wrong in random places; the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _request(chance)


def _request(chance: random.Random) -> bytes:
    path = chance.choice(_PATHS)
    if chance.random() < 0.5:
        given = (f"{chance.choice(_PARAMETERS)}={_url(chance)}" for _ in range(chance.randrange(1, 4)))
        path += "?" + "&".join(given)
    host = "127.0.0.1" if chance.random() < 0.95 else chance.choice(_TEXTS)
    lines = [f"{_pick(chance, ('GET', 'GET', 'POST'), _METHODS)} {path} HTTP/1.1", f"Host: {host}"]
    for _ in range(chance.randrange(4)):
        names = _NO_NAMES if chance.random() < 0.05 else _NAMES
        lines.append(f"{chance.choice(names)}: {chance.choice(_TEXTS)}")
    if chance.random() < 0.1:
        lines.append(_UPGRADE.rstrip())
    body = chance.choice(_BODIES) if chance.random() < 0.5 else b""
    if body and chance.random() < 0.8:
        lines.append(f"Content-Length: {len(body)}")
    if chance.random() < 0.9:
        lines.append("Connection: close")
    octets = bytearray("\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body)
    if chance.random() < 0.05:  # and a few that are no HTTP at all
        octets[chance.randrange(len(octets))] = chance.randrange(256)
    return bytes(octets)


def _url(chance: random.Random) -> str:
    return chance.choice(_TEXTS).replace(" ", "+").replace("\t", "%09")


def _pick(chance: random.Random, usual: Sequence[str], all_of_them: Sequence[str]) -> str:
    return chance.choice(usual if chance.random() < 0.8 else all_of_them)

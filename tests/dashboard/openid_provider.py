"""A provider of OpenID Connect on loopback: it keeps the rules, and breaks one where a test asks for it."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.brokers import free_port
from tests.patience import PATIENCE_SECONDS

CLIENT, SECRET = "printers", "a secret: with / and &"


@cache  # looking for primes takes longer than most tests of it
def _first_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first"})


@dataclass
class OpenIdProvider:
    """`person` is who sits before the browser; `lies` replace claims of the ID token."""

    issuer: str
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "42", "preferred_username": "kim"})
    userinfo: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    asked: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=_first_key)
    published: RSAKey | None = None
    keyless: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def sign_with_a_new_key(self, *, publish: bool) -> None:
        """As providers do from time to time; one that is not published is somebody else's."""
        before, self.key = self.key, RSAKey.generate_key(2048, {"kid": "second"})
        self.published = None if publish else before

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
                Route("/me", self._me),
            ]
        )

    async def _describe(self, _request: Request) -> Response:
        self.asked.append("description")
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        ends["userinfo_endpoint"] = "me"
        return JSONResponse(
            {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in ends.items()}}
        )

    async def _authorize(self, request: Request) -> Response:
        given = dict(request.query_params)
        assert given["response_type"] == "code"
        assert given["code_challenge_method"] == "S256"
        assert "openid" in given["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = given
        return RedirectResponse(
            f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state']})}", 303
        )

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form.get("code", ""), None)
        pair = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        right = (
            asked is not None
            and [unquote_plus(part) for part in pair.split(":")] == [CLIENT, SECRET]
            and asked["code_challenge"] == challenge.rstrip(b"=").decode()
            and asked["redirect_uri"] == form["redirect_uri"]
        )
        if not right or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "open", "token_type": "Bearer", "id_token": self._id_token(asked)}
        )

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        claims |= {**self.person, **self.lies}
        if self.algorithm == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        key = OctKey.import_key(SECRET) if self.algorithm == "HS256" else self.key
        return jwt.encode({"alg": self.algorithm, "kid": key.kid or "x"}, claims, key)

    async def _keys(self, _request: Request) -> Response:
        self.asked.append("keys")
        keys = KeySet([self.published or self.key]).as_dict(private=False)
        return JSONResponse({} if self.keyless else keys)

    async def _me(self, request: Request) -> Response:
        assert request.headers["authorization"] == "Bearer open"
        return JSONResponse({"sub": self.person["sub"], **self.userinfo})


@contextmanager
def providing() -> Iterator[OpenIdProvider]:
    """The provider on a free port, until the end of the block."""
    port = free_port()
    provider = OpenIdProvider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(provider.app(), port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(PATIENCE_SECONDS)


def path_of(url: str) -> str:
    """Path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"

"""`/login/sso` and `/login/callback`: to the provider and back; and who is named by our own proxy."""

import hashlib
import json
import secrets
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import anyio.to_thread
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.routes.forms import outside_of, safe_next, same_token, signed_in
from dashboard.routes.login_page import NO_DATABASE, LoginPage, login_answer
from dashboard.security.identities import Identity, account_of
from dashboard.security.openid import Attempt, Provider, SignOnFailed
from dashboard.security.sessions import Client, open_session
from dashboard.wiring import Wiring, wired
from fleet.database import writing
from fleet.errors import FleetError

_COOKIE: Final = "printers_sso"
_SECONDS: Final = 600
_LOST: Final = "The way back from the provider was lost. Try again."


def make_sign_on_routes(provider: Provider) -> list[Route]:
    """Both routes of one provider."""

    async def start(request: Request) -> Response:
        wanted = safe_next(request.query_params.get("next"))
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        attempt = Attempt(state, nonce, verifier, wanted)
        try:
            url = await anyio.to_thread.run_sync(provider.authorization_url, attempt)
        except SignOnFailed as error:
            return _again(request, wanted, str(error), 502)
        return _keep(request, RedirectResponse(url, 303), attempt, wired())

    async def callback(request: Request) -> Response:
        attempt = _kept(request, wired())
        if attempt is None or not same_token(attempt.state, request.query_params.get("state", "")):
            return _again(request, "/", _LOST, 400)
        code = request.query_params.get("code", "")
        if not code:  # the person or the provider said no
            return _again(request, attempt.next, "The provider did not sign you in.", 403)
        try:
            identity = await anyio.to_thread.run_sync(provider.identity, code, attempt)
            response = await _sign_in(request, identity, attempt.next)
        except (FleetError, SQLAlchemyError) as error:
            return _failed(request, attempt.next, error)
        response.delete_cookie(_COOKIE, path="/login")
        return response

    return [Route("/login/sso", start), Route("/login/callback", callback)]


async def by_proxy(request: Request, wanted: str) -> Response | None:
    """The answer for somebody whom a trusted proxy names; None where it names nobody."""
    seen = outside_of(request)
    if not seen.user:
        return None
    identity = Identity(f"proxy|{seen.user}", seen.user, groups=seen.groups, vouched=True)
    return await _sign_in(request, identity, wanted)


async def _sign_in(request: Request, identity: Identity, wanted: str) -> Response:
    wiring = wired()
    client = Client(outside_of(request).address, request.headers.get("user-agent", ""))
    token = await anyio.to_thread.run_sync(_open, wiring, identity, client)
    return signed_in(request, RedirectResponse(wanted, 303), token, wiring.settings.dashboard)


def _open(wiring: Wiring, identity: Identity, client: Client) -> str:
    now = datetime.now(UTC)
    with writing(wiring.engine) as connection:
        user_id = account_of(connection, identity, wiring.settings.sign_on, now)
        return open_session(connection, user_id, client, wiring.settings.dashboard, now)


def _failed(request: Request, wanted: str, error: Exception) -> Response:
    match error:
        case SignOnFailed():
            return _again(request, wanted, str(error), 502)
        case FleetError():
            return _again(request, wanted, str(error), 403)
        case _:
            return _again(request, wanted, NO_DATABASE, 503)


def _again(request: Request, wanted: str, message: str, status: int) -> Response:
    return login_answer(request, LoginPage(wanted, message=message), status)


def _keep(request: Request, response: Response, attempt: Attempt, wiring: Wiring) -> Response:
    claims = {"attempt": json.dumps(asdict(attempt)), "exp": int(time.time()) + _SECONDS}
    secure = outside_of(request).secure
    # Lax, not strict: the way back begins at the provider's site.
    response.set_cookie(
        _COOKIE,
        jwt.encode({"alg": "HS256"}, claims, _key(wiring)),
        max_age=_SECONDS,
        path="/login",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    response.headers["cache-control"] = "no-store"
    return response


def _kept(request: Request, wiring: Wiring) -> Attempt | None:
    try:
        token = jwt.decode(request.cookies.get(_COOKIE, ""), _key(wiring), algorithms=["HS256"])
        jwt.JWTClaimsRegistry(exp={"essential": True}).validate(token.claims)
        return Attempt(**json.loads(token.claims["attempt"]))
    except (JoseError, ValueError):
        return None


def _key(wiring: Wiring) -> OctKey:
    # Derived: what is signed for one purpose is nothing for another.
    return OctKey.import_key(hashlib.sha256(b"sign-on:" + wiring.settings.web.signing_key()).digest())

"""`/login/sso` and `/login/callback`: to the provider and back; and who is named by our own proxy."""

import secrets
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Final

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core.contract.errors import UserError
from core.runtime.wall_clock import utc_now
from core.storage.database import writing
from dashboard.access_log import record_refusal, record_sign_in
from dashboard.app_context import AppContext, current_app
from dashboard.web.answers import NO_DATABASE, UNCACHED
from dashboard.web.sign_in.external_accounts import ExternalIdentity, account_of
from dashboard.web.sign_in.forms import client_of, outside_of, safe_next, same_token, signed_in, viewer_of
from dashboard.web.sign_in.login_page import LoginPage, login_answer
from dashboard.web.sign_in.openid import Provider, SignOnAttempt, SignOnFailed
from dashboard.web.sign_in.sessions import ClientInfo, Proof, open_session
from dashboard.web.sign_in.signed_cookie import SignedCookie

# Lax, not strict: the way back begins at the provider's site.
_ATTEMPT: Final = SignedCookie("printers_sso", "sign-on", "/login", timedelta(minutes=10), samesite="lax")
_LOST: Final = "The way back from the provider was lost. Try again."


def make_sign_on_routes(provider: Provider) -> list[Route]:
    """Return both routes of one provider."""

    async def start(request: Request) -> Response:
        wanted = safe_next(request.query_params.get("next"))
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        started_at = int(utc_now().timestamp())
        anew = "confirm" in request.query_params
        attempt = SignOnAttempt(state, nonce, verifier, wanted, started_at, anew)
        try:
            url = await anyio.to_thread.run_sync(provider.authorization_url, attempt)
        except SignOnFailed as error:
            return _again(request, wanted, str(error), 502)
        response = RedirectResponse(url, 303, headers=UNCACHED)
        _ATTEMPT.keep(request, response, {"attempt": asdict(attempt)})
        return response

    async def callback(request: Request) -> Response:
        claims = _ATTEMPT.claims(request)
        attempt = SignOnAttempt(**claims["attempt"]) if claims else None
        if attempt is None or not same_token(attempt.state, request.query_params.get("state", "")):
            return _again(request, "/", _LOST, 400)
        code = request.query_params.get("code", "")
        if not code:  # the person or the provider said no
            return _again(request, attempt.next, "The provider did not sign you in.", 403)
        try:
            identity = await anyio.to_thread.run_sync(provider.identity, code, attempt)
            response = await _sign_in(request, identity, attempt.next)
        except (UserError, SQLAlchemyError) as error:
            if isinstance(error, UserError):
                await anyio.to_thread.run_sync(_record_failure, current_app(), client_of(request))
            return _failed(request, attempt.next, error)
        _ATTEMPT.forget(request, response)
        return response

    return [Route("/login/sso", start), Route("/login/callback", callback)]


async def by_proxy(request: Request, wanted: str) -> Response | None:
    """Sign in the user whom a trusted proxy names; None where it names none."""
    seen = outside_of(request)
    if not seen.user:
        return None
    identity = ExternalIdentity(f"proxy|{seen.user}", seen.user, groups=seen.groups, vouched=True)
    return await _sign_in(request, identity, wanted)


async def _sign_in(request: Request, identity: ExternalIdentity, wanted: str) -> Response:
    app_context = current_app()
    replaces = viewer_of(request).session
    token = await anyio.to_thread.run_sync(_open, app_context, identity, client_of(request), replaces)
    return signed_in(request, RedirectResponse(wanted, 303), token, app_context.settings.dashboard)


def _open(app_context: AppContext, identity: ExternalIdentity, client: ClientInfo, replaces: str) -> str:
    now = utc_now()
    settings = app_context.settings
    proof = Proof("proxy" if identity.vouched else "provider", identity.authenticated_at)
    with writing(app_context.engine) as connection:
        user = account_of(connection, identity, settings.sign_on, now)
        record_sign_in(connection, user.name, client, proof.method, now=now)
        return open_session(
            connection, user.id, client, settings.dashboard, now, proof=proof, replaces=replaces
        )


def _record_failure(app_context: AppContext, client: ClientInfo) -> None:
    with suppress(SQLAlchemyError), writing(app_context.engine) as connection:
        record_refusal(connection, "", client, "single sign-on failed", now=utc_now())


def _failed(request: Request, wanted: str, error: Exception) -> Response:
    match error:
        case SignOnFailed():
            return _again(request, wanted, str(error), 502)
        case UserError():
            return _again(request, wanted, str(error), 403)
        case _:  # no database: the page leads to the provider once more
            return _again(request, wanted, NO_DATABASE, 503)


def _again(request: Request, wanted: str, message: str, status: int) -> Response:
    return login_answer(request, LoginPage(wanted, message=message), status)

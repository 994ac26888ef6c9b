"""OpenID Connect: the authorization code flow with PKCE, and ID tokens verified by the provider's keys.

The one module that speaks HTTP to a provider. OpenID Connect Core 1.0 (3.1), Discovery 1.0, RFC 7636.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import urllib3
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.contract.errors import SettingsError, UserError
from core.runtime.failures import failure_text
from core.runtime.wall_clock import utc_now
from core.runtime.web_settings import SignOnSettings
from dashboard.web.sign_in.external_accounts import ExternalIdentity

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Signatures by the provider's own key; never one that our secret could make."""
_KEPT_SECONDS: Final = 3600.0
_LEEWAY_SECONDS: Final = 60
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=10)
_LARGEST_ANSWER: Final = 1024 * 1024
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class SignOnFailed(UserError):
    """The provider cannot be reached, or says what cannot be believed."""


@dataclass(frozen=True)
class SignOnAttempt:
    """One way to the provider and back; the browser keeps it, signed, until it returns."""

    state: str
    nonce: str
    verifier: str
    next: str
    started_at: int = 0
    """Seconds since the epoch."""
    anew: bool = False
    """The person has to sign in at the provider again, however long they have been signed in there."""


class Provider:
    """The provider of OIDC_ISSUER. Safe to use from several threads."""

    def __init__(self, settings: SignOnSettings, callback: str) -> None:
        issuer = settings.oidc_issuer or ""
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise SettingsError(
                "OIDC_ISSUER: is no https address; who signs in must not be told in the clear."
            )
        self._settings = settings
        self._issuer = issuer
        self._client_id = settings.oidc_client_id or ""
        self._callback = callback
        self._http = urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
        self._lock = threading.Lock()
        self._metadata: Mapping[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = 0.0

    def authorization_url(self, attempt: SignOnAttempt) -> str:
        """Return where the browser goes to sign in. Raises SignOnFailed."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(attempt.verifier.encode()).digest())
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._callback,
            "scope": "openid profile email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if attempt.anew:
            query["max_age"] = "0"  # also makes the provider say when (Core 1.0, 3.1.2.1)
        endpoint = str(self._known()["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def identity(self, code: str, attempt: SignOnAttempt) -> ExternalIdentity:
        """Return the identity of somebody who came back with this code. Raises SignOnFailed."""
        answer = self._exchange(code, attempt.verifier)
        claims = self._verified(str(answer.get("id_token", "")), attempt.nonce)
        authenticated_at = _moment(claims.get("auth_time"))
        if attempt.anew and (
            authenticated_at is None or authenticated_at.timestamp() < attempt.started_at - _LEEWAY_SECONDS
        ):
            raise SignOnFailed("The provider does not say that you have just signed in there (auth_time).")
        if not _told(claims, self._settings.oidc_role_claim) and "userinfo_endpoint" in self._known():
            claims = {**self._userinfo(str(answer.get("access_token", "")), claims["sub"]), **claims}
        return replace(self._identity(claims), authenticated_at=authenticated_at)

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        headers = {"accept": "application/json"}
        secret = self._settings.oidc_client_secret
        if secret is not None:
            methods = self._known().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
            if "client_secret_basic" in methods:
                headers |= _basic(self._client_id, secret.get_secret_value())
            else:
                fields["client_secret"] = secret.get_secret_value()
        endpoint = str(self._known()["token_endpoint"])
        headers["content-type"] = "application/x-www-form-urlencoded"
        return self._ask("POST", endpoint, headers, urlencode(fields))

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._decoded(token).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise SignOnFailed(f"The provider's answer cannot be believed ({error}).") from error
        if (
            isinstance(claims["aud"], list)
            and len(claims["aud"]) > 1
            and claims.get("azp") != self._client_id
        ):
            raise SignOnFailed("The provider's answer is meant for another program.")
        return dict(claims)

    def _decoded(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._known_keys(), algorithms=_ALGORITHMS)
        except (JoseError, ValueError):  # signed by a key that is newer than what we know?
            return jwt.decode(token, self._known_keys(fresh=True), algorithms=_ALGORITHMS)

    def _userinfo(self, access_token: str, subject: str) -> Mapping[str, Any]:
        headers = {"accept": "application/json", "authorization": f"Bearer {access_token}"}
        claims = self._ask("GET", str(self._known()["userinfo_endpoint"]), headers)
        return claims if claims.get("sub") == subject else {}

    def _identity(self, claims: Mapping[str, Any]) -> ExternalIdentity:
        groups = _told(claims, self._settings.oidc_role_claim)
        listed = groups if isinstance(groups, list) else [groups] if groups else []
        name = claims.get("preferred_username") or claims.get("email") or claims["sub"]
        return ExternalIdentity(
            subject=f"{self._issuer}|{claims['sub']}",
            name=str(name).strip().lower(),
            full_name=str(claims.get("name") or ""),
            email=str(claims.get("email") or ""),
            groups=tuple(str(group) for group in listed),
        )

    def _known(self) -> Mapping[str, Any]:
        """Return the provider's description of itself, read again when it is old."""
        with self._lock:
            if not self._metadata or time.monotonic() - self._read_at > _KEPT_SECONDS:
                url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                found = self._ask("GET", url, {"accept": "application/json"})
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if found.get("issuer") != self._issuer or not all(name in found for name in needed):
                    raise SignOnFailed("OIDC_ISSUER is not what the provider says of itself.")
                self._metadata, self._keys, self._read_at = found, None, time.monotonic()
            return self._metadata

    def _known_keys(self, *, fresh: bool = False) -> KeySet:
        uri = str(self._known()["jwks_uri"])
        with self._lock:
            if self._keys is None or fresh:
                answer: Any = self._ask("GET", uri, {"accept": "application/json"})
                self._keys = KeySet.import_key_set({"keys": [], **answer})
            return self._keys

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: str = "") -> Mapping[str, Any]:
        try:
            answer = self._http.request(
                method, url, headers=headers, body=body or None, redirect=False, preload_content=False
            )
            text = answer.read(_LARGEST_ANSWER, decode_content=True)
            answer.release_conn()
            found = json.loads(text) if answer.status == 200 else None  # noqa: PLR2004 (OK)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise SignOnFailed(f"The sign-on provider cannot be reached ({failure_text(error)}).") from error
        if not isinstance(found, dict):
            raise SignOnFailed(f"The sign-on provider refuses us ({answer.status} at {urlsplit(url).path}).")
        return found


def open_provider(settings: SignOnSettings, dashboard_url: str) -> Provider | None:
    """Return the provider, not asked yet; None where none is set. Raises SettingsError."""
    if not settings.oidc_issuer:
        return None
    return Provider(settings, f"{dashboard_url.rstrip('/')}/login/callback")


def _moment(claim: object) -> datetime | None:
    """Return a time that the provider tells; None where it is none, or lies ahead."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    now = utc_now()
    try:
        found = datetime.fromtimestamp(claim, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    if found > now + timedelta(seconds=_LEEWAY_SECONDS):
        return None
    return min(found, now)


def _told(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim, or what a dotted path leads to within one; None where there is none."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _basic(name: str, secret: str) -> dict[str, str]:
    # RFC 6749 2.3.1: both are form-encoded first.
    pair = f"{urlencode({'': name})[1:]}:{urlencode({'': secret})[1:]}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

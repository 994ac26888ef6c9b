"""Values that a browser keeps for us between two requests: signed, for one purpose and a short time."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey


def sign(key: bytes, purpose: str, claims: Mapping[str, Any], now: datetime, lasts: timedelta) -> str:
    """Return the claims as a signed token; `key` is WebSettings.signing_key()."""
    expires_at = int((now + lasts).timestamp())
    return jwt.encode({"alg": "HS256"}, {**claims, "exp": expires_at}, _key(key, purpose))


def verified(key: bytes, purpose: str, token: str, now: datetime) -> Mapping[str, Any] | None:
    """Return the claims of a token of ours for this purpose; None where it is none or is too old."""
    try:
        claims = jwt.decode(token, _key(key, purpose), algorithms=["HS256"]).claims
        expiry = jwt.JWTClaimsRegistry(now=int(now.timestamp()), leeway=0, exp={"essential": True})
        expiry.validate(claims)
    except (JoseError, ValueError):
        return None
    return claims


def _key(key: bytes, purpose: str) -> OctKey:
    # Derived: what is signed for one purpose is nothing for another.
    return OctKey.import_key(hashlib.sha256(f"{purpose}:".encode() + key).digest())

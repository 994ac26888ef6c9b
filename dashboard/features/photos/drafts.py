"""Drafts of reports and comments, to which photos are sent before it is known whether they will be filed.

A draft is known by a token of ours that the page's form gives to the browser: nobody else can send photos.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from core.domain.tokens import hashed
from dashboard.web.sign_in.signed import sign, verified

DRAFT_LASTS: Final = timedelta(days=1)
"""As long a photo waits to be filed with a report or comment."""
_PURPOSE: Final = "photo draft"


def new_draft(key: bytes, now: datetime) -> str:
    """Return the token of a new draft; `key` is WebSettings.signing_key()."""
    return sign(key, _PURPOSE, {"draft": secrets.token_urlsafe(16)}, now, DRAFT_LASTS)


def draft_hash(key: bytes, token: str, now: datetime) -> str | None:
    """Return what photos of that draft are stored under; None where the token is not ours or too old."""
    claims = verified(key, _PURPOSE, token, now)
    return hashed(str(claims.get("draft"))) if claims else None

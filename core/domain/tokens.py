"""Random tokens of sessions and programs: of each only the SHA-256 is stored."""

import hashlib


def hashed(token: str) -> str:
    """Return the hash of a token, which is all that is stored of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()

"""Random tokens of sessions and programs: of each only the SHA-256 is stored."""

import hashlib


def hashed(token: str) -> str:
    """Return what is stored of a token: who reads the database cannot use it."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()

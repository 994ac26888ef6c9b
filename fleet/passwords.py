"""Passwords: Argon2id hashes at OWASP's minimum profile, about 20 ms of CPU each."""

import secrets
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST: Final = 10
LONGEST: Final = 256
_FEW_DIFFERENT: Final = 4


def objection(password: str, name: str = "") -> str:
    """Why a password cannot be used, in one sentence; empty where it can (NIST SP 800-63B 5.1.1.2)."""
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    if len(set(password)) < _FEW_DIFFERENT or (name and name.lower() in password.lower()):
        return "That password is too easy to guess: it repeats itself or holds the user's name."
    return ""


def make_password() -> str:
    """A password nobody has thought of."""
    return secrets.token_urlsafe(12)


def hash_password(password: str) -> str:
    """What is stored of it."""
    return _hasher().hash(password)


def verify(password: str, stored: str) -> bool:
    """Whether it is that password. Takes as long where nothing is stored, so that names cannot be guessed."""
    known = bool(stored)
    return _hasher().verify(password[: LONGEST + 1], stored if known else _nobodys()) and known


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(12))

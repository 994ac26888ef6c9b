"""Passwords: which ones are accepted, and Argon2id hashes at OWASP's minimum profile (about 20 ms of CPU)."""

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST: Final = 12
LONGEST: Final = 256
FIRST_PASSWORD_LASTS: Final = timedelta(days=7)
"""A password that somebody else has set signs its owner in for this long."""

_WANTED_SCORE: Final = 3
"""Of zxcvbn's 0 to 4: safe against guessing at a login, and 10^8 guesses at the least."""
_JUDGED: Final = 72
"""As many characters as zxcvbn judges; a longer password is no weaker."""
_PRODUCT: Final = ("printer", "printers", "printer system", "print", "toner")
_WORD: Final = re.compile(r"[^\W_]+")
_DIGITS_AS_LETTERS: Final[tuple[Mapping[int, int], ...]] = (
    str.maketrans("01345789@$!|", "oieastbgasil"),
    str.maketrans("01345789@$!|", "oleastbgasll"),
)
"""What people write in place of letters; a 1 is an i or an l."""
_SHORTEST_NAME: Final = 3
"""Shorter pieces of names are parts of too many words to be taken out of a password."""


def objection(password: str, names: Iterable[str] = ()) -> str:
    """Return why a password cannot be used, in one sentence; "" where it can (NIST SP 800-63B 5.1.1.2).

    `names` are what a guesser tries first: the user's, the organization's. The product's are added. What is
    left of the password without them has to be hard to guess as well.
    """
    if len(password) < SHORTEST:
        return f"A password has at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"A password has at most {LONGEST} characters."
    # Its lists of words are read when it is imported: 40 ms of each start of what judges no password.
    from zxcvbn import zxcvbn  # type: ignore[import-untyped] # it has no types

    known = guessable_words((*names, *_PRODUCT))
    judged = password[:_JUDGED]
    verdict = zxcvbn(judged, user_inputs=known)
    if verdict["score"] < _WANTED_SCORE:
        warning = str(verdict["feedback"]["warning"]).rstrip(".")
        return f"That password is too easy to guess{f' ({warning})' if warning else ''}: add a word or two."
    rest = _without(judged, known)
    if rest != judged and (not rest or zxcvbn(rest, user_inputs=known)["score"] < _WANTED_SCORE):
        return (
            "That password is too easy to guess: it is made of the name of a person, the organization or "
            "this system. Choose other words."
        )
    return ""


def guessable_words(names: Iterable[str]) -> list[str]:
    """Return the names, their words and their words run together, in lower case: for `objection`."""
    found: dict[str, None] = {}
    for name in names:
        words = _WORD.findall(name.lower())
        for text in (name.strip().lower(), *words, "".join(words)):
            if text:
                found[text] = None
    return list(found)


def _without(password: str, known: Iterable[str]) -> str:
    """Return the password without these words, longest first, also with digits for letters (h4rtw3ll)."""
    rest = password
    for word in sorted(known, key=len, reverse=True):
        if len(word) < _SHORTEST_NAME:
            continue
        for letters in _DIGITS_AS_LETTERS:
            sought = _letter_by_letter(word, letters)
            while (at := _letter_by_letter(rest, letters).find(sought)) >= 0:
                rest = rest[:at] + rest[at + len(word) :]
    return rest


def _letter_by_letter(text: str, letters: Mapping[int, int]) -> str:
    """Return the text in lower case with letters for digits, as long as it was."""
    return "".join(lower if len(lower := sign.lower()) == 1 else sign for sign in text).translate(letters)


def make_password() -> str:
    """Return a random password."""
    return secrets.token_urlsafe(12)


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher().hash(password)


def verify(password: str, stored: str) -> bool:
    """Return whether it is that password, in the same time where nothing is stored: no name shows."""
    known = bool(stored)
    return _hasher().verify(password[: LONGEST + 1], stored if known else _nobodys()) and known


def has_expired(must_change: bool, expires_at: datetime | None, now: datetime) -> bool:
    """Return whether a password is a first one that was not changed in time."""
    return must_change and expires_at is not None and expires_at <= now


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(12))

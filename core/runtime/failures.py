"""Describe failures for a log line or a page: no names of classes, which tell an operator nothing."""

import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final

from core.contract.errors import UserError

_MOST_CAUSES: Final = 10
_OBJECT: Final = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:? ?")
_CLASS: Final = re.compile(r"\(?\b(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Timeout)\b\)?:? ?")
_UNEXPECTED: Final = "an unexpected error"


def failure_text(error: BaseException) -> str:
    """Return one line about an error: what the system or the server says, whatever library wrapped it.

    What none of our code expects is called so; DEBUG shows where it came from.
    """
    if isinstance(error, UserError):
        return str(error).rstrip(".")
    chain = list(_causes(error))
    # The innermost knows best: the others say which library it went through.
    known = next(filter(None, map(_of_the_system, reversed(chain))), "")
    said = known or next(filter(None, map(_in_words, reversed(chain))), "")
    if known or any(map(_is_expected, chain)):
        return said or "no reason is given"
    return f"{_UNEXPECTED} ({said})" if said else _UNEXPECTED


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the error, and by whichever name it keeps them what it was raised from."""
    cause: object = error
    for _ in range(_MOST_CAUSES):
        if not isinstance(cause, BaseException):
            return
        yield cause
        inner = (getattr(cause, name, None) for name in ("reason", "orig", "__cause__"))
        cause = next((one for one in inner if isinstance(one, BaseException)), None)


def _of_the_system(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, socket.gaierror):
        return "its host name is not known"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        place = f": {error.filename}" if error.filename is not None else ""
        return f"{error.strerror}{place}"
    return ""


def _is_expected(error: BaseException) -> bool:
    """Return whether a library or the system raised it, rather than a mistake in a program."""
    return isinstance(error, OSError) or type(error).__module__.partition(".")[0] != "builtins"


def _in_words(error: BaseException) -> str:
    """Return the first line of what it says, without objects and classes."""
    lines = str(error).strip().splitlines()
    return _CLASS.sub("", _OBJECT.sub("", lines[0])).strip() if lines else ""

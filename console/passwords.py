"""A password from whoever sits there, from a pipe, or made."""

import getpass
import sys
from dataclasses import dataclass

from core.contract.errors import UserError
from core.domain.passwords import LONGEST, make_password, objection


@dataclass(frozen=True)
class Password:
    """A new password."""

    text: str
    made: bool
    """By us, so that it has to be told."""


def ask_password(*, from_stdin: bool) -> Password:
    """Read the password from standard input if asked to, else from the terminal; else make one."""
    if from_stdin:
        text = sys.stdin.readline(LONGEST + 2).rstrip("\r\n")
        if not text:
            raise UserError("--password-stdin: the first line of standard input is empty.")
        return Password(_good(text), made=False)
    if not sys.stdin.isatty():
        return Password(make_password(), made=True)
    text = getpass.getpass("Password (empty: one is made): ")
    if not text:
        return Password(make_password(), made=True)
    if getpass.getpass("Once more: ") != text:
        raise UserError("the two passwords differ; nothing was changed.")
    return Password(_good(text), made=False)


def _good(text: str) -> str:
    if why := objection(text):
        raise UserError(why)
    return text

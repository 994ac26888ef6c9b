"""What a check finds: a subject, how bad it is, a sentence, and how to mend it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One line of `check`."""

    subject: str
    level: Level
    text: str
    mend: str = ""


def ok(subject: str, text: str) -> Finding:
    """All is well with this."""
    return Finding(subject, "ok", text)


def warning(subject: str, text: str, mend: str) -> Finding:
    """It works, but something should be done."""
    return Finding(subject, "warning", text, mend)


def error(subject: str, text: str, mend: str) -> Finding:
    """It does not work until something is done."""
    return Finding(subject, "error", text, mend)

"""What a check finds: a subject, how bad it is, a sentence, and how to mend it."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class CheckFinding:
    """One line of `check`."""

    subject: str
    level: Level
    text: str
    mend: str = ""


def ok(subject: str, text: str) -> CheckFinding:
    """All is well with this."""
    return CheckFinding(subject, "ok", text)


def warning(subject: str, text: str, mend: str) -> CheckFinding:
    """It works, but something should be done."""
    return CheckFinding(subject, "warning", text, mend)


def error(subject: str, text: str, mend: str) -> CheckFinding:
    """It does not work until something is done."""
    return CheckFinding(subject, "error", text, mend)

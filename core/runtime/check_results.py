"""What a check of a part of the system finds, before `printers check` says which part it is."""

from dataclasses import dataclass
from typing import Literal

CheckLevel = Literal["ok", "hint", "warning", "error"]
"""hint: nothing is wrong, and something more could be had."""


@dataclass(frozen=True)
class CheckResult:
    """One finding; `mend` says what to do where it is no `ok`."""

    level: CheckLevel
    text: str
    mend: str = ""


def ok(text: str) -> CheckResult:
    """Return a finding that all is well."""
    return CheckResult("ok", text)


def warning(text: str, mend: str) -> CheckResult:
    """Return a finding: it works, but something should be done."""
    return CheckResult("warning", text, mend)


def error(text: str, mend: str) -> CheckResult:
    """Return a finding: it does not work until something is done."""
    return CheckResult("error", text, mend)

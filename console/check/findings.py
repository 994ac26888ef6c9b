"""Findings of the checks: a subject, its severity, a sentence, and how to mend it."""

from dataclasses import dataclass

from core.runtime.check_results import CheckLevel


@dataclass(frozen=True)
class CheckFinding:
    """One line of `check`."""

    subject: str
    level: CheckLevel
    text: str
    mend: str = ""


def ok(subject: str, text: str) -> CheckFinding:
    """Return a finding that all is well."""
    return CheckFinding(subject, "ok", text)


def warning(subject: str, text: str, mend: str) -> CheckFinding:
    """Return a finding: it works, but something should be done."""
    return CheckFinding(subject, "warning", text, mend)


def error(subject: str, text: str, mend: str) -> CheckFinding:
    """Return a finding: it does not work until something is done."""
    return CheckFinding(subject, "error", text, mend)

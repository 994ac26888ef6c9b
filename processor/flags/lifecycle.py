"""Lifecycle of flags: raised at once, cleared only when their absence is certain, never flapping."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.contract.messages import Attention, Evidence
from core.domain.conditions import ALERT_CRITICAL, ALERT_WARNING, SEVERITY_RANK, fixer_of
from core.domain.thresholds import readings_to_clear
from processor.rules.findings import Finding, FlagKey, stronger_codes

_ALERTS: Final = (ALERT_CRITICAL, ALERT_WARNING)


@dataclass(frozen=True, slots=True)
class Clearing:
    """Conditions under which a flag that is not shown any more is cleared."""

    after: int
    """So many readings in a row without it."""
    tells_of: Callable[[Evidence], bool]
    """Whether the reading would have shown this, were it still there: it may not have been answered."""
    vague: set[FlagKey]
    gone: Mapping[str, int]
    """Counted so far, by "code|subject"."""


@dataclass(frozen=True, slots=True)
class FlagLifecycle:
    """The flags after a reading, and how long each of them has been unseen."""

    flags: tuple[Attention, ...]
    gone: dict[str, int]


def follow(
    findings: list[Finding], known: Mapping[FlagKey, Attention], clearing: Clearing, at: datetime
) -> FlagLifecycle:
    """Carry the known flags on with the findings of a reading taken `at`."""
    current = {finding.key: finding for finding in findings}
    kept, gone = _unseen(current, known, clearing)
    flags = dict(kept)
    for key, finding in current.items():
        # While the worse of two is not certainly gone, the condition is shown as that one alone.
        if any((code, key[1]) in kept for code in stronger_codes(key)):
            continue
        flags[key] = _flag(finding, _earlier(finding, known, current), key_text(key) in clearing.gone, at)
    return FlagLifecycle(tuple(sorted(flags.values(), key=_order)), gone)


def _unseen(
    current: Mapping[FlagKey, Finding], known: Mapping[FlagKey, Attention], clearing: Clearing
) -> tuple[dict[FlagKey, Attention], dict[str, int]]:
    kept: dict[FlagKey, Attention] = {}
    gone: dict[str, int] = {}
    for key, flag in known.items():
        if key in current or _goes_on_as_another(key, flag, current, known):
            continue
        told = all(map(clearing.tells_of, flag.evidence))
        count = clearing.gone.get(key_text(key), 0) + told
        if not told or count < readings_to_clear(clearing.after, vague=key in clearing.vague):
            kept[key], gone[key_text(key)] = flag, count
    return kept, gone


def _goes_on_as_another(
    key: FlagKey, flag: Attention, current: Mapping[FlagKey, Finding], known: Mapping[FlagKey, Attention]
) -> bool:
    if any((code, key[1]) in current for code in stronger_codes(key)):
        return True
    return any(_is_renamed(flag, finding) for new, finding in current.items() if new not in known)


def _earlier(
    finding: Finding, known: Mapping[FlagKey, Attention], current: Mapping[FlagKey, Finding]
) -> Attention | None:
    same = known.get(finding.key)
    if same is not None and _is_same(same, finding):
        return same
    ended = (flag for key, flag in known.items() if key not in current or not _is_same(flag, current[key]))
    return next((flag for flag in ended if _is_renamed(flag, finding)), None)


def _is_same(flag: Attention, finding: Finding) -> bool:
    """Return whether a finding is this flag: an alert's row may have been given to another alert."""
    if flag.code not in _ALERTS or finding.says_as(flag):
        return True
    return flag.evidence[:1] == finding.evidence[:1]


def _is_renamed(flag: Attention, finding: Finding) -> bool:
    """Return whether it is the same condition, now known (or no longer known) to be about a certain row."""
    if flag.code != finding.code or flag.subject == finding.subject:
        return False
    if flag.code in _ALERTS:
        return finding.says_as(flag)
    return not flag.subject or not finding.subject


def _flag(finding: Finding, before: Attention | None, was_gone: bool, at: datetime) -> Attention:
    return Attention(
        code=finding.code,
        subject=finding.subject,
        severity=finding.severity,
        message=finding.message,
        parameters=dict(finding.parameters),
        since_at=before.since_at if before else at,
        fixer=finding.fixer or fixer_of(finding.code),
        readings=before.readings + 1 if before and not was_gone else 1,
        stops=finding.stops,
        evidence=finding.evidence,
    )


def _order(flag: Attention) -> tuple[bool, int, datetime, str, str]:
    """Return the sort key of a flag: what stops the printer leads, then the worst, then the oldest."""
    return not flag.stops, -SEVERITY_RANK[flag.severity], flag.since_at, flag.code, flag.subject


def key_text(key: FlagKey) -> str:
    """Return a flag's key as JSON can hold it."""
    return "|".join(key)

"""A condition that one reading shows, and how several reports of one condition become one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.contract.messages import Attention, Evidence, Fixer, Severity
from core.domain.conditions import CONDITIONS, SEVERITY_RANK, sentence

FlagKey = tuple[str, str]
"""Code and subject: one condition is one flag."""

MAX_EVIDENCE: Final = 8


def key_of(flag: Attention) -> FlagKey:
    """Return what names a flag of a printer."""
    return flag.code, flag.subject


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that the rules found in one reading."""

    code: str
    subject: str
    severity: Severity
    parameters: Mapping[str, str]
    """What its sentence is made of: see core/domain/conditions.py."""
    evidence: tuple[Evidence, ...]
    fixer: Fixer | None = None
    """Who the printer says can mend it; None where it does not say."""
    stops: bool = False
    """It keeps the printer from printing, by what the printer itself reports."""

    @property
    def key(self) -> FlagKey:
        return self.code, self.subject

    @property
    def message(self) -> str:
        """What it says."""
        return sentence(self.code, self.parameters)

    def says_as(self, flag: Attention) -> bool:
        """Return whether a flag of this code has the same parameters; by its words where it has none yet."""
        if flag.parameters is None:
            return flag.message == self.message
        return flag.parameters == self.parameters

    def joined(self, other: "Finding") -> "Finding":
        """Return both as one: the words of this one, the evidence of both, the strongest severity."""
        seen = {(each.object, each.index) for each in self.evidence}
        more = tuple(each for each in other.evidence if (each.object, each.index) not in seen)
        return replace(
            self,
            severity=max(self.severity, other.severity, key=SEVERITY_RANK.__getitem__),
            evidence=(self.evidence + more)[:MAX_EVIDENCE],
            fixer=self.fixer or other.fixer,
            stops=self.stops or other.stops,
        )


class Findings:
    """The findings of one reading, one for each condition."""

    def __init__(self) -> None:
        self._found: dict[FlagKey, Finding] = {}

    def __iter__(self) -> Iterator[Finding]:
        return iter([*self._found.values()])

    def add(self, finding: Finding) -> None:
        """Take in a finding; one of the same code and subject is the same condition."""
        before = self._found.get(finding.key)
        self._found[finding.key] = before.joined(finding) if before else finding

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def of(self, *codes: str) -> list[Finding]:
        """Return those with one of these codes, worst first."""
        found = [finding for finding in self._found.values() if finding.code in codes]
        return sorted(found, key=lambda finding: -SEVERITY_RANK[finding.severity])

    def join(self, known: Finding, report: Finding) -> None:
        """Merge `report`, which turned out to be about the condition `known`, into it."""
        self._found[known.key] = known.joined(report)

    def turn(self, known: Finding, into: Finding) -> None:
        """Replace `known` by a finding that says it better."""
        self._found.pop(known.key, None)
        self.add(into.joined(known))

    def drop(self, known: Finding) -> None:
        """Drop a finding that another one says."""
        self._found.pop(known.key, None)

    def settle(self) -> None:
        """Merge reports that name no row into those that do, and weaker conditions into stronger ones."""
        if len(self._found) < 2:  # noqa: PLR2004 (nothing to fold into)
            return
        for key in [*self._found]:
            finding = self._found[key]
            codes = (finding.code, *CONDITIONS[finding.code].same_as)
            named = [] if finding.subject else [other for other in self.of(*codes) if other.subject]
            if named:
                self.turn(finding, named[0])
        for key in [*self._found]:
            for code in stronger_codes(key):
                if stronger := self._found.get((code, key[1])):
                    self.turn(self._found[key], stronger)
                    break


def stronger_codes(key: FlagKey) -> tuple[str, ...]:
    """Return the codes that, of the same subject, say more than this one."""
    condition = CONDITIONS.get(key[0])
    if condition is None:
        return ()
    # Without a row "missing" and "empty" may be two things of one printer.
    return condition.stronger if key[1] else condition.same_as

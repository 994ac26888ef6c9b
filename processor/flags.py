"""The lives of a printer's flags, from first seen to cleared, over the readings of a batch."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from fleet.messages import Attention

FlagKey = tuple[str, str]
"""Code and subject: one condition is one flag."""


def key_of(flag: Attention) -> FlagKey:
    """What names a flag of a printer."""
    return flag.code, flag.subject


@dataclass
class Life:
    """One life of a flag; `stored` where the table has it since an earlier batch."""

    flag: Attention
    stored: bool
    returned: bool = False
    """It began before the reading that shows it: hidden meanwhile, its row may be there, cleared."""
    changed: bool = False
    cleared_at: datetime | None = None


@dataclass
class Lives:
    """The open lives of one printer, and those that ended in this batch."""

    open: dict[FlagKey, Life] = field(default_factory=dict)
    ended: list[Life] = field(default_factory=list)

    @classmethod
    def stored(cls, flags: Iterable[Attention]) -> "Lives":
        """As the last batch left them."""
        return cls({key_of(flag): Life(flag, stored=True) for flag in flags})

    def follow(self, flags: Iterable[Attention], at: datetime) -> list[Attention]:
        """Take over the flags of a reading taken `at`; returns those that are gone."""
        shown = {key_of(flag): flag for flag in flags}
        gone = [self._end(key, at) for key in [*self.open] if key not in shown]
        for key, flag in shown.items():
            life = self.open.get(key) or self._begin(key, flag, at)
            life.changed |= _look(flag) != _look(life.flag)
            life.flag = flag
        return gone

    def _end(self, key: FlagKey, at: datetime) -> Attention:
        life = self.open.pop(key)
        life.cleared_at = at
        self.ended.append(life)
        return life.flag

    def _begin(self, key: FlagKey, flag: Attention, at: datetime) -> Life:
        for life in self.ended:
            if key_of(life.flag) == key and life.flag.since_at == flag.since_at:
                self.ended.remove(life)
                life.cleared_at = None
                break
        else:
            life = Life(flag, stored=False, returned=flag.since_at < at)
        self.open[key] = life
        return life


def _look(flag: Attention) -> tuple[str, str, str]:
    # Not the evidence and the count: a level that falls by a page is not worth a write.
    return flag.severity, flag.message, flag.fixer

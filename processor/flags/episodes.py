"""The lives of a printer's flags, from first seen to cleared, over the readings of a batch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core.contract.messages import Attention
from processor.rules.findings import FlagKey, key_of


@dataclass
class FlagEpisode:
    """One life of a flag; `stored` where the table has it since an earlier batch."""

    flag: Attention
    stored: bool
    returned: bool = False
    """It began before the reading that shows it: hidden meanwhile, its row may be there, cleared."""
    changed: bool = False
    cleared_at: datetime | None = None
    outcome: str = ""
    """Why it ended, where its condition was not seen to be gone: see AttentionRow."""
    stored_subject: str | None = None
    """The subject that the table has, where the row it is about has been numbered anew since."""


@dataclass
class FlagEpisodes:
    """The open lives of one printer, and those that ended in this batch."""

    open: dict[FlagKey, FlagEpisode] = field(default_factory=dict)
    ended: list[FlagEpisode] = field(default_factory=list)

    @classmethod
    def stored(cls, flags: Iterable[Attention]) -> "FlagEpisodes":
        """Return the episodes as the last batch left them."""
        return cls({key_of(flag): FlagEpisode(flag, stored=True) for flag in flags})

    def follow(self, flags: Iterable[Attention], at: datetime) -> list[Attention]:
        """Take over the flags of a reading taken `at`; returns those that are gone."""
        shown = {key_of(flag): flag for flag in flags}
        gone = [self._end(key, at) for key in [*self.open] if key not in shown]
        for key, flag in shown.items():
            episode = self.open.get(key) or self._begin(key, flag, at)
            episode.changed |= look_of(flag) != look_of(episode.flag)
            episode.flag = flag
        return gone

    def end_all(self, at: datetime, outcome: str) -> None:
        """End every open life, not because its condition is gone but for the reason given."""
        self.end(tuple(self.open), at, outcome)

    def end(self, keys: Iterable[FlagKey], at: datetime, outcome: str) -> None:
        """End those of these lives that are open, for the reason given."""
        for key in sorted(self.open.keys() & keys):
            self._end(key, at, outcome)

    def rename(self, renamed: Callable[[Attention], Attention], at: datetime) -> None:
        """Let the lives follow the rows they are about to their new numbers."""
        before, self.open = self.open, {}
        staying: dict[FlagKey, FlagEpisode] = {}
        for key, episode in before.items():
            flag = renamed(episode.flag)
            if flag is episode.flag:
                staying[key] = episode
                continue
            if episode.stored and episode.stored_subject is None:
                episode.stored_subject = episode.flag.subject
            episode.flag = flag
            self.open[key_of(flag)] = episode
        for key, episode in staying.items():
            if key in self.open:
                episode.cleared_at = at
                self.ended.append(episode)
            else:
                self.open[key] = episode

    def redate(self, redated: Callable[[Attention], Attention]) -> None:
        """Let open lives begin when they can have begun, by a clock that was set back."""
        for episode in self.open.values():
            flag = redated(episode.flag)
            episode.changed |= flag is not episode.flag
            episode.flag = flag

    def _end(self, key: FlagKey, at: datetime, outcome: str = "") -> Attention:
        episode = self.open.pop(key)
        episode.cleared_at, episode.outcome = at, outcome
        self.ended.append(episode)
        return episode.flag

    def _begin(self, key: FlagKey, flag: Attention, at: datetime) -> FlagEpisode:
        for episode in self.ended:
            if not episode.outcome and key_of(episode.flag) == key and episode.flag.since_at == flag.since_at:
                self.ended.remove(episode)
                episode.cleared_at, episode.outcome = None, ""
                break
        else:
            episode = FlagEpisode(flag, stored=False, returned=flag.since_at < at)
        self.open[key] = episode
        return episode


def look_of(flag: Attention) -> tuple[str, dict[str, str] | str, str]:
    """Return what about a flag is worth a write, and a message to others.

    Not the evidence and the count, which change with every reading; not the sentence, which is made anew.
    """
    return flag.severity, flag.message if flag.parameters is None else flag.parameters, flag.fixer
